"""Tone: augmentations that change values and leave pixels where they are."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import augmentation, family
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.augmentation import Augmentation


@family("augmentation")
class Tone(Augmentation):
    """Other values at the same places; of known pixels, none leaves 0..white."""

    def apply(self, images: Array, generator: np.random.Generator) -> Array:
        """The images in other tones."""
        self.change(images, generator)
        if self.white is not None:
            np.clip(images, 0, self.white, out=images)
        return images

    def change(self, images: Array, generator: np.random.Generator) -> None:
        """Change the values in place."""
        raise NotImplementedError


@augmentation("brightness")
class Brightness(Tone):
    """Makes a whole image lighter or darker: y = x + b, b between -share and share of white."""

    share: float = Field(
        default=0.2, ge=0.0, le=1.0, description="largest change, as a share of the value range"
    )

    def change(self, images: Array, generator: np.random.Generator) -> None:
        """y = x + b."""
        b = generator.uniform(-self.share, self.share, len(images)) * self.value_range
        images += b.astype(np.float32)[:, None, None, None]


@augmentation("contrast")
class Contrast(Tone):
    """Spreads an image's values around their mean m, or draws them together: y = m + c (x - m)."""

    share: float = Field(
        default=0.2, ge=0.0, le=1.0, description="factors c go from 1 - share to 1 + share"
    )

    def change(self, images: Array, generator: np.random.Generator) -> None:
        """y = x + (c - 1) (x - m)."""
        c = generator.uniform(1 - self.share, 1 + self.share, len(images))
        excess = self.scratch("excess", images.shape)
        np.subtract(images, images.mean(axis=(1, 2, 3), keepdims=True), out=excess)
        excess *= (c - 1).astype(np.float32)[:, None, None, None]
        images += excess


@augmentation("noise")
class Noise(Tone):
    """Adds Gaussian noise to each number: y = x + n, n of mean 0 and ``deviation`` of white."""

    deviation: float = Field(
        default=0.05, ge=0.0, le=1.0, description="of the noise, as a share of the value range"
    )

    def change(self, images: Array, generator: np.random.Generator) -> None:
        """y = x + n."""
        n = self.scratch("noise", images.shape)
        generator.standard_normal(out=n, dtype=np.float32)
        n *= self.deviation * self.value_range
        images += n
