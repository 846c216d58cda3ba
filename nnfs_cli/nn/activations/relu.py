"""ReLU and its kin: linear for positive numbers, something flatter below zero."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.activation import Activation

ZERO: Array = np.zeros((), np.float32)
"""An array, since NumPy takes longer to convert a Python number than to compare a thousand."""
MANY = 32_768
"""Numbers that stay in the cache beside as many others."""


def zeros_for(x: Array) -> Array:
    """Zeros to compare a batch with: as many as it has numbers, or as one sample of many has.

    NumPy takes three times as long to compare an array with a single number.
    """
    return zeros(x.shape if x.size <= MANY else x.shape[1:], x.dtype)


@lru_cache(64)
def zeros(shape: Shape, dtype: npt.DTypeLike) -> Array:
    """Zeros that are made once."""
    return np.zeros(shape, dtype)


@layer("relu")
class ReLU(Activation):
    """Rectified linear unit: y = max(0, x); dL/dx = dy where y > 0, else 0.

    Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010.
    """

    initializer_word: ClassVar[str] = "he_normal"
    monotone: ClassVar[bool] = True

    def forward(self, x: Array, training: bool) -> Array:
        """y = max(0, x)."""
        self.y = np.maximum(x, zeros_for(x), out=self.out(x))
        return self.y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy · [y > 0]."""
        positive = np.greater(self.y, ZERO, out=self.scratch("positive", dy.shape, np.bool_))
        return np.multiply(dy, positive, out=dy)


@layer("leaky_relu")
class LeakyReLU(Activation):
    """ReLU that leaks: y = x if x > 0, else a x, with a = ``negative_slope``.

    Gradient: dL/dx = dy where y > 0, else a dy.
    Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013.
    """

    negative_slope: float = Field(
        default=0.01, ge=0.0, le=1.0, description="slope for negative inputs"
    )

    initializer_word: ClassVar[str] = "he_normal"
    monotone: ClassVar[bool] = True

    def forward(self, x: Array, training: bool) -> Array:
        """y = max(x, a x), since a <= 1."""
        leak = np.multiply(x, self.negative_slope, out=self.scratch("slope", x.shape))
        self.y = np.maximum(x, leak, out=self.out(x))
        return self.y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy · (a + (1 - a) [y > 0])."""
        slope = np.greater(self.y, 0.0, out=self.scratch("slope", dy.shape))
        slope *= 1.0 - self.negative_slope
        slope += self.negative_slope
        return np.multiply(dy, slope, out=dy)
