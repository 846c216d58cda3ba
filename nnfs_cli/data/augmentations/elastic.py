"""Elastic distortion: a smooth random displacement of every pixel."""

from __future__ import annotations

import math

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import augmentation
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.augmentations.warp import Warp


@augmentation("elastic")
class Elastic(Warp):
    """Bends an image: m(p) = p + α (G * r)(p), r uniform in -1..1 for each pixel and direction.

    The convolution with a Gaussian G of deviation σ makes neighbours move together. It is two
    matrix products, K r K with K_ij = exp(-(i - j)² / 2σ²) / Σ. In the middle of the image
    a pixel moves along each axis by about α / 6σ pixels (root mean square); alpha 34 and
    sigma 4 are the paper's values for MNIST.

    Simard, Steinkraus, Platt, "Best Practices for Convolutional Neural Networks Applied to Visual
    Document Analysis", 2003.
    """

    alpha: float = Field(
        default=34.0,
        ge=0.0,
        le=1000.0,
        description="strength: pixels before smoothing, after it about alpha / (6 sigma) pixels",
    )
    sigma: float = Field(
        default=4.0, ge=0.1, le=100.0, description="width of the smoothing, in pixels"
    )

    def build(self, shape: Shape, white: float | None = None) -> None:
        """Prepare the smoothing along both axes."""
        super().build(shape, white)
        height, width, _ = shape
        self.down = smoothing(height, self.sigma)
        self.across = smoothing(width, self.sigma) * np.float32(2 * self.alpha)

    def move(self, places: Array, generator: np.random.Generator) -> Array:
        """p + α K r K."""
        width = places.shape[-1]
        field = self.scratch("field", places.shape)
        smooth = self.scratch("smooth", places.shape)
        generator.random(out=field, dtype=np.float32)
        field -= 0.5
        np.matmul(field.reshape(-1, width), self.across, out=smooth.reshape(-1, width))
        places += np.matmul(self.down, smooth, out=field)
        return places


def smoothing(size: int, sigma: float) -> Array:
    """K (size, size): a product with it is a convolution with a Gaussian, zero beyond the edges."""
    steps = np.arange(size)
    reach = np.arange(-math.ceil(9 * sigma), math.ceil(9 * sigma) + 1)
    kernel = np.exp(-((steps[:, None] - steps) ** 2) / (2 * sigma**2))
    kernel /= np.exp(-(reach**2) / (2 * sigma**2)).sum()
    return kernel.astype(np.float32)
