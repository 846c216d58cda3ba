"""Random flip: an image mirrored left to right or upside down."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import augmentation
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.augmentation import Augmentation


@augmentation("flip")
class Flip(Augmentation):
    """Mirrors some images left to right, some upside down, each by its own draw.

    Not for what has a direction, such as digits and letters.
    """

    horizontal: float = Field(
        default=0.5, ge=0.0, le=1.0, description="probability to swap left and right"
    )
    vertical: float = Field(
        default=0.0, ge=0.0, le=1.0, description="probability to swap top and bottom"
    )

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        """The images, some of them reversed along an axis."""
        draws = generator.random((2, len(images)))
        for index in np.flatnonzero(draws[0] < self.horizontal):
            images[index] = images[index, :, ::-1]
        for index in np.flatnonzero(draws[1] < self.vertical):
            images[index] = images[index, ::-1]
        return images
