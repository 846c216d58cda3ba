"""Random erasing: a rectangle of an image is blanked."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import augmentation
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.augmentation import MAX_PIXELS, Augmentation, Fill
from nnfs_cli.errors import ShapeError


@augmentation("erase")
class Erase(Augmentation):
    """Blanks a random rectangle, so that no single part of an image decides.

    Height and width are drawn separately from 1 to ``size``; the rectangle lies inside.
    DeVries, Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017,
    arXiv:1708.04552; Zhong et al., "Random Erasing Data Augmentation", 2017, arXiv:1708.04896.
    """

    size: int = Field(
        default=8, ge=0, le=MAX_PIXELS, description="longest side of the rectangle, in pixels"
    )
    probability: float = Field(
        default=0.5, ge=0.0, le=1.0, description="fraction of the images that lose a rectangle"
    )
    fill: Fill = Field(default=0.0, kw_only=True, description="value of the erased pixels")

    def build(self, shape: Shape, white: float | None = None) -> None:
        """Refuse rectangles larger than the image."""
        super().build(shape, white)
        height, width = shape[:2]
        if self.size > min(height, width):
            raise ShapeError(
                f"erase with `size` {self.size} is larger than a {height} x {width} image",
                f"lower it to {min(height, width)} or less",
            )

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        """The images, some of them with a rectangle blanked."""
        if not self.size:
            return images
        n, height, width = images.shape[:3]
        chosen = generator.random(n) < self.probability
        sides = generator.integers(1, self.size + 1, (n, 2))
        corners = generator.integers(0, np.array([height, width]) - sides + 1)
        for index in np.flatnonzero(chosen):
            (top, left), (down, across) = corners[index], sides[index]
            images[index, top : top + down, left : left + across] = self.fill
        return images
