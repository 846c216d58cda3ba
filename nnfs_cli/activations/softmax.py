"""Softmax: numbers become the probabilities of classes."""

from __future__ import annotations

import numpy as np

from nnfs_cli.activations.activation import Activation
from nnfs_cli.component import layer
from nnfs_cli.parameter import Array


def softmax(x: Array, out: Array) -> Array:
    """Exp(x) / Σ exp(x) along the last axis; shifted by the maximum, so nothing overflows."""
    np.subtract(x, x.max(axis=-1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=-1, keepdims=True)
    return out


@layer("softmax")
class Softmax(Activation):
    """Softmax along the last axis: y_k = exp(x_k) / Σ_j exp(x_j).

    Gradient: dL/dx_k = y_k (dy_k - Σ_j dy_j y_j). As the last layer in front of a cross-entropy
    it is fused with the loss, where the gradient is simply p - t.
    """

    def forward(self, x: Array, training: bool) -> Array:
        """Y_k = exp(x_k) / Σ_j exp(x_j)."""
        self.y = softmax(x, self.out(x))
        return self.y

    def backward(self, dy: Array) -> Array:
        """DL/dx_k = y_k (dy_k - Σ_j dy_j y_j)."""
        dy -= np.einsum("...k,...k->...", dy, self.y)[..., np.newaxis]
        return np.multiply(dy, self.y, out=dy)
