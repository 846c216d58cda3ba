"""Mean absolute error."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import loss
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.loss import Loss


@loss("mae", "mean_absolute_error", "l1")
class MAE(Loss):
    """Mean absolute error: L = Σ |y - t| / (N k) over N samples of k outputs.

    Gradient: dL/dy = sign(y - t) / (N k).
    """

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """L and sign(y - t) / (N k)."""
        self.require_values(outputs, targets)
        count = self.team.global_count(float(outputs.size))
        error = np.subtract(outputs, targets, out=self.scratch.like("error", outputs))
        dy = np.sign(error, out=self.scratch.like("dy", outputs))
        value = float(np.vdot(error, dy)) / count
        dy *= 1.0 / count
        return value, dy

    def sample_losses(self, outputs: Array, targets: Array) -> Array:
        """Σ_k |y - t| / k of each sample."""
        losses: Array = np.abs(outputs - targets).mean(axis=1)
        return losses
