"""Hamming loss: labels that are wrong."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import LabelMetric, Task, counted


@metric("hamming_loss")
class HammingLoss(LabelMetric):
    """Several labels a sample: the fraction of all N k answers, yes or no, that are wrong."""

    targets: ClassVar[Task] = "labels"
    higher_is_better: ClassVar[bool] = False

    def reset(self, classes: int) -> None:
        """Sums: wrong answers, all answers."""
        self.sums = np.zeros(2)

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Count a batch."""
        wrong = self.decided(predictions, targets) != (targets > 0.5)
        labels = wrong.shape[1]
        each = None if weights is None else np.repeat(weights, labels)
        self.sums += counted(wrong.reshape(-1), each)
        if np.isnan(predictions).any():
            self.sums[0] = np.nan

    def result(self) -> float:
        """Wrong / all."""
        return float(self.sums[0] / self.sums[1]) if self.sums[1] else float("nan")
