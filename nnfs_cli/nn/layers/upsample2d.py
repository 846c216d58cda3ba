"""Upsampling: every pixel becomes a block of equal pixels."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.window import Pair, pair, require_image


@layer("upsample2d", "upsampling2d")
class Upsample2D(Layer):
    """Nearest-neighbour upsampling: x (N, H, W, C), y (N, s H, t W, C) with s, t = ``size``.

    Gradient: dL/dx = the sum of dy over each pixel's block.
    """

    size: Pair = Field(default=2, description="copies of each pixel: a side, or [down, right]")

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False

    def build(self, input_shape: Shape) -> Shape:
        """The larger image; refuse what is no image."""
        require_image(self.word, input_shape)
        height, width, channels = input_shape
        self.down, self.right = pair(self.size)
        self.image_shape = input_shape
        self.blocks_shape = (height, self.down, width, self.right, channels)
        return (height * self.down, width * self.right, channels)

    def forward(self, x: Array, training: bool) -> Array:
        """y = every pixel copied into its block."""
        blocks = self.scratch("out", (len(x), *self.blocks_shape))
        np.copyto(blocks, x[:, :, np.newaxis, :, np.newaxis])
        height, down, width, right, channels = self.blocks_shape
        return blocks.reshape(len(x), height * down, width * right, channels)

    def backward(self, dy: Array) -> Array:
        """dL/dx = the sum of dy over each pixel's block."""
        blocks = dy.reshape(len(dy), *self.blocks_shape)
        dx = self.gradient((len(dy), *self.image_shape))
        np.copyto(dx, blocks[:, :, 0, :, 0])
        for copy in range(1, self.down * self.right):
            dx += blocks[:, :, copy // self.right, :, copy % self.right]
        return dx

    def flops(self, input_shape: Shape) -> int:
        """None: numbers only move."""
        return 0
