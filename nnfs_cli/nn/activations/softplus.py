"""Softplus: ReLU with its corner rounded off."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.activation import Activation


def softplus(x: Array, out: Array, temporary: Array) -> Array:
    """log(1 + eˣ) = max(x, 0) + log(1 + e^-|x|): no overflow, and faster than logaddexp."""
    np.abs(x, out=temporary)
    np.negative(temporary, out=temporary)
    np.exp(temporary, out=temporary)
    np.log1p(temporary, out=temporary)
    np.maximum(x, 0.0, out=out)
    out += temporary
    return out


@layer("softplus")
class Softplus(Activation):
    """Softplus: y = log(1 + eˣ); dL/dx = dy · σ(x) = dy · (1 - e⁻ʸ).

    Dugas et al., "Incorporating Second-Order Functional Knowledge", 2000.
    """

    def forward(self, x: Array, training: bool) -> Array:
        """y = log(1 + eˣ)."""
        self.y = softplus(x, self.out(x), self.scratch("slope", x.shape))
        return self.y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy · (1 - e⁻ʸ)."""
        slope = np.negative(self.y, out=self.scratch("slope", dy.shape))
        np.expm1(slope, out=slope)
        np.negative(slope, out=slope)
        return np.multiply(dy, slope, out=dy)
