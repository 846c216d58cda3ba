"""Precision, recall and F1: how well the classes, or several labels a sample, are found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import family, metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.metric import LabelMetric, Task, predicted_classes
from nnfs_cli.nn.metrics.confusion import ClassScore, class_counts, label_counts, scores_of


@family("metric", noun="class metric")
class ClassMetric(LabelMetric):
    """One column of the per-class table, averaged over the classes, or over several labels.

    Averaged are the classes that occur among the samples or the predictions; where such a class
    has no defined value it counts as 0 (scikit-learn's rule, which averages over all labels).
    """

    average: Literal["macro", "weighted", "micro"] = Field(
        default="macro",
        description="macro: every class counts the same; weighted: by its number of samples; "
        "micro: all answers together, which for one class a sample is the accuracy",
    )

    column: ClassVar[Literal["precision", "recall", "f1"]]

    @property
    def key(self) -> str:
        """Its name, with ``_micro`` where all answers are taken together."""
        return self.word + ("_micro" if self.average == "micro" else "")

    def fits(self, task: Task) -> bool:
        """Classes, and several labels a sample."""
        return task in ("classes", "labels")

    def reset(self, classes: int) -> None:
        """Sums: how many samples, and of each class those right, there, and predicted.

        Of several labels the latter three.
        """
        if self.thresholds is not None:
            self.sums = np.zeros(3 * classes)
            return
        self.classes = max(classes, 2)
        self.sums = np.zeros(1 + 3 * self.classes)

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Count a batch."""
        if self.thresholds is not None:
            answers = self.decided(predictions, targets)
            self.sums += label_counts(targets > 0.5, answers, weights).reshape(-1)
            return
        self.require_classes(predictions, targets)
        if predictions.shape[1] > self.classes:
            raise UsageError(
                f"{self.word} was told of {self.classes} classes, but predictions are of "
                f"{predictions.shape[1]}",
                "call reset with the number of classes",
            )
        self._add(class_counts(targets, predicted_classes(predictions), self.classes, weights))

    def take_up(self, sums: Sequence[float]) -> bool:
        """As every metric; of classes also from a confusion matrix, which earlier versions kept."""
        if self.thresholds is not None or len(sums) != self.classes**2:
            return super().take_up(sums)
        matrix = np.reshape(sums, (self.classes, self.classes))
        self._add(np.stack([np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)]))
        return True

    def _add(self, counts: Array) -> None:
        self.sums[0] += counts[1].sum()
        self.sums[1:] += counts.reshape(-1)

    def result(self) -> float:
        """The average over the classes, or over the labels."""
        scores = self.scores()
        present = [score for score in scores if score.samples + score.predicted]
        if self.thresholds is not None and present:
            present = scores
        values = [0.0 if math.isnan(v) else v for v in (getattr(s, self.column) for s in present)]
        shares = [1 if self.average == "macro" else score.samples for score in present]
        if not sum(shares):
            return float("nan")
        return sum(w * v for w, v in zip(shares, values, strict=True)) / sum(shares)

    def scores(self) -> list[ClassScore]:
        """The table of all classes, or labels; micro: one row for all of them together."""
        counts = self.counts()
        if self.average == "micro":
            counts = tuple(np.sum(count, keepdims=True) for count in counts)
        return scores_of(*counts)

    def counts(self) -> tuple[Array, ...]:
        """How often each class was rightly found, there, and predicted."""
        each = self.sums if self.thresholds is not None else self.sums[1:]
        right, there, predicted = each.reshape(3, -1)
        return right, there, predicted


@metric("precision")
class Precision(ClassMetric):
    """Of the samples taken for a class, the fraction that belongs to it; mean over the classes."""

    column: ClassVar[Literal["precision", "recall", "f1"]] = "precision"


@metric("recall")
class Recall(ClassMetric):
    """Of the samples of a class, the fraction that was found; mean over the classes."""

    column: ClassVar[Literal["precision", "recall", "f1"]] = "recall"


@metric("f1")
class F1(ClassMetric):
    """The harmonic mean of a class's precision and recall; mean over the classes."""

    column: ClassVar[Literal["precision", "recall", "f1"]] = "f1"
