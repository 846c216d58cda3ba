"""Area under the ROC curve."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric


@metric("roc_auc")
class RocAuc(Metric):
    """The probability that a sample of class 1 scores above one of class 0; ties count half.

    Exact, from the ranks of all scores (Mann and Whitney, 1947):
    (Σ ranks of class 1 - n₁ (n₁ + 1) / 2) / (n₀ n₁), equal scores sharing their mean rank. For two
    classes only (NaN otherwise). It needs every score, so it is computed in evaluations alone.
    """

    in_training: ClassVar[bool] = False

    def unfit(self, classes: int) -> str:
        """More than two classes."""
        return "" if classes <= 2 else f"it is for two classes, and the data has {classes}"

    def undefined(self, targets: Array) -> str:
        """All samples are of one class."""
        return "" if len(np.unique(targets)) > 1 else "are all of one class"

    def reset(self, classes: int) -> None:
        """Nothing is summed: scores and classes are kept."""
        self.sums = np.zeros(0)
        self.binary = classes <= 2
        self.scores: list[Array] = []
        self.classes: list[Array] = []
        self.weights: list[Array] = []

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Keep a batch: the score of class 1 is the last column."""
        self.require_classes(predictions, targets)
        if self.binary:
            self.scores.append(predictions[:, -1].astype(np.float64))
            self.classes.append(np.array(targets))
            if weights is not None:
                self.weights.append(weights.astype(np.float64))

    def result(self) -> float:
        """The area by the formula above."""
        if not self.scores:
            return float("nan")
        scores, positive = np.concatenate(self.scores), np.concatenate(self.classes) == 1
        if self.weights:
            return weighted_area(scores, positive, np.concatenate(self.weights))
        n1 = np.count_nonzero(positive)
        n0 = len(positive) - n1
        if n0 == 0 or n1 == 0 or np.isnan(scores).any():
            return float("nan")
        _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
        mean_ranks = np.cumsum(counts) - (counts - 1) / 2.0
        above = mean_ranks[places][positive].sum() - n1 * (n1 + 1) / 2.0
        return float(above / (n0 * n1))


def weighted_area(scores: Array, positive: Array, weights: Array) -> float:
    """Σ w_i w_j over the pairs of class 1 and 0 in the right order, by that over all pairs."""
    _, places = np.unique(scores, return_inverse=True)
    below = np.bincount(places, weights * ~positive)
    before = np.cumsum(below) - 0.5 * below
    right = np.dot(before[places], weights * positive)
    pairs = np.dot(weights, positive) * np.dot(weights, ~positive)
    return float(right / pairs) if pairs and np.isfinite(scores).all() else float("nan")
