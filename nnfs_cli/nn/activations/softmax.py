"""Softmax: numbers become the probabilities of classes."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import layer
from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.sums import row_sums
from nnfs_cli.nn.activation import Activation


def softmax(x: Array, out: Array) -> Array:
    """exp(x) / Σ exp(x) along the last axis; shifted by the maximum, so nothing overflows."""
    np.subtract(x, row_max(x, out)[..., np.newaxis], out=out)
    np.exp(out, out=out)
    out /= row_sums(out)[..., np.newaxis]
    return out


def row_max(x: Array, spare: Array) -> Array:
    """The maximum along the last axis, which of many rows NumPy finds sooner along the first.

    ``spare`` is any contiguous array of that size, whose contents are lost unless it is x.
    """
    if spare is x or x.ndim != 2 or len(x) < 16 or x.shape[1] > 64:
        largest: Array = np.maximum.reduce(x, axis=-1, dtype=spare.dtype)
        return largest
    columns = spare.reshape(x.shape[::-1])
    columns[...] = x.T
    largest = np.maximum.reduce(columns, axis=0)
    return largest


@layer("softmax")
class Softmax(Activation):
    """Softmax along the last axis: y_k = exp(x_k) / Σ_j exp(x_j).

    Gradient: dL/dx_k = y_k (dy_k - Σ_j dy_j y_j). As the last layer in front of a cross-entropy
    it is fused with the loss, where the gradient is simply p - t.
    """

    def forward(self, x: Array, training: bool) -> Array:
        """y_k = exp(x_k) / Σ_j exp(x_j)."""
        self.y = softmax(x, self.out(x))
        return self.y

    def backward(self, dy: Array) -> Array:
        """dL/dx_k = y_k (dy_k - Σ_j dy_j y_j)."""
        dy -= np.einsum("...k,...k->...", dy, self.y)[..., np.newaxis]
        return np.multiply(dy, self.y, out=dy)
