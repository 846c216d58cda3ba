"""Targets in several columns of a table, or several labels in one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.tables.cells import has_decimal_commas
from nnfs_cli.data.tables.columns import Column, numbers, texts
from nnfs_cli.data.tables.several_labels import (
    Threshold,
    label_rows,
    learn_names,
    refuse_threshold,
    thresholds_of,
)
from nnfs_cli.data.tables.table import Table
from nnfs_cli.data.tables.targets import Task, are_several_labels
from nnfs_cli.errors import DataError

NUMBERS = "several targets have numbers, or yes and no, each; a target of words stands alone"
YES_NO = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}


def learn_several(
    table: Table, positions: Sequence[int], columns: list[Column], separator: str
) -> tuple[Array, tuple[str, ...]]:
    """The targets (N, k) and the names of the k values or labels.

    One column is divided at the ``separator``, several have a number each. Raises DataError.
    """
    if len(positions) == 1:
        columns[positions[0]]["separator"] = separator
        names = learn_names(table, positions[0], separator)
        return label_rows(table, positions[0], separator, names), tuple(names)
    for position in positions:
        cells = texts(table, position)
        if not _are_answers(cells) and has_decimal_commas({*cells}):
            columns[position]["decimal"] = ","
    return target_rows(table, positions, columns), tuple(map(table.title, positions))


def learn_thresholds(
    values: Array, names: Sequence[str], task: Task, given: Threshold
) -> tuple[float, ...] | None:
    """The thresholds of several labels a sample; None if the targets are others.

    Raises DataError.
    """
    if not names or not are_several_labels(values, task):
        refuse_threshold(given)
        return None
    return thresholds_of(given, names)


def target_rows(table: Table, positions: Sequence[int], columns: Sequence[Column]) -> Array:
    """The numbers of several columns (N, k), float64; true and yes are 1, false and no 0."""
    learned = [column for column in columns if column["kind"] == "target"]
    values = []
    for position, column in zip(positions, learned, strict=True):
        cells = texts(table, position)
        if _are_answers(cells):
            values.append(np.array([YES_NO[cell.lower()] for cell in cells]))
        else:
            values.append(numbers(table, position, column.get("decimal"), NUMBERS))
    return np.stack(values, axis=1)


def _are_answers(cells: Sequence[str]) -> bool:
    return all(cell.lower() in YES_NO for cell in cells)


def known_targets(
    table: Table, positions: Sequence[int | None], columns: Sequence[Column], names: Sequence[str]
) -> Array | None:
    """The targets of a further table (N, k) in the terms of a training; None if it has none.

    Raises DataError where it has some of the columns alone.
    """
    there = [position for position in positions if position is not None]
    if not there:
        return None
    learned = [column for column in columns if column["kind"] == "target"]
    if len(there) < len(learned):
        absent = next(c for c, p in zip(learned, positions, strict=True) if p is None)
        raise DataError(
            f"the table has no column {absent['name']!r}, one of the targets",
            "give it all of them, or none",
        )
    if "separator" in learned[0]:
        return label_rows(table, there[0], learned[0]["separator"], names)
    return target_rows(table, there, columns)
