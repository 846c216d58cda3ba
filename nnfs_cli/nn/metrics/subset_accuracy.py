"""Subset accuracy: all labels of a sample right."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import LabelMetric, Task, counted


@metric("subset_accuracy", "exact_match")
class SubsetAccuracy(LabelMetric):
    """Several labels a sample: the fraction of samples whose labels are all right, none missing.

    The empty set is right for a sample without labels.
    """

    targets: ClassVar[Task] = "labels"

    def reset(self, classes: int) -> None:
        """Sums: samples that are right, all samples."""
        self.sums = np.zeros(2)

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Count a batch."""
        right = (self.decided(predictions, targets) == (targets > 0.5)).all(axis=1)
        right &= ~np.isnan(predictions).any(axis=1)
        self.sums += counted(right, weights)

    def result(self) -> float:
        """Right / all."""
        return float(self.sums[0] / self.sums[1]) if self.sums[1] else float("nan")
