"""What was taken for what, and how well each class is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array


class Pair(NamedTuple):
    """So many samples of class ``true`` were taken for class ``predicted``."""

    true: int
    predicted: int
    samples: int


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often samples of one class were taken for another: the pairs of classes that occur.

    There are no more of them than samples, where a matrix has classes² cells. ``pairs`` (P, 3) are
    the true class, the predicted one and the number of samples, in the order of the matrix's cells.
    """

    classes: int
    pairs: Array

    @classmethod
    def of(cls, targets: Array, guesses: Array, classes: int) -> Confusion:
        """Of two vectors of class numbers (N,)."""
        cells, counts = np.unique(targets * classes + guesses, return_counts=True)
        return cls(classes, np.stack([*np.divmod(cells, classes), counts], axis=1))

    def matrix(self) -> Array:
        """All counts (classes, classes): rows are true, columns predicted classes."""
        counts = np.zeros((self.classes, self.classes), np.int64)
        true, predicted, samples = self.pairs.T
        counts[true, predicted] = samples
        return counts

    def commonest(self, most: int) -> list[Pair]:
        """The pairs of two different classes with the most samples, the first of equals first."""
        wrong = self.pairs[self.pairs[:, 0] != self.pairs[:, 1]]
        order = np.argsort(-wrong[:, 2], kind="stable")[:most]
        return [Pair(*row) for row in wrong[order].tolist()]


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


def class_counts(
    targets: Array, guesses: Array, classes: int, weights: Array | None = None
) -> Array:
    """Of each class: how often it was rightly predicted, there, and predicted; (3, classes)."""
    right = targets == guesses
    own = None if weights is None else weights[right]
    return np.stack(
        [
            np.bincount(targets[right], own, minlength=classes),
            np.bincount(targets, weights, minlength=classes),
            np.bincount(guesses, weights, minlength=classes),
        ]
    )


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
