"""ELU and SELU: linear for positive numbers, an exponential that levels off below zero."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.activation import Activation


class ScaledExponential(Activation):
    """What ELU and SELU share: y = λ x if x > 0, else λ α (eˣ - 1).

    Gradient from the output: dL/dx = λ dy where y > 0, else (y + λ α) dy.
    """

    def forward_scaled(self, x: Array, alpha: float, scale: float) -> Array:
        """y from both halves of x: one of them is zero at each place."""
        below = np.minimum(x, 0.0, out=self.scratch("below", x.shape))
        np.expm1(below, out=below)
        below *= scale * alpha
        self.y = np.maximum(x, 0.0, out=self.out(x))
        if scale != 1.0:
            self.y *= scale
        self.y += below
        return self.y

    def backward_scaled(self, dy: Array, alpha: float, scale: float) -> Array:
        """dL/dx by the formula above."""
        slope = np.add(self.y, scale * alpha, out=self.scratch("below", dy.shape))
        positive = np.greater(self.y, 0.0, out=self.scratch("positive", dy.shape, np.bool_))
        np.copyto(slope, scale, where=positive)
        return np.multiply(dy, slope, out=dy)


@layer("elu")
class ELU(ScaledExponential):
    """Exponential linear unit: y = x if x > 0, else α (eˣ - 1).

    Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units", 2015,
    arXiv:1511.07289.
    """

    alpha: float = Field(
        default=1.0, ge=0.0, le=100.0, description="the output tends to -alpha far below zero"
    )

    initializer_word: ClassVar[str] = "he_normal"

    def forward(self, x: Array, training: bool) -> Array:
        """y = x if x > 0, else α (eˣ - 1)."""
        return self.forward_scaled(x, self.alpha, 1.0)

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy where y > 0, else (y + α) dy."""
        return self.backward_scaled(dy, self.alpha, 1.0)


@layer("selu")
class SELU(ScaledExponential):
    """Scaled ELU: y = λ x if x > 0, else λ α (eˣ - 1), with constants that self-normalize.

    They make mean 0 and variance 1 a fixed point of a dense layer with lecun_normal weights.
    Klambauer et al., "Self-Normalizing Neural Networks", 2017, arXiv:1706.02515.
    """

    initializer_word: ClassVar[str] = "lecun_normal"
    ALPHA: ClassVar[float] = 1.6732632423543772
    SCALE: ClassVar[float] = 1.0507009873554805

    def forward(self, x: Array, training: bool) -> Array:
        """y = λ x if x > 0, else λ α (eˣ - 1)."""
        return self.forward_scaled(x, self.ALPHA, self.SCALE)

    def backward(self, dy: Array) -> Array:
        """dL/dx = λ dy where y > 0, else (y + λ α) dy."""
        return self.backward_scaled(dy, self.ALPHA, self.SCALE)
