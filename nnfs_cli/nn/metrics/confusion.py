"""The confusion matrix, and what follows from it for each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import predicted_classes


class ConfusionMatrix:
    """How often samples of class i (row) were taken for class j (column).

    ``sums`` holds the counts as a float64 vector of classes², the matrix row by row.
    """

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.sums = np.zeros(classes * classes)

    def update(self, predictions: Array, targets: Array) -> None:
        """Count a batch of predictions (N, k) and class numbers (N,)."""
        self.sums += count_pairs(targets, predicted_classes(predictions), self.classes)

    @property
    def counts(self) -> Array:
        """The matrix (classes, classes) of integers: rows are true, columns predicted classes."""
        return self.sums.reshape(self.classes, self.classes).astype(np.int64)


def count_pairs(
    targets: Array, guesses: Array, classes: int, weights: Array | None = None
) -> Array:
    """The confusion matrix of two vectors of class numbers, row by row in one vector."""
    return np.bincount(targets * classes + guesses, weights, minlength=classes * classes)


@dataclass(frozen=True)
class ClassScore:
    """How well one class is found; NaN where a number is not defined.

    precision = right / predicted, recall = right / samples, f1 = 2 right / (predicted + samples).
    """

    precision: float
    recall: float
    f1: float
    samples: float
    predicted: float


def class_scores(counts: Array) -> list[ClassScore]:
    """The table of all classes, from a confusion matrix."""
    return scores_of(np.diagonal(counts), counts.sum(axis=1), counts.sum(axis=0))


def label_counts(truth: Array, answers: Array, weights: Array | None = None) -> Array:
    """Of each of k labels: how often it was rightly answered, there, and answered; (3, k)."""
    found = np.stack([truth & answers, truth, answers])
    counts: Array = found.sum(axis=1) if weights is None else weights.astype(np.float64) @ found
    return counts


def scores_of(right: Array, samples: Array, predicted: Array) -> list[ClassScore]:
    """The table, from how often each class or label was rightly found, there, and predicted."""
    return [
        ClassScore(
            precision=ratio(found, answered),
            recall=ratio(found, there),
            f1=ratio(2 * found, answered + there),
            samples=there,
            predicted=answered,
        )
        for found, there, answered in zip(
            right.tolist(), samples.tolist(), predicted.tolist(), strict=True
        )
    ]


def ratio(part: float, whole: float) -> float:
    """Part / whole, NaN if there is no whole."""
    return part / whole if whole else float("nan")
