"""Residual: a block that learns what to add to its input."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.component import layer
from nnfs_cli.errors import ShapeError
from nnfs_cli.layers.layer import NO_GRADIENT, Layer
from nnfs_cli.layers.sequential import Sequential
from nnfs_cli.parameter import Array, Shape, shape_text


@layer("residual")
class Residual(Layer):
    """A block with a shortcut around it: y = x + f(x), f the layers inside.

    Gradient: dL/dx = dy + J_fᵀ dy. He et al., "Deep Residual Learning", 2015, arXiv:1512.03385.
    """

    layers: list[Layer] = Field(min_length=1, description="the layers the shortcut goes around")

    keeps_output: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.body = Sequential(self.layers)

    def build(self, input_shape: Shape) -> Shape:
        """Build the body, which must return the shape it was given."""
        output_shape = self.body.build(input_shape)
        if output_shape != input_shape:
            raise ShapeError(
                f"residual adds its input, {shape_text(input_shape)}, to its layers' output, "
                f"{shape_text(output_shape)}",
                "both must have the same shape",
            )
        return output_shape

    def forward(self, x: Array, training: bool) -> Array:
        """Y = x + f(x)."""
        return np.add(x, self.body.forward(x, training), out=self.scratch("out", x.shape))

    def backward(self, dy: Array) -> Array:
        """DL/dx = dy + the gradient through the body, which may destroy the dy it is given."""
        copy = self.scratch("dy", dy.shape)
        np.copyto(copy, dy)
        dx = self.body.backward(copy)
        return np.add(dy, dx, out=dy) if self.input_gradient else NO_GRADIENT

    def skip_input_gradient(self) -> None:
        """The body need not compute its own either."""
        self.input_gradient = False
        self.body.skip_input_gradient()

    def flops(self, input_shape: Shape) -> int:
        """The body's, and an addition for each number."""
        return self.body.flops(input_shape) + int(np.prod(input_shape))

    def children(self) -> dict[str, Layer]:
        """The layers inside, named as in a Sequential."""
        return self.body.children()
