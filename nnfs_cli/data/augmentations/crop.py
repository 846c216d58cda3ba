"""Random crop: an image is padded, and a window of its size cut out at random."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import augmentation
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.augmentation import MAX_PIXELS, Augmentation, Fill


@augmentation("crop")
class Crop(Augmentation):
    """Pads an image on all sides and cuts it back to its size, every place equally likely.

    Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", 2010; He et al., "Deep Residual
    Learning for Image Recognition", 2015, arXiv:1512.03385, with a padding of 4.
    """

    padding: int = Field(default=4, ge=0, le=MAX_PIXELS, description="pixels added to each side")
    fill: Fill = Field(default=0.0, kw_only=True, description="value of the added pixels")

    def build(self, shape: Shape, white: float | None = None) -> None:
        """Refuse a padding that may be all that is left."""
        super().build(shape, white)
        self.refuse_beyond_edge("padding", self.padding)

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        """The images, each moved by whole pixels."""
        n, height, width, channels = images.shape
        p = self.padding
        padded = self.scratch("padded", (n, height + 2 * p, width + 2 * p, channels))
        padded[...] = self.fill
        padded[:, p : p + height, p : p + width] = images
        corners = generator.integers(0, 2 * p + 1, (n, 2)).tolist()
        for image, source, (top, left) in zip(images, padded, corners, strict=True):
            image[...] = source[top : top + height, left : left + width]
        return images
