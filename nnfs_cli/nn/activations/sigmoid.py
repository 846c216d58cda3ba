"""Sigmoid, tanh and the sigmoid made of straight lines: curves between two levels."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.activation import Activation

ONE: Array = np.ones((), np.float32)
"""An array, since NumPy takes longer to convert a Python number than to add it to a thousand."""
OVERFLOWS = -87.0
"""Below it e⁻ˣ is no float32 any more, but eˣ, which σ(x) then equals, still is."""


def sigmoid(x: Array, out: Array) -> Array:
    """1 / (1 + e⁻ˣ), exact to a few units in the last place down to the smallest number.

    (1 + tanh(x / 2)) / 2 would lose all digits where x is negative.
    """
    lowest = np.minimum.reduce(x, axis=None, initial=0.0)
    if lowest >= OVERFLOWS:
        return inverse_of_one_plus_exp_minus(x, out)
    tail = np.less(x, OVERFLOWS)  # the rare case, and NaN
    values = np.exp(x[tail])
    inverse_of_one_plus_exp_minus(np.maximum(x, OVERFLOWS, out=out), out)
    out[tail] = values
    return out


def inverse_of_one_plus_exp_minus(x: Array, out: Array) -> Array:
    """1 / (1 + e⁻ˣ) where that does not overflow."""
    np.negative(x, out=out, dtype=out.dtype)  # -x of uint8 would wrap around
    np.exp(out, out=out)
    out += ONE
    return np.reciprocal(out, out=out)


@layer("sigmoid")
class Sigmoid(Activation):
    """Logistic sigmoid: y = 1 / (1 + e⁻ˣ); dL/dx = dy · y (1 - y)."""

    def forward(self, x: Array, training: bool) -> Array:
        """y = 1 / (1 + e⁻ˣ)."""
        self.y = sigmoid(x, self.out(x))
        return self.y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy · y (1 - y)."""
        slope = np.subtract(ONE, self.y, out=self.scratch("slope", dy.shape))
        slope *= self.y
        return np.multiply(dy, slope, out=dy)


@layer("tanh")
class Tanh(Activation):
    """Hyperbolic tangent: y = tanh(x); dL/dx = dy · (1 - y²)."""

    def forward(self, x: Array, training: bool) -> Array:
        """y = tanh(x)."""
        self.y = np.tanh(x, out=self.out(x), dtype=self.dtype)
        return self.y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy · (1 - y²)."""
        slope = np.square(self.y, out=self.scratch("slope", dy.shape))
        np.subtract(ONE, slope, out=slope)
        return np.multiply(dy, slope, out=dy)


@layer("hard_sigmoid")
class HardSigmoid(Activation):
    """Three straight lines: y = min(max(x + 3, 0), 6) / 6; dL/dx = dy / 6 where 0 < y < 1.

    PyTorch's definition, from Howard et al., "Searching for MobileNetV3", 2019, arXiv:1905.02244.
    """

    def forward(self, x: Array, training: bool) -> Array:
        """y = min(max(x + 3, 0), 6) / 6."""
        y = np.add(x, 3.0, out=self.out(x))
        np.maximum(y, 0.0, out=y)
        np.minimum(y, 6.0, out=y)
        y *= 1.0 / 6.0
        self.y = y
        return y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy / 6 where 0 < y < 1: there y (1 - y) > 0."""
        middle = np.subtract(1.0, self.y, out=self.scratch("middle", dy.shape))
        middle *= self.y
        np.greater(middle, 0.0, out=middle)
        middle *= 1.0 / 6.0
        return np.multiply(dy, middle, out=dy)
