"""Linear: the activation that does nothing."""

from __future__ import annotations

from typing import ClassVar

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.activation import Activation


@layer("linear")
class Linear(Activation):
    """The identity: y = x; dL/dx = dy."""

    keeps_output: ClassVar[bool] = False
    returns_view: ClassVar[bool] = True

    def forward(self, x: Array, training: bool) -> Array:
        """y = x."""
        return x

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy."""
        return dy

    def flops(self, input_shape: Shape) -> int:
        """No operations."""
        return 0
