"""The targets in an array: what they are, and what they may not be."""

from __future__ import annotations

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.arrays import check_finite
from nnfs_cli.data.tables.several_labels import Threshold, refuse_threshold, thresholds_of
from nnfs_cli.data.tables.targets import Task, are_several_labels
from nnfs_cli.errors import DataError

Pair = tuple[Array, Array]
"""Inputs and targets."""


def label_names(
    targets: Array, task: Task, threshold: Threshold
) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
    """The numbers of the columns and their thresholds, if they are several labels a sample."""
    if not are_several_labels(targets, task):
        refuse_threshold(threshold)
        return (), None
    columns = tuple(str(column) for column in range(targets.shape[1]))
    return columns, thresholds_of(threshold, columns)


def as_targets(pair: Pair, task: Task = "auto") -> Array:
    """The targets, of the inputs' length and finite.

    A column (N, 1) of whole numbers becomes (N,), unless it is one of several labels.
    """
    inputs, targets = pair
    if inputs.ndim == 0 or targets.ndim not in (1, 2) or len(inputs) != len(targets):
        raise DataError(
            f"inputs of shape {inputs.shape} and targets of shape {targets.shape}",
            "both need one entry for each sample: targets (N,), or (N, k) values",
        )
    if targets.ndim == 2 and not targets.shape[1]:
        raise DataError("targets have no columns", "save a value or more for each sample")
    if targets.dtype.kind not in "biufUS":
        raise DataError(f"targets are {targets.dtype}", "save numbers or text")
    if targets.dtype.kind == "f":
        check_finite(targets, "targets")
    if targets.dtype.kind == "S":
        targets = _decoded(targets)
    whole_column = targets.ndim == 2 and targets.shape[1] == 1 and targets.dtype.kind != "f"
    return targets[:, 0] if whole_column and task != "multilabel" else targets


def _decoded(targets: Array) -> Array:
    """Bytes as text in UTF-8."""
    try:
        return np.char.decode(targets, "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            "targets are bytes that are no text in UTF-8", "save them as text: array.astype(str)"
        ) from error
