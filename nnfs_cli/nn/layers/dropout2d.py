"""Dropout of whole channels: in training, a random fraction of the channels is set to zero."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.layers.dropout import Dropout
from nnfs_cli.nn.layers.window import require_image


@layer("dropout2d", "spatial_dropout2d")
class Dropout2D(Dropout):
    """Dropout that sets a channel of an image to zero as a whole, since neighbours are alike.

    y = x m / (1 - rate), with one m for each sample and channel: 0 with probability ``rate``,
    else 1. Gradient: dL/dx = dy m / (1 - rate). Shapes: x, y (N, H, W, C); m (N, 1, 1, C).
    Tompson et al., "Efficient Object Localization Using Convolutional Networks", 2015.
    """

    def build(self, input_shape: Shape) -> Shape:
        """Refuse what is no image."""
        require_image(self.word, input_shape)
        return input_shape

    def draw_mask(self, x: Array) -> Array:
        """m / (1 - rate) for each sample and channel."""
        mask = self.scratch("mask", (len(x), 1, 1, x.shape[3]))
        np.greater_equal(self.generator.random(mask.shape), self.rate, out=mask)
        mask *= 1.0 / (1.0 - self.rate)
        return mask
