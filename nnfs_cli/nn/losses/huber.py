"""Huber loss."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import loss
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.loss import Loss


@loss("huber", "smooth_l1")
class Huber(Loss):
    """Squared error for small errors, absolute error for large ones, which outliers need.

    With e = y - t: L = Σ h(e) / (N k), h(e) = e² / 2 if |e| <= δ, else δ (|e| - δ / 2).
    Gradient: dL/dy = c / (N k) with c = min(max(e, -δ), δ); and h(e) = c (e - c / 2).
    Huber, "Robust Estimation of a Location Parameter", 1964.
    """

    delta: float = Field(
        default=1.0, gt=0.0, le=1e6, description="errors above it count by their size, not square"
    )

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """L and c / (N k)."""
        self.require_values(outputs, targets)
        count = self.team.global_count(float(outputs.size))
        error = np.subtract(outputs, targets, out=self.scratch.like("error", outputs))
        dy = np.maximum(error, -self.delta, out=self.scratch.like("dy", outputs))
        np.minimum(dy, self.delta, out=dy)
        value = (float(np.vdot(dy, error)) - 0.5 * float(np.vdot(dy, dy))) / count
        dy *= 1.0 / count
        return value, dy

    def sample_losses(self, outputs: Array, targets: Array) -> Array:
        """Σ_k h(y - t) / k of each sample."""
        error = outputs - targets
        limited = np.clip(error, -self.delta, self.delta)
        losses: Array = (limited * (error - 0.5 * limited)).mean(axis=1)
        return losses
