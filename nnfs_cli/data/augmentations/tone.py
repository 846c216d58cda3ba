"""Tone: augmentations that change values and leave pixels where they are."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import augmentation, family
from nnfs_cli.components.renamed import Formerly
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.augmentation import Augmentation


@family("augmentation")
class Tone(Augmentation):
    """Changes values, not positions; pixels of a known range are clipped to 0..white."""

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
    """Makes an image lighter or darker: y = x + b, b between -fraction and fraction of white."""

    fraction: Annotated[float, Formerly("share")] = Field(
        default=0.2, ge=0.0, le=1.0, description="largest change, as a fraction of the value range"
    )

    def change(self, images: Array, generator: np.random.Generator) -> None:
        """y = x + b."""
        b = generator.uniform(-self.fraction, self.fraction, len(images)) * self.value_range
        images += b.astype(np.float32)[:, None, None, None]


@augmentation("contrast")
class Contrast(Tone):
    """Spreads an image's values around their mean m, or draws them together: y = m + c (x - m)."""

    fraction: Annotated[float, Formerly("share")] = Field(
        default=0.2, ge=0.0, le=1.0, description="factors c go from 1 - fraction to 1 + fraction"
    )

    def change(self, images: Array, generator: np.random.Generator) -> None:
        """y = x + (c - 1) (x - m)."""
        c = generator.uniform(1 - self.fraction, 1 + self.fraction, len(images))
        excess = self.scratch("excess", images.shape)
        np.subtract(images, images.mean(axis=(1, 2, 3), keepdims=True), out=excess)
        excess *= (c - 1).astype(np.float32)[:, None, None, None]
        images += excess


@augmentation("noise")
class Noise(Tone):
    """Adds Gaussian noise to each number: y = x + n, n of mean 0 and deviation ``std`` · white."""

    std: Annotated[float, Formerly("deviation")] = Field(
        default=0.05, ge=0.0, le=1.0, description="of the noise, as a fraction of the value range"
    )

    def change(self, images: Array, generator: np.random.Generator) -> None:
        """y = x + n."""
        n = self.scratch("noise", images.shape)
        generator.standard_normal(out=n, dtype=np.float32)
        n *= self.std * self.value_range
        images += n
