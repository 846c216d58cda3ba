"""Reshape: the same numbers along other axes."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.layer import Layer


@layer("reshape")
class Reshape(Layer):
    """Each sample in another shape: (N, ...) becomes (N, *shape), in the same order."""

    shape: list[Annotated[int, Field(ge=-1)]] = Field(
        min_length=1, description="the new shape of a sample; one -1 stands for what remains"
    )

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False
    returns_view: ClassVar[bool] = True

    def build(self, input_shape: Shape) -> Shape:
        """The new shape, which must hold as many numbers."""
        self.input_shape = input_shape
        size, known = math.prod(input_shape), math.prod(n for n in self.shape if n != -1)
        rest = size // known if known else 0
        self.output_shape = tuple(rest if n == -1 else n for n in self.shape)
        if self.shape.count(-1) > 1 or math.prod(self.output_shape) != size:
            raise ShapeError(
                f"reshape cannot turn {shape_text(input_shape)} into {shape_text(self.shape)}",
                f"choose axes whose product is {size}, at most one of them -1",
            )
        return self.output_shape

    def forward(self, x: Array, training: bool) -> Array:
        """y = the same numbers in another shape: a view, if x is contiguous."""
        return x.reshape(len(x), *self.output_shape)

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy in the shape of x."""
        return dy.reshape(len(dy), *self.input_shape)

    def flops(self, input_shape: Shape) -> int:
        """None: only the shape changes."""
        return 0
