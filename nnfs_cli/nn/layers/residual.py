"""Residual: a block that learns what to add to its input, or to a projection of it."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.errors import ShapeError, UsageError
from nnfs_cli.nn.layer import NO_GRADIENT, Layer
from nnfs_cli.nn.layers.conv2d import Conv2D
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.sequential import Sequential

SHORTCUT = "shortcut"
"""What the projection is called."""


@layer("residual")
class Residual(Layer):
    """A block with a shortcut around it: y = s(x) + f(x), f the layers inside.

    The shortcut s is x itself where the layers keep its shape. Where they change it, ``auto``
    projects x to the new one, without a bias: an image by a 1 x 1 conv2d whose strides are those
    of all the layers together, a vector by a dense layer. ``identity`` refuses to project,
    ``projection`` always does.
    Gradient: dL/dx = J_sᵀ dy + J_fᵀ dy. He et al., "Deep Residual Learning", 2015,
    arXiv:1512.03385 (their options A, B and C, but for zero padding in A).
    """

    layers: list[Layer] = Field(min_length=1, description="the layers the shortcut goes around")
    shortcut: Literal["auto", "identity", "projection"] = Field(
        default="auto",
        description="around the layers goes the input itself (identity), a learned 1 x 1 conv2d "
        "or dense layer (projection), or that only where the shapes differ (auto)",
    )

    keeps_output: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.body = Sequential(self.layers)
        if any(layer.name == SHORTCUT for layer in self.layers):
            raise UsageError(f"the projection is called {SHORTCUT}", "name the layer otherwise")
        self.projection: Layer | None = None

    def build(self, input_shape: Shape) -> Shape:
        """Build the body, and the projection if there has to be one."""
        output_shape = self.body.build(input_shape)
        self.projection = None
        if self.shortcut == "projection" or (
            self.shortcut == "auto" and output_shape != input_shape
        ):
            self.projection = projection(input_shape, output_shape)
        if self.projection:
            self.projection.prepare(self.dtype, self.learns)
            self.projection.input_shape = input_shape
            self.projection.output_shape = self.projection.build(input_shape)
        reached = self.projection.output_shape if self.projection else input_shape
        if reached != output_shape:
            raise ShapeError(
                f"residual adds its input, {shape_text(input_shape)}, to its layers' output, "
                f"{shape_text(output_shape)}",
                "both must have the same shape"
                + (", or one that strides reach" if self.shortcut != "identity" else ""),
            )
        return output_shape

    def forward(self, x: Array, training: bool) -> Array:
        """y = s(x) + f(x)."""
        s = self.projection.forward(x, training) if self.projection else x
        return np.add(s, self.body.forward(x, training), out=self.scratch("out", s.shape))

    def backward(self, dy: Array) -> Array:
        """dL/dx = J_sᵀ dy + J_fᵀ dy; the body may destroy the dy it is given."""
        copy = self.scratch("dy", dy.shape)
        np.copyto(copy, dy)
        dx = self.body.backward(dy)
        ds = self.projection.backward(copy) if self.projection else copy
        if not self.input_gradient:
            return NO_GRADIENT
        return np.add(ds, dx, out=ds if self.projection else dx)

    def skip_input_gradient(self) -> None:
        """Neither way need compute its own."""
        self.input_gradient = False
        self.body.skip_input_gradient()
        if self.projection:
            self.projection.skip_input_gradient()

    def flops(self, input_shape: Shape) -> int:
        """Those of both ways, and an addition for each number."""
        projected = self.projection.flops(input_shape) if self.projection else 0
        added = int(np.prod(self.output_shape or input_shape))
        return self.body.flops(input_shape) + projected + added

    def children(self) -> dict[str, Layer]:
        """The layers inside, named as in a Sequential, and the projection once it is built."""
        shortcut = {SHORTCUT: self.projection} if self.projection else {}
        return self.body.children() | shortcut


def projection(input_shape: Shape, output_shape: Shape) -> Layer | None:
    """A layer from one shape to the other, or None if none is known."""
    if len(input_shape) == len(output_shape) == 1:
        return Dense(output_shape[0], use_bias=False)
    if len(input_shape) != 3 or len(output_shape) != 3:
        return None
    strides = [-(-i // o) for i, o in zip(input_shape[:2], output_shape[:2], strict=True)]
    return Conv2D(output_shape[2], 1, strides=strides, use_bias=False)
