"""Global pooling: each channel of an image becomes one number."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.max_pool2d import MaxPool2D
from nnfs_cli.nn.layers.window import require_image


@layer("global_avg_pool2d", "global_average_pooling2d")
class GlobalAvgPool2D(Layer):
    """The mean of each channel: x (N, H, W, C), y (N, C); dL/dx = dy / (H · W).

    Lin, Chen and Yan, "Network in Network", 2013, arXiv:1312.4400.
    """

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False

    def build(self, input_shape: Shape) -> Shape:
        """A number a channel; refuse what is no image."""
        require_image(self.word, input_shape)
        self.image_shape = input_shape
        return input_shape[2:]

    def forward(self, x: Array, training: bool) -> Array:
        """y = the mean of each channel, as 1ᵀ x / (H · W): faster than `np.mean`."""
        height, width, channels = self.image_shape
        weights = self.scratch("weights", (1, height * width))
        weights.fill(1.0 / weights.size)
        y = self.scratch("out", (len(x), 1, channels))
        return np.matmul(weights, x.reshape(len(x), -1, channels), out=y)[:, 0]

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy / (H · W) at every pixel."""
        dy *= 1.0 / (self.image_shape[0] * self.image_shape[1])
        dx = self.gradient((len(dy), *self.image_shape))
        np.copyto(dx, dy[:, np.newaxis, np.newaxis])
        return dx


@layer("global_max_pool2d", "global_max_pooling2d")
class GlobalMaxPool2D(Layer):
    """The largest number of each channel: x (N, H, W, C), y (N, C).

    It is max pooling whose window is the whole image, and has its gradient.
    """

    def build(self, input_shape: Shape) -> Shape:
        """A number a channel; refuse what is no image."""
        require_image(self.word, input_shape)
        self.pooling = MaxPool2D([*input_shape[:2]])
        self.pooling.prepare(self.dtype)
        self.pooling.build(input_shape)
        return input_shape[2:]

    def forward(self, x: Array, training: bool) -> Array:
        """y = the largest of each channel."""
        return self.pooling.forward(x, training)[:, 0, 0]

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy where the largest number was, else 0."""
        return self.pooling.backward(dy[:, np.newaxis, np.newaxis])
