"""Affine warps: m(p) = A p - t around the image's centre, p = (row, column)."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import augmentation, family
from nnfs_cli.components.renamed import Formerly
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.augmentation import MAX_PIXELS
from nnfs_cli.data.augmentations.warp import Warp


@augmentation("shift")
class Shift(Warp):
    """Moves an image: m(p) = p - t, each t between -pixels and pixels, fractions included.

    For whole pixels, without any blur, see `crop`.
    """

    pixels: float = Field(
        default=2.0,
        ge=0.0,
        le=MAX_PIXELS,
        description="farthest to each side, along rows and columns",
    )

    def build(self, shape: Shape, white: float | None = None) -> None:
        """Refuse to lose the image altogether."""
        super().build(shape, white)
        self.refuse_beyond_edge("pixels", self.pixels)

    def move(self, places: Array, generator: np.random.Generator) -> Array:
        """m(p) = p - t."""
        t = generator.uniform(-self.pixels, self.pixels, (len(places), 2))
        places -= t.astype(np.float32)[:, :, None, None]
        return places


@family("augmentation")
class Linear(Warp):
    """Turns, stretches or slants an image around its centre: m(p) = A p."""

    def matrices(self, n: int, generator: np.random.Generator) -> Array:
        """A for each of n images: (n, 2, 2)."""
        raise NotImplementedError

    def move(self, places: Array, generator: np.random.Generator) -> Array:
        """m(p) = A p."""
        n = len(places)
        moved = self.scratch("moved", places.shape)
        columns = places.reshape(n, 2, self.input_shape[0] * self.input_shape[1])
        a = self.matrices(n, generator).astype(np.float32)
        np.matmul(a, columns, out=moved.reshape(columns.shape))
        return moved


@augmentation("rotate")
class Rotate(Linear):
    """Turns an image by an angle a, anticlockwise if positive: A = [[cos, sin], [-sin, cos]]."""

    degrees: float = Field(
        default=10.0, ge=0.0, le=180.0, description="largest angle to either side"
    )

    def matrices(self, n: int, generator: np.random.Generator) -> Array:
        """The inverse turn: where a pixel comes from."""
        angle = np.radians(generator.uniform(-self.degrees, self.degrees, n))
        cos, sin = np.cos(angle), np.sin(angle)
        return np.stack([cos, sin, -sin, cos], axis=1).reshape(n, 2, 2)


@augmentation("scale")
class Scale(Linear):
    """Enlarges or shrinks an image by a factor s around 1: A = 1/s."""

    fraction: Annotated[float, Formerly("share")] = Field(
        default=0.1, ge=0.0, le=0.9, description="factors go from 1 - fraction to 1 + fraction"
    )

    def matrices(self, n: int, generator: np.random.Generator) -> Array:
        """1/s on the diagonal."""
        s = generator.uniform(1 - self.fraction, 1 + self.fraction, n)
        return np.eye(2) / s[:, None, None]


@augmentation("shear")
class Shear(Linear):
    """Slants an image's upright lines by an angle a: A = [[1, 0], [tan a, 1]]."""

    degrees: float = Field(
        default=10.0, ge=0.0, le=80.0, description="largest angle from the upright"
    )

    def matrices(self, n: int, generator: np.random.Generator) -> Array:
        """Columns move in proportion to their row."""
        a = np.zeros((n, 2, 2)) + np.eye(2)
        a[:, 1, 0] = np.tan(np.radians(generator.uniform(-self.degrees, self.degrees, n)))
        return a
