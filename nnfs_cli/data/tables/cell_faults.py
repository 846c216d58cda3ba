"""Faults of a table's cells in words, with row and column."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from nnfs_cli.data.tables.cells import MISSING
from nnfs_cli.data.tables.table import Table
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import some

NAMED = 4
"""So many columns to leave out are named one by one."""
ONE_GAP = "fill it in or remove the row"


def ignoring(titles: Sequence[str]) -> str:
    """How to leave out the columns of these titles, or names, in a config and in `nnfs init`."""
    several = titles if len(titles) <= NAMED else ["COLUMN"]
    options = " ".join(f"--ignore {shlex.quote(title)}" for title in several)
    return f"data.ignore; `nnfs init {options}`"


class MissingValue(DataError):
    """A cell without a value."""


def at(table: Table, row: int, position: int, message: str, hint: str) -> DataError:
    """An error of one cell."""
    where = f"row {table.where[row]}, column {table.title(position)!r}"
    return DataError(f"{where}: {message}", hint)


def missing(table: Table, row: int, position: int) -> MissingValue:
    """The error for a cell without a value."""
    found = at(table, row, position, "the value is missing", ONE_GAP)
    return MissingValue(found.message, found.hint)


def all_missing(table: Table, targets: Sequence[int], ignored: Sequence[int]) -> MissingValue:
    """The error for the first missing value of a table, which counts all of them by column."""
    gaps = {}
    for position in range(table.width):
        rows = [row for row, cell in enumerate(table.texts(position)) if cell.lower() in MISSING]
        if rows and position not in {*ignored} - {*targets}:
            gaps[position] = rows
    first = min(gaps, key=lambda position: gaps[position][0])
    message = missing(table, gaps[first][0], first).message
    several = len(gaps) > 1 or len(gaps[first]) > 1
    if several:
        counts = [f"{len(rows):,} of {table.title(p)!r}" for p, rows in gaps.items()]
        message += f" (in {len(table.cells):,} rows: {some(counts)})"
    remedy = "fill them in or remove the rows" if several else ONE_GAP
    no_target = any(len(gaps.get(target, ())) == len(table.cells) for target in targets)
    if no_target:
        remedy = "choose another target (data.target; `nnfs init --target`)"
    others = [table.title(position) for position in gaps if no_target or position not in targets]
    if others:
        remedy += f", or leave {'columns' if len(others) > 1 else 'the column'} out "
        remedy += f"({ignoring(others)})"
    return MissingValue(message, remedy)
