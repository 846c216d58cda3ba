"""R², the fraction of the variance that is explained."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric, Task


@metric("r2")
class R2(Metric):
    """Coefficient of determination: 1 - Σ (y - t)² / Σ (t - mean t)², mean over the k values.

    1 is perfect, 0 no better than the mean. NaN if the targets of some value are all equal. The
    variance is merged batch by batch without cancellation (Chan, Golub and LeVeque, 1979).
    """

    targets: ClassVar[Task] = "values"

    def undefined(self, targets: Array) -> str:
        """A target that never changes has no variance to explain."""
        return "" if np.ptp(targets, axis=0).all() else "all have the same target"

    def reset(self, classes: int) -> None:
        """Sums: samples; then for each value the targets' mean, Σ (t - mean)² and Σ (y - t)²."""
        self.sums = np.zeros(1 + 3 * classes)

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Merge a batch's means and sums of squares into those so far."""
        self.require_values(predictions, targets)
        weights = None if weights is None else weights.astype(np.float64)
        t = targets.astype(np.float64)
        before, new = self.sums[0], float(len(t)) if weights is None else float(weights.sum())
        mean, around_mean, errors = self.sums[1:].reshape(3, -1)
        if not new:
            return
        new_mean = t.mean(axis=0) if weights is None else weights @ t / new
        shift = new_mean - mean
        around_mean += _sum(np.square(t - new_mean), weights)
        around_mean += np.square(shift) * (before * new / (before + new))
        mean += shift * (new / (before + new))
        errors += _sum(np.square(predictions - t), weights)
        self.sums[0] += new

    def result(self) -> float:
        """1 - Σ (y - t)² / Σ (t - mean)², averaged."""
        _, around_mean, errors = self.sums[1:].reshape(3, -1)
        if not self.sums[0] or not around_mean.all():
            return float("nan")
        return float(np.mean(1.0 - errors / around_mean))


def _sum(squares: Array, weights: Array | None) -> Array:
    """The sum over the samples, each as often as its weight says."""
    total: Array = squares.sum(axis=0) if weights is None else weights @ squares
    return total
