"""Accuracy."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric, counted, predicted_classes


@metric("accuracy")
class Accuracy(Metric):
    """The fraction of samples whose class was predicted: correct / all."""

    def reset(self, classes: int) -> None:
        """Sums: correct samples, all samples."""
        self.sums = np.zeros(2)

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Count a batch."""
        self.require_classes(predictions, targets)
        right, count = counted(predicted_classes(predictions) == targets, weights)
        self.sums[0] += right
        self.sums[1] += count

    def result(self) -> float:
        """Correct / all."""
        return float(self.sums[0] / self.sums[1]) if self.sums[1] else float("nan")
