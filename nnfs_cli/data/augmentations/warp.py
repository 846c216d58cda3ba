"""Warps: augmentations that move pixels and leave their values alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import family
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.augmentation import Augmentation, Fill
from nnfs_cli.data.augmentations.sampler import Sampler


@family("augmentation")
class Warp(Augmentation):
    """An image seen at other places: y(p) = x(m(p)), with a random map m of places."""

    fill: Fill = Field(
        default=0.0, kw_only=True, description="value of pixels from outside the image"
    )

    def build(self, shape: Shape, white: float | None = None) -> None:
        """Prepare to read between pixels."""
        super().build(shape, white)
        self.alone = Warps([self])

    def move(self, places: Array, generator: np.random.Generator) -> Array:
        """m(p) for the places p (N, 2, H, W): rows and columns from the centre, in pixels."""
        raise NotImplementedError

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        """The images at their moved places."""
        return self.alone.apply(images, generator)


class Warps:
    """Neighbouring warps in one go: their maps are chained and the pixels are read only once.

    The first warp's map is applied last: y(p) = x(m1(m2(p))). Reading once is not only faster:
    every reading between pixels blurs a little.
    """

    def __init__(self, warps: Sequence[Warp]) -> None:
        self.warps = warps
        self.sampler = Sampler(warps[0].input_shape, warps[0].fill)

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        """The images (N, H, W, C) after all the warps."""
        grid = self.sampler.grid
        places = self.sampler.scratch("places", (len(images), *grid.shape))
        places[...] = grid
        for warp in reversed(self.warps):
            places = warp.move(places, generator)
        return self.sampler.sample(images, places)
