"""The contract of an augmentation: an image changed at random, whose class stays what it was."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import Component, family
from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.compute.scratch import Scratch
from nnfs_cli.errors import ShapeError

MAX_PIXELS = 65_536
"""The most that a distance or a side may be, whatever the image."""
Fill = Annotated[float, Field(ge=-1e6, le=1e6)]
"""A value for pixels that an image does not have."""


@family("augmentation")
class Augmentation(Component):
    """A random change of training images, drawn anew for every sample of every step.

    :meth:`apply` gets float32 images (N, H, W, C) with the data's own values (pixels from 0 to
    ``white``) and returns as many of the same shape. It may write to what it is given and to its
    own ``scratch`` memory, whose contents are valid until its next call.
    """

    def __post_init__(self) -> None:
        self.input_shape: Shape = ()
        self.white: float | None = None
        self.scratch = Scratch()

    def build(self, shape: Shape, white: float | None = None) -> None:
        """Learn one image's shape (H, W, C) and brightest value; raise ShapeError if it is none.

        ``white`` is None where the values are not known to be pixels.
        """
        if len(shape) != 3:
            raise ShapeError(
                f"{self.word} is for images (height x width x channels), and this data has "
                f"inputs of {shape_text(shape)}",
                "leave it out",
            )
        self.input_shape, self.white = shape, white

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        """The images, each changed by its own random numbers."""
        raise NotImplementedError

    @property
    def value_range(self) -> float:
        """The value range that fractions refer to: ``white``, or 1 if the data has none."""
        return self.white or 1.0

    def refuse_beyond_edge(self, key: str, pixels: float) -> None:
        """Raise ShapeError if so many pixels are a whole side of the image or more."""
        height, width = self.input_shape[:2]
        if pixels >= min(height, width):
            raise ShapeError(
                f"{self.word} with `{key}` {pixels:g} can push all of a {height} x {width} image "
                "out of sight",
                f"lower it to less than {min(height, width)}",
            )
