"""Top-k accuracy."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric, class_probabilities, counted


@metric("top_k", "top_k_accuracy")
class TopK(Metric):
    """The fraction of samples whose class is among the k most probable ones.

    Of equally probable classes the one with the smaller number comes first, so that top-1 is the
    accuracy.
    """

    k: int = Field(default=5, ge=1, description="how many guesses count")

    @property
    def key(self) -> str:
        """Its name with the k: ``top_5``."""
        return f"top_{self.k}"

    def unfit_outputs(self, outputs: int) -> str:
        """One number for two classes has no order."""
        return "" if outputs > 1 else "it needs an output for each class, and the network has one"

    def reset(self, classes: int) -> None:
        """Sums: samples found, all samples."""
        self.sums = np.zeros(2)

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Count a batch: found is whose class has fewer than k classes in front of it."""
        self.require_classes(predictions, targets)
        predictions = class_probabilities(predictions)
        own = np.take_along_axis(predictions, targets[:, np.newaxis], axis=1)
        earlier = np.arange(predictions.shape[1]) < targets[:, np.newaxis]
        in_front = ~(predictions <= own) | ((predictions == own) & earlier)
        self.sums += counted(in_front.sum(axis=1) < self.k, weights)

    def result(self) -> float:
        """Found / all."""
        return float(self.sums[0] / self.sums[1]) if self.sums[1] else float("nan")
