"""Zero padding: a frame of zeros around an image."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.window import pair, require_image

Width = Annotated[int, Field(ge=0, le=1024)]


@layer("zero_pad2d", "zero_padding2d")
class ZeroPad2D(Layer):
    """Zeros around an image: x (N, H, W, C), y (N, H + 2 p, W + 2 q, C), with p, q = ``padding``.

    Gradient: dL/dx = the part of dy inside the frame.
    """

    padding: Width | Annotated[list[Width], Field(min_length=2, max_length=2)] = Field(
        default=1, description="width of the frame, or [above and below, left and right]"
    )

    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False

    def build(self, input_shape: Shape) -> Shape:
        """The larger image; refuse what is no image."""
        require_image(self.word, input_shape)
        height, width, channels = input_shape
        above, left = pair(self.padding)
        self.inside = (
            slice(None), slice(above, above + height), slice(left, left + width),
        )  # fmt: skip
        self.padded_shape = (height + 2 * above, width + 2 * left, channels)
        return self.padded_shape

    def forward(self, x: Array, training: bool) -> Array:
        """y = x in its frame."""
        y = self.scratch("out", (len(x), *self.padded_shape))
        y.fill(0.0)
        np.copyto(y[self.inside], x)
        return y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy without the frame."""
        image = dy[self.inside]
        dx = self.gradient(image.shape)
        np.copyto(dx, image)
        return dx

    def flops(self, input_shape: Shape) -> int:
        """None: numbers only move."""
        return 0
