"""Telling classes from values among targets, and numbering the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nnfs_cli.data.columns import label_text
from nnfs_cli.errors import DataError
from nnfs_cli.parameter import Array

Task = Literal["auto", "classification", "regression"]
TASK_HELP = (
    "classification, regression, or auto: classes are words, or whole numbers with at most 30 "
    "different values"
)
MOST_NUMBERED_CLASSES = 30


def learn_labels(values: Array, task: Task) -> tuple[str, ...]:
    """The classes in order, numbers by size and words by alphabet; none for a regression.

    ``values`` are numbers or words (N,), or numbers (N, k), which are always values.
    """
    words = values.dtype.kind not in "biuf"
    if words and task == "regression":
        raise DataError(f"a regression needs numbers, but the target has {str(values[0])!r}")
    if values.ndim > 1 or task == "regression":
        if task == "classification":
            raise DataError("classes need one target a sample, not a row of them")
        return ()
    if words:
        return tuple(sorted({str(value) for value in values}))
    distinct = np.unique(values)
    whole = bool((distinct == np.floor(distinct)).all())
    if task == "auto" and (not whole or len(distinct) > MOST_NUMBERED_CLASSES):
        return ()
    return tuple(label_text(value) for value in distinct.tolist())


def encode_targets(values: Array, labels: Sequence[str]) -> Array:
    """Class numbers (N,) int64, or values (N, k) float32 if there are no labels.

    Raises DataError for a class that is none of the labels.
    """
    if not labels:
        return values.astype(np.float32).reshape(len(values), -1)
    distinct, inverse = np.unique(
        values.astype(str) if values.dtype == object else values, return_inverse=True
    )
    index = {label: number for number, label in enumerate(labels)}
    names = [value if isinstance(value, str) else label_text(value) for value in distinct.tolist()]
    unknown = [name for name in names if name not in index]
    if unknown:
        raise DataError(
            f"the class {unknown[0]!r} is not among those trained on",
            f"known are {', '.join(labels[:10])}{', ...' * (len(labels) > 10)}",
        )
    return np.array([index[name] for name in names], dtype=np.int64)[inverse.reshape(-1)]
