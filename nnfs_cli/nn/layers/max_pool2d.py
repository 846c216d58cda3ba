"""Max pooling: the largest number of each window."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.layers.pooling import Pooling
from nnfs_cli.nn.layers.window import Window


@layer("max_pool2d", "max_pooling2d")
class MaxPool2D(Pooling):
    """Max pooling: y = the largest number of each window. Padding is never the largest.

    Shapes: x (N, H, W, C), y (N, rows, columns, C). Gradient: dL/dx = dy where x is the largest of
    its window, else 0. Among equals the first column's first gets it (in PyTorch, the first
    row's first), so that the gradients of a window sum to dy.
    Ranzato et al., "Unsupervised Learning of Invariant Feature Hierarchies", 2007.
    """

    fill: ClassVar[float] = -math.inf
    selects: ClassVar[bool] = True

    def pool(self, axis: Window, x: Array, y: Array) -> None:
        """y = the largest of the numbers side by side."""
        first, *others = axis.slices()
        second = others.pop(0) if others else first
        np.maximum(x[:, first], x[:, second], out=y)
        for other in others:
            np.maximum(y, x[:, other], out=y)

    def spread(self, axis: Window, x: Array, y: Array, dy: Array, dx: Array) -> None:
        """Each window's dy goes to the first number that equals the largest."""
        if axis.leaves_or_overlaps:
            dx.fill(0.0)
        equal = self.scratch("equal", y.shape, np.bool_)
        *others, last = axis.slices()
        rest = dy
        for other in others:
            np.equal(x[:, other], y, out=equal)
            routed = dx[:, other] if axis.disjoint else self.scratch("routed", y.shape)
            np.multiply(rest, equal, out=routed)
            rest = np.subtract(rest, routed, out=dx[:, last] if axis.disjoint else dy)
            if not axis.disjoint:
                dx[:, other] += routed
        if not axis.disjoint:
            dx[:, last] += rest
        elif not others:
            np.copyto(dx[:, last], rest)
