"""Average pooling: the mean of each window."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.layers.pooling import Pooling
from nnfs_cli.nn.layers.window import Window


@layer("avg_pool2d", "average_pooling2d")
class AvgPool2D(Pooling):
    """Average pooling: y = the mean of each window; dL/dx = dy / the window's size.

    Shapes: x (N, H, W, C), y (N, rows, columns, C). With ``count_include_pad`` the zeros of the
    padding are part of the mean, as in PyTorch; without it the mean is over the pixels of the
    image alone, as in Keras.
    LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998.
    """

    count_include_pad: bool = Field(
        default=True, description="count the padding's zeros in the mean"
    )

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False

    def build(self, input_shape: Shape) -> Shape:
        """The places of the window, and the weight of each number in its window's mean."""
        output_shape = super().build(input_shape)
        self.weights = {axis: self.weights_of(axis) for axis in (self.rows, self.columns)}
        return output_shape

    def pool(self, axis: Window, x: Array, y: Array) -> None:
        """y = the mean of the numbers side by side."""
        first, *others = axis.slices()
        np.copyto(y, x[:, first])
        for other in others:
            y += x[:, other]
        y *= self.weights[axis]

    def spread(self, axis: Window, x: Array, y: Array, dy: Array, dx: Array) -> None:
        """Every number of a window gets the same fraction of its dy."""
        if axis.leaves_or_overlaps:
            dx.fill(0.0)
        dy *= self.weights[axis]
        for number in axis.slices():
            if axis.disjoint:
                np.copyto(dx[:, number], dy)
            else:
                dx[:, number] += dy

    def weights_of(self, axis: Window) -> Array:
        """1 / how many numbers the mean is over, for each place of the window (outputs, 1)."""
        counted = np.full(axis.padded, 1.0 if self.count_include_pad else 0.0, dtype=self.dtype)
        counted[axis.inside] = 1.0
        counts = np.sum([counted[number] for number in axis.slices()], axis=0, dtype=self.dtype)
        weights: Array = 1.0 / counts[:, np.newaxis]
        return weights
