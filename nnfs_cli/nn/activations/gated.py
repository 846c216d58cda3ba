"""SiLU, Mish, GELU, hard swish: x times a gate that opens as x grows."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.activations.sigmoid import sigmoid
from nnfs_cli.nn.activations.softplus import softplus


class Gated(Activation):
    """An activation y = x · gate(x)."""

    initializer_word: ClassVar[str] = "he_normal"


@layer("silu", "swish")
class SiLU(Gated):
    """Sigmoid linear unit, also called swish: y = x σ(x).

    Gradient from the output and the gate s = σ(x): dL/dx = dy · (s + y (1 - s)).
    Elfwing et al., "Sigmoid-Weighted Linear Units", 2017, arXiv:1702.03118.
    """

    def forward(self, x: Array, training: bool) -> Array:
        """y = x σ(x)."""
        self.gate = sigmoid(x, self.scratch("gate", x.shape))
        self.y = np.multiply(x, self.gate, out=self.out(x))
        return self.y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy · (s + y (1 - s))."""
        slope = np.subtract(1.0, self.gate, out=self.scratch("slope", dy.shape))
        slope *= self.y
        slope += self.gate
        return np.multiply(dy, slope, out=dy)


@layer("mish")
class Mish(Gated):
    """Mish: y = x t with t = tanh(softplus(x)).

    Gradient: dL/dx = dy · (t + x σ(x) (1 - t²)).
    Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019, arXiv:1908.08681.
    """

    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = False

    def forward(self, x: Array, training: bool) -> Array:
        """y = x tanh(log(1 + eˣ))."""
        self.x = x
        self.gate = softplus(x, self.scratch("gate", x.shape), self.scratch("slope", x.shape))
        np.tanh(self.gate, out=self.gate)
        return np.multiply(x, self.gate, out=self.out(x))

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy · (t + x σ(x) (1 - t²))."""
        slope = np.square(self.gate, out=self.scratch("slope", dy.shape))
        np.subtract(1.0, slope, out=slope)
        slope *= self.x
        slope *= sigmoid(self.x, self.scratch("sigmoid", dy.shape))
        slope += self.gate
        return np.multiply(dy, slope, out=dy)


@layer("gelu")
class GELU(Gated):
    """Gaussian error linear unit in its tanh form: y = x (1 + t) / 2.

    t = tanh(c (x + a x³)) with c = sqrt(2 / π), a = 0.044715. It is what GPT-2 uses and PyTorch
    calls ``approximate="tanh"``; x Φ(x), with the normal distribution itself, differs from it by
    less than 0.0005. Computed with the gate s = (1 + t) / 2 = σ(2 c (x + a x³)), which keeps its
    digits where t is close to -1. Gradient: dL/dx = dy · (s + 2 x s (1 - s) c (1 + 3 a x²)).
    Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, arXiv:1606.08415.
    """

    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = False
    C: ClassVar[float] = math.sqrt(2.0 / math.pi)
    A: ClassVar[float] = 0.044715
    SATURATED: ClassVar[float] = 40.0
    """Beyond it the gate is 0 or 1, and its slope 0, even in float64."""

    def forward(self, x: Array, training: bool) -> Array:
        """y = x s."""
        self.x = x
        clipped = self.clipped(x)
        gate = np.square(clipped, out=self.scratch("gate", x.shape))
        gate *= 2.0 * self.C * self.A
        gate += 2.0 * self.C
        gate *= clipped
        self.gate = sigmoid(gate, gate)
        return np.multiply(x, gate, out=self.out(x))

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy · (s + s (1 - s) x (2 c + 6 a c x²))."""
        clipped = self.clipped(self.x)
        slope = np.square(clipped, out=self.scratch("slope", dy.shape))
        slope *= 6.0 * self.A * self.C
        slope += 2.0 * self.C
        slope *= clipped
        slope *= self.gate
        slope *= np.subtract(1.0, self.gate, out=clipped)
        slope += self.gate
        return np.multiply(dy, slope, out=dy)

    def clipped(self, x: Array) -> Array:
        """x where the gate moves, so that no power of it overflows."""
        clipped = np.minimum(x, self.SATURATED, out=self.scratch("clipped", x.shape))
        return np.maximum(clipped, -self.SATURATED, out=clipped)


@layer("hard_swish")
class HardSwish(Gated):
    """SiLU with a hard sigmoid as its gate: y = x min(max(x + 3, 0), 6) / 6.

    Gradient: dL/dx = 0 for x <= -3, dy for x >= 3, dy · (x / 3 + 1 / 2) between them.
    Howard et al., "Searching for MobileNetV3", 2019, arXiv:1905.02244.
    """

    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = False

    def forward(self, x: Array, training: bool) -> Array:
        """y = x min(max(x + 3, 0), 6) / 6."""
        self.x = x
        y = np.add(x, 3.0, out=self.out(x))
        np.maximum(y, 0.0, out=y)
        np.minimum(y, 6.0, out=y)
        y *= 1.0 / 6.0
        return np.multiply(y, x, out=y)

    def backward(self, dy: Array) -> Array:
        """dL/dx = 0 for x <= -3, dy for x >= 3, dy · (x / 3 + 1 / 2) between them."""
        slope = np.multiply(self.x, 1.0 / 3.0, out=self.scratch("slope", dy.shape))
        slope += 0.5
        outside = self.scratch("outside", dy.shape, np.bool_)
        np.copyto(slope, 0.0, where=np.less_equal(self.x, -3.0, out=outside))
        np.copyto(slope, 1.0, where=np.greater_equal(self.x, 3.0, out=outside))
        return np.multiply(dy, slope, out=dy)
