"""The contract of a metric: a number people understand, summed up batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np

from nnfs_cli.components.component import Component, family
from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.matching import other_shapes, require_arrays, require_class_numbers

Task = Literal["classes", "values", "labels"]
"""What targets are: one class a sample (N,); values (N, k); or for k labels 1, a sample has it, or
0."""


def said(task: Task) -> str:
    """What targets are, in words."""
    return "several labels a sample" if task == "labels" else task


def other_metrics(task: Task, hint: str = "leave it out") -> str:
    """What to measure instead of a metric of other targets."""
    return hint + (", or take subset_accuracy, hamming_loss or f1" if task == "labels" else "")


@family("metric")
class Metric(Component):
    """A figure of merit over many samples.

    ``sums`` is all it remembers, a float64 vector, so that a checkpoint in the middle of an epoch
    can keep it; a metric that needs more says ``in_training = False`` and is computed for
    evaluations alone. Targets that do not fit the predictions are a UsageError; a training sets
    ``trusting``, because its targets do.
    """

    targets: ClassVar[Task] = "classes"
    """What it compares predictions with."""
    higher_is_better: ClassVar[bool] = True
    in_training: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self.sums = np.zeros(0)
        self.trusting = False
        self.thresholds: Array | None = None

    def fits(self, task: Task) -> bool:
        """Whether it can compare such targets; labels are values too, 0 and 1."""
        return self.targets == task or (self.targets == "values" and task == "labels")

    def decide_at(self, thresholds: Sequence[float] | None) -> None:
        """Learn from which probability each of several labels is answered; None: there are none."""
        self.thresholds = None if thresholds is None else np.asarray(thresholds)

    @property
    def key(self) -> str:
        """Its name in metrics.csv and in monitors, such as ``accuracy`` or ``top_3``."""
        return self.word

    def unfit(self, classes: int) -> str:
        """Why it can never be computed for so many classes or values; empty if it can."""
        return ""

    def unfit_outputs(self, outputs: int) -> str:
        """Why it cannot be computed of a network that returns so many numbers; empty if it can."""
        return ""

    def undefined(self, targets: Array) -> str:
        """Why it is not defined over samples with these ``targets``; empty if it is."""
        return ""

    def reset(self, classes: int) -> None:
        """Start again; ``classes`` is the number of classes, or of values in a regression."""
        raise NotImplementedError

    def update(self, predictions: Array, targets: Array, weights: Array | None = None) -> None:
        """Add a batch: predictions as the loss makes them of the outputs, (N, k).

        ``weights`` (N,) are what the samples count for; None: 1 each. All stay as they are: the
        next metric takes them too.
        """
        raise NotImplementedError

    def add(self, predictions: Array, targets: Array, weights: Array | None) -> None:
        """As :meth:`update`, of a metric that may know of no weights while there are none."""
        if weights is None:
            self.update(predictions, targets)
        else:
            self.update(predictions, targets, weights)

    def require_classes(self, predictions: Array, targets: Array) -> None:
        """Raise UsageError unless the targets are class numbers (N,) for predictions (N, k)."""
        if not self.trusting:
            require_arrays(predictions=predictions, targets=targets)
            require_class_numbers(predictions, targets, least=2)

    def require_values(self, predictions: Array, targets: Array) -> None:
        """Raise UsageError unless there is a target for every predicted value."""
        if not self.trusting:
            require_arrays(predictions=predictions, targets=targets)
        if predictions.shape != targets.shape:
            raise other_shapes(predictions, targets, "predictions")

    def take_up(self, sums: Sequence[float]) -> bool:
        """Go on, after ``reset``, with the sums of a checkpoint; False if they are not such."""
        if len(sums) != self.sums.size:
            return False
        self.sums[...] = sums
        return True

    def result(self) -> float:
        """The metric over everything since ``reset``; NaN where it is not defined."""
        raise NotImplementedError


def require_own_key(metric: Metric, others: Sequence[Metric]) -> None:
    """Raise UsageError if the loss or one of the ``others`` stands in the metric's column."""
    key = metric.key
    if key == "loss":
        raise UsageError("a metric is called loss, as the loss is", "give it another name")
    if any(other.key == key for other in others):
        raise UsageError(f"the metrics name {key} twice", "name it once")


@family("metric", noun="metric")
class LabelMetric(Metric):
    """A metric of several labels a sample: targets are (N, k) of 0 and 1."""

    def decided(self, predictions: Array, targets: Array) -> Array:
        """Which labels are answered, (N, k): those whose prediction reaches their threshold."""
        self.require_labels(predictions, targets)
        return decided(predictions, self.thresholds)

    def require_labels(self, predictions: Array, targets: Array) -> None:
        """Raise UsageError unless both have a row for each sample and a column for each label."""
        self.require_values(predictions, targets)
        if predictions.ndim != 2:
            raise UsageError(
                f"{self.word} takes rows (N, k), received an array of {predictions.ndim} axes",
                "give a column for each label",
            )


def counted(right: Array, weights: Array | None) -> tuple[float, float]:
    """How many samples are right, and of how many; their weights where they have some."""
    if weights is None:
        return float(np.count_nonzero(right)), float(len(right))
    total = weights.astype(np.float64)
    return float(np.dot(right, total)), float(total.sum())


def decided(predictions: Array, thresholds: Sequence[float] | Array | None) -> Array:
    """Which labels are answered, (N, k); without thresholds they are 0.5."""
    return predictions >= np.asarray(0.5 if thresholds is None else thresholds, predictions.dtype)


def predicted_classes(predictions: Array) -> Array:
    """The class of each row: the largest entry, or for a single column whether it is >= 0.5."""
    if predictions.shape[1] == 1:
        return (predictions[:, 0] >= 0.5).astype(np.int64)
    classes: Array = predictions.argmax(axis=1)
    return classes


def class_probabilities(predictions: Array) -> Array:
    """A column for each class: of a single one, the probability of class 1, both."""
    if predictions.shape[1] == 1:
        return np.hstack([1.0 - predictions, predictions])
    return predictions


def ranked_classes(predictions: Array) -> Array:
    """The classes of each row, the likeliest first, as :func:`predicted_classes` has it."""
    if predictions.shape[1] == 1:
        first = predicted_classes(predictions)
        return np.stack([first, 1 - first], axis=1)
    order: Array = np.argsort(-predictions, axis=1, kind="stable")
    return order


def likeliest_classes(answer: Array, most: int) -> list[int]:
    """So many classes of one row (k,) in the order of :func:`ranked_classes`, which sorts all."""
    if not 1 < most < len(answer):
        return list(ranked_classes(answer[np.newaxis])[0, :most].tolist())
    least = np.partition(answer, -most)[-most]
    places = np.flatnonzero(answer >= least)
    return list(places[np.argsort(-answer[places], kind="stable")][:most].tolist())


def higher_is_better(monitor: str) -> bool:
    """Whether more of a monitored number is better: ``val_accuracy`` yes, ``val_loss`` no."""
    key = monitor.removeprefix("train_").removeprefix("val_").removeprefix("test_")
    if key == "loss":
        return False
    member = Metric.find(key.removesuffix("_micro")) or Metric.find(key.rstrip("0123456789") + "k")
    return member is not None and member.higher_is_better
