"""Dropout: in training, a random fraction of the numbers is set to zero."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.layer import Layer


@layer("dropout")
class Dropout(Layer):
    """Inverted dropout: y = x m / (1 - rate), with m = 0 with probability ``rate``, else 1.

    The division keeps the mean, so that in inference y = x. Gradient: dL/dx = dy m / (1 - rate).
    Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014.
    """

    rate: float = Field(ge=0.0, le=0.999, description="fraction of the numbers set to zero")

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False
    elementwise: ClassVar[bool] = True
    returns_view: ClassVar[bool] = True
    random: ClassVar[bool] = True

    def forward(self, x: Array, training: bool) -> Array:
        """y = x m / (1 - rate) in training, else x itself."""
        self.mask = self.draw_mask(x) if training and self.rate else None
        return x if self.mask is None else np.multiply(x, self.mask, out=self.out(x))

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy m / (1 - rate)."""
        return dy if self.mask is None else np.multiply(dy, self.mask, out=dy)

    def draw_mask(self, x: Array) -> Array:
        """m / (1 - rate), each number from 16 random bits: half the time of floats."""
        bits = self.generator.bit_generator.random_raw(-(-x.size // 4)).view(np.uint16)[: x.size]
        threshold = round(self.rate * 65_536)
        mask = self.scratch("mask", x.shape)
        np.greater_equal(bits.reshape(x.shape), threshold, out=mask)
        mask *= 65_536 / (65_536 - threshold)
        return mask
