"""Precision, recall and F1: how well the classes are found."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import family, metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.metric import Metric, predicted_classes
from nnfs_cli.nn.metrics.confusion import ClassScore, class_scores, count_pairs


@family("metric", noun="class metric")
class ClassMetric(Metric):
    """One column of the per-class table, averaged over the classes.

    Averaged are the classes that occur among the samples or the predictions; where such a class
    has no defined value it counts as 0 (scikit-learn's rule).
    """

    average: Literal["macro", "weighted"] = Field(
        default="macro",
        description="macro: every class counts the same; weighted: by its number of samples",
    )

    column: ClassVar[Literal["precision", "recall", "f1"]]

    def reset(self, classes: int) -> None:
        """Sums: the confusion matrix, row by row."""
        self.classes = max(classes, 2)
        self.sums = np.zeros(self.classes**2)

    def update(self, predictions: Array, targets: Array) -> None:
        """Count a batch."""
        self.require_classes(predictions, targets)
        if predictions.shape[1] > self.classes:
            raise UsageError(
                f"{self.word} was told of {self.classes} classes, but predictions are of "
                f"{predictions.shape[1]}",
                "call reset with the number of classes",
            )
        self.sums += count_pairs(targets, predicted_classes(predictions), self.classes)

    def result(self) -> float:
        """The average over the classes."""
        present = [score for score in self.scores() if score.samples + score.predicted]
        values = [0.0 if math.isnan(v) else v for v in (getattr(s, self.column) for s in present)]
        weights = [1 if self.average == "macro" else score.samples for score in present]
        if not sum(weights):
            return float("nan")
        return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)

    def scores(self) -> list[ClassScore]:
        """The table of all classes."""
        return class_scores(self.sums.reshape(self.classes, self.classes))


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
