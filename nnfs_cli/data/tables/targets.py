"""Telling classes from values among targets, and numbering the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.tables.cells import in_order
from nnfs_cli.data.tables.columns import label_text
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import some

Task = Literal["auto", "classification", "regression", "multilabel"]
TASK_HELP = (
    "classification; regression; multilabel: any number of labels a sample; or auto: classes are "
    "words, whole numbers with at most 30 different values, or one-hot rows, and other rows of 0 "
    "and 1 are several labels; rows of probabilities are classes where it says classification"
)
MAX_NUMBERED_CLASSES = 30
SUM_WITHIN = 1e-3
"""Of one, that the probabilities of a sample sum to."""


def learn_labels(values: Array, task: Task, names: Sequence[str] = ()) -> tuple[str, ...]:
    """The classes in order, numbers by size and words by alphabet; none for a regression.

    Words that are all numbers stay words, in the order of the numbers.

    ``values`` are numbers or words (N,), or numbers (N, k), which are values unless they are
    one-hot, or probabilities in a classification: then the classes are the columns: their
    ``names``, or else their numbers.
    """
    if task == "multilabel":
        return ()
    words = values.dtype.kind not in "biuf"
    if words and task == "regression":
        raise DataError(f"a regression needs numbers, but the target has {str(values[0])!r}")
    if task == "regression":
        return ()
    if values.ndim > 1:
        if is_one_hot(values) or (task == "classification" and are_distributions(values)):
            return tuple(names or map(str, range(values.shape[1])))
        if task == "classification":
            raise DataError(
                "classes need one target a sample, a row of one 1 and zeros, or a row of "
                "probabilities that sum to one",
                _first_misfit(values),
            )
        return ()
    if words:
        return tuple(in_order(str(value) for value in values))
    distinct = np.unique(values)
    whole = bool((distinct == np.floor(distinct)).all())
    if task == "auto" and (not whole or len(distinct) > MAX_NUMBERED_CLASSES):
        return ()
    return tuple(label_text(value) for value in distinct.tolist())


def are_several_labels(values: Array, task: Task) -> bool:
    """Whether targets (N, k) say for each of k labels if a sample has it: 1, or not: 0.

    Raises DataError if the task says so and they are others.
    """
    if task == "multilabel":
        if values.ndim != 2 or not _are_zeros_and_ones(values):
            raise DataError(
                f"several labels a sample are rows of 0 and 1, received targets of shape "
                f"{values.shape} and other values",
                "give a column for each label, with 1 where a sample has it and 0 where not",
            )
        return True
    return (
        task == "auto"
        and values.ndim == 2
        and values.shape[1] > 1
        and _are_zeros_and_ones(values)
        and not is_one_hot(values)
    )


def _are_zeros_and_ones(values: Array) -> bool:
    return values.dtype.kind in "biuf" and bool(((values == 0) | (values == 1)).all())


def is_one_hot(values: Array) -> bool:
    """Whether each row of (N, k) numbers, k of 2 or more, has a 1 and otherwise zeros."""
    if values.ndim != 2 or values.shape[1] < 2:
        return False
    ones = values == 1
    return bool((ones | (values == 0)).all() and (ones.sum(axis=1) == 1).all())


def are_distributions(values: Array) -> bool:
    """Whether each row of (N, k) numbers, k of 2 or more, has probabilities that sum to one."""
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "biuf":
        return False
    return bool((values >= 0).all()) and bool((np.abs(values.sum(axis=1) - 1) <= SUM_WITHIN).all())


def _first_misfit(values: Array) -> str:
    """Which row is the first that has no probabilities."""
    if values.shape[1] < 2 or values.dtype.kind not in "biuf":
        return ""
    wrong = (values < 0).any(axis=1) | (np.abs(values.sum(axis=1) - 1) > SUM_WITHIN)
    row = int(np.argmax(wrong))
    return f"the sample {row}, counted from 0, has {' '.join(f'{v:g}' for v in values[row, :8])}"


def distributions_of(values: Array, labels: Sequence[str]) -> Array | None:
    """The probabilities of the classes (N, K), float32; None where targets are single classes."""
    if not labels or not are_distributions(values) or is_one_hot(values):
        return None
    return values.astype(np.float32)


def encode_like(values: Array, labels: Sequence[str], thresholds: Sequence[float] | None) -> Array:
    """Further targets in the terms of a training. Raises DataError if they are others."""
    if thresholds is not None:
        values = values.reshape(len(values), -1)
        are_several_labels(values, "multilabel")
        if values.shape[1] != len(thresholds):
            raise DataError(
                f"targets of {values.shape[1]} labels a sample, and training had {len(thresholds)}",
                "give a column for each label of the training, in the same order",
            )
    return encode_targets(values, labels)


def encode_targets(values: Array, labels: Sequence[str]) -> Array:
    """Class numbers (N,) int64, or values (N, k) float32 if there are no labels.

    One-hot rows are numbered by their column, probabilities by the largest. Raises DataError for a
    class that is none of the labels, and for rows that are neither, or of another width.
    """
    if not labels:
        return values.astype(np.float32).reshape(len(values), -1)
    if values.ndim > 1 and values.shape[1] > 1:
        if values.shape[1] != len(labels) or not are_distributions(values):
            raise DataError(
                f"targets of shape {values.shape} are no one-hot rows of {len(labels)} classes",
                "give one class a sample, or a row with a 1 in the class's column",
            )
        columns: Array = np.argmax(values, axis=1).astype(np.int64)
        return columns
    distinct, inverse = np.unique(
        values.astype(str) if values.dtype == object else values, return_inverse=True
    )
    index = {label: number for number, label in enumerate(labels)}
    names = [value if isinstance(value, str) else label_text(value) for value in distinct.tolist()]
    unknown = [name for name in names if name not in index]
    if unknown:
        raise DataError(
            f"the class {unknown[0]!r} is not among those trained on",
            f"known are {some(labels)}",
        )
    return np.array([index[name] for name in names], dtype=np.int64)[inverse.reshape(-1)]
