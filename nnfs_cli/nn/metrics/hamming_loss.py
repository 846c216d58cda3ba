"""Hamming loss: labels that are wrong."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import LabelMetric, Task


@metric("hamming_loss")
class HammingLoss(LabelMetric):
    """Several labels a sample: the fraction of all N k answers, yes or no, that are wrong."""

    targets: ClassVar[Task] = "labels"
    higher_is_better: ClassVar[bool] = False

    def reset(self, classes: int) -> None:
        """Sums: wrong answers, all answers."""
        self.sums = np.zeros(2)

    def update(self, predictions: Array, targets: Array) -> None:
        """Count a batch."""
        wrong = self.decided(predictions, targets) != (targets > 0.5)
        undefined = np.isnan(predictions).any()
        self.sums += np.nan if undefined else float(np.count_nonzero(wrong)), wrong.size

    def result(self) -> float:
        """Wrong / all."""
        return float(self.sums[0] / self.sums[1]) if self.sums[1] else float("nan")
