"""The errors of a regression: mean squared, its root, mean absolute."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric, Task


class MeanError(Metric):
    """The mean of a penalty over all samples and values."""

    targets: ClassVar[Task] = "values"
    higher_is_better: ClassVar[bool] = False
    power: ClassVar[float] = 2.0
    """Of the error in the penalty."""

    def reset(self, classes: int) -> None:
        """Sums: penalties, how many."""
        self.sums = np.zeros(2)

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Add a batch."""
        self.require_values(predictions, targets)
        error = np.subtract(predictions, targets, dtype=np.float64)
        count: float = error.size
        if weights is not None:
            each = weights.astype(np.float64)
            error *= (each ** (1.0 / self.power))[:, np.newaxis]
            count = float(each.sum()) * error.shape[1]
        self.sums += self.penalty(error), count

    def result(self) -> float:
        """Penalties / how many."""
        return float(self.sums[0] / self.sums[1]) if self.sums[1] else float("nan")

    def penalty(self, error: Array) -> float:
        """The sum of the penalties of some errors y - t."""
        raise NotImplementedError


@metric("mse", "mean_squared_error")
class MeanSquaredError(MeanError):
    """Mean squared error: Σ (y - t)² / (N k)."""

    def penalty(self, error: Array) -> float:
        """Σ (y - t)²."""
        return float(np.vdot(error, error))


@metric("rmse", "root_mean_squared_error")
class RootMeanSquaredError(MeanSquaredError):
    """Root of the mean squared error, in the units of the targets."""

    def result(self) -> float:
        """sqrt(Σ (y - t)² / (N k))."""
        return math.sqrt(super().result())


@metric("mae", "mean_absolute_error")
class MeanAbsoluteError(MeanError):
    """Mean absolute error: Σ |y - t| / (N k)."""

    power: ClassVar[float] = 1.0

    def penalty(self, error: Array) -> float:
        """Σ |y - t|."""
        return float(np.abs(error).sum())
