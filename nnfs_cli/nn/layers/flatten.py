"""Flatten: an image becomes a vector."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.layer import Layer


@layer("flatten")
class Flatten(Layer):
    """All axes but the first as one: (N, a, b, ...) becomes (N, a * b * ...)."""

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False
    returns_view: ClassVar[bool] = True

    def build(self, input_shape: Shape) -> Shape:
        """One axis holds all the features."""
        self.input_shape = input_shape
        return (int(np.prod(input_shape)),)

    def forward(self, x: Array, training: bool) -> Array:
        """y = the same numbers in another shape: a view, if x is contiguous."""
        return x.reshape(len(x), -1)

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy in the shape of x."""
        return dy.reshape(len(dy), *self.input_shape)

    def flops(self, input_shape: Shape) -> int:
        """None: only the shape changes."""
        return 0
