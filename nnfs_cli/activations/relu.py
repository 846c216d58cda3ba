"""ReLU and its kin: linear for positive numbers, something flatter below zero."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnfs_cli.activations.activation import Activation
from nnfs_cli.component import layer
from nnfs_cli.parameter import Array


@layer("relu")
class ReLU(Activation):
    """Rectified linear unit: y = max(0, x); dL/dx = dy where y > 0, else 0.

    Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010.
    """

    initializer_word: ClassVar[str] = "he_normal"

    def forward(self, x: Array, training: bool) -> Array:
        """Y = max(0, x)."""
        self.y = np.maximum(x, 0.0, out=self.out(x))
        return self.y

    def backward(self, dy: Array) -> Array:
        """DL/dx = dy · [y > 0]."""
        positive = np.greater(self.y, 0.0, out=self.scratch("positive", dy.shape, np.bool_))
        return np.multiply(dy, positive, out=dy)
