"""Average precision, the area under precision and recall."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import metric
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import LabelMetric, Task


@metric("average_precision")
class AveragePrecision(LabelMetric):
    """Several labels a sample: Σ_i (R_i - R_(i-1)) P_i over all thresholds, mean over the labels.

    P_i and R_i are precision and recall when the i highest different scores are answered yes. It
    knows no threshold, and needs every score, so it is computed in evaluations alone. A label that
    no sample has counts as 0, as scikit-learn has it.
    """

    targets: ClassVar[Task] = "labels"
    in_training: ClassVar[bool] = False

    average: Literal["macro", "micro"] = Field(
        default="macro",
        description="macro: every label counts the same; micro: all answers in one list",
    )

    @property
    def key(self) -> str:
        """``average_precision``, or with ``_micro``."""
        return self.word + ("_micro" if self.average == "micro" else "")

    def undefined(self, targets: Array) -> str:
        """No sample has any label."""
        return "" if targets.any() else "have no label at all"

    def reset(self, classes: int) -> None:
        """Nothing is summed: scores and targets are kept."""
        self.sums = np.zeros(0)
        self.scores: list[Array] = []
        self.truth: list[Array] = []
        self.weights: list[Array] = []

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Keep a batch."""
        self.require_labels(predictions, targets)
        self.scores.append(predictions.astype(np.float64))
        self.truth.append(targets > 0.5)
        each = np.ones(len(targets)) if weights is None else weights.astype(np.float64)
        self.weights.append(each)

    def result(self) -> float:
        """The average by the formula above."""
        if not self.scores:
            return float("nan")
        scores, truth = np.concatenate(self.scores), np.concatenate(self.truth)
        weights, labels = np.concatenate(self.weights), range(truth.shape[1])
        if not truth.any() or np.isnan(scores).any():
            return float("nan")
        if self.average == "micro":
            each = np.repeat(weights, len(labels))
            return area(scores.reshape(-1), truth.reshape(-1), each)
        return float(np.mean([area(scores[:, k], truth[:, k], weights) for k in labels]))


def area(scores: Array, truth: Array, weights: Array) -> float:
    """Σ (R_i - R_(i-1)) P_i of one label; equal scores are answered together."""
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(truth[order] * weights[order])
    answered = np.cumsum(weights[order])
    last = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    if not found[-1]:
        return 0.0
    recall_steps = np.diff(found[last], prepend=0.0) / found[-1]
    precision = found[last] / np.where(answered[last] > 0, answered[last], 1.0)
    return float(np.dot(recall_steps, precision))
