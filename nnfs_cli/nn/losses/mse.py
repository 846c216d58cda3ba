"""Mean squared error."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import loss
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.loss import Loss


@loss("mse", "mean_squared_error")
class MSE(Loss):
    """Mean squared error: L = Σ (y - t)² / (N k) over N samples of k outputs.

    Gradient: dL/dy = 2 (y - t) / (N k).
    """

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """L and 2 (y - t) / (N k)."""
        self.require_values(outputs, targets)
        count = self.team.global_count(float(outputs.size))
        dy = np.subtract(outputs, targets, out=self.scratch.like("dy", outputs))
        value = float(np.vdot(dy, dy)) / count
        dy *= 2.0 / count
        return value, dy

    def sample_losses(self, outputs: Array, targets: Array) -> Array:
        """Σ_k (y - t)² / k of each sample."""
        error = outputs - targets
        losses: Array = np.einsum("nk,nk->n", error, error) / outputs.shape[1]
        return losses
