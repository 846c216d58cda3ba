"""What training learned about a table's columns, and encoding further rows in the same way.

A column is a small mapping, so that a checkpoint's JSON can hold it: its ``name`` (None without a
header), its ``kind`` (``number``, ``category``, ``target`` or ``ignored``) and, for a category,
its ``categories``: the words that training saw. A number is one feature, a category with k words
k features of which one is 1 and the others 0 ("one-hot").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnfs_cli.data.arrays import is_finite
from nnfs_cli.data.table import MISSING, Table, is_number
from nnfs_cli.errors import DataError
from nnfs_cli.parameter import Array

Column = dict[str, Any]
MOST_CATEGORIES = 1000


def learn_columns(
    table: Table, target: int, ignored: Sequence[int], categories: Sequence[int]
) -> list[Column]:
    """Tell numbers from categories: all cells must be numbers, or none of them.

    Raises DataError for a word among numbers and for a column of too many different words.
    """
    columns = []
    for position in range(table.width):
        kind, words = "number", []
        if position == target:
            kind = "target"
        elif position in ignored:
            kind = "ignored"
        elif table.cells.dtype == object or position in categories:
            words = _categories(table, position, position in categories)
            kind = "category" if words else "number"
        column: Column = {"name": table.names[position] if table.names else None, "kind": kind}
        columns.append(column | {"categories": words} if words else column)
    return columns


def match(columns: list[Column], table: Table) -> list[int | None]:
    """The table's position of every learned column: by name if both have names, else by order.

    The target and ignored columns may be missing (None). Raises DataError if a feature is.
    """
    if table.names and all(column["name"] is not None for column in columns):
        where = {name: position for position, name in enumerate(table.names)}
        found = [where.get(column["name"]) for column in columns]
        for column, position in zip(columns, found, strict=True):
            if position is None and column["kind"] in ("number", "category"):
                raise DataError(
                    f"the table has no column {column['name']!r}",
                    "give it the columns that the training table has",
                )
        return found
    for absent in ((), ("target",), ("target", "ignored")):
        present = [column["kind"] not in absent for column in columns]
        if sum(present) == table.width:
            positions = iter(range(table.width))
            return [next(positions) if there else None for there in present]
    expected = sum(column["kind"] != "target" for column in columns)
    raise DataError(
        f"the table has {table.width} columns, but the training table had {expected} and a target",
        "give it the same columns in the same order, or a header with the same names",
    )


def encode(columns: list[Column], table: Table) -> Array:
    """The features (N, F): float32, or uint8 if all are whole numbers from 0 to 255."""
    positions = match(columns, table)
    chosen = [
        (column, position)
        for column, position in zip(columns, positions, strict=True)
        if position is not None and column["kind"] in ("number", "category")
    ]
    if not chosen:
        raise DataError("the table has no column to learn from besides the target")
    if table.cells.dtype != object and all(c["kind"] == "number" for c, _ in chosen):
        return _compact(table.cells[:, [position for _, position in chosen]])
    parts = [
        one_hot(table, position, column["categories"])
        if column["kind"] == "category"
        else numbers(table, position)[:, None]
        for column, position in chosen
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def encode_rows(
    columns: list[Column], rows: Sequence[Sequence[str]], names: Sequence[str] = ()
) -> Array:
    """Rows of cells as text, encoded as float32 (N, F); their faults count rows from 1."""
    for line, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise DataError(f"row {line} has {len(row)} columns, but row 1 has {len(rows[0])}")
    cells = np.array([[str(cell).strip() for cell in row] for row in rows], dtype=object)
    if cells.ndim != 2:
        raise DataError("there is no row to encode")
    return encode(columns, Table(list(names), cells, range(1, len(rows) + 1))).astype(np.float32)


def numbers(table: Table, position: int) -> Array:
    """A column as float64 (N,); raises DataError at a missing value, a word or infinity."""
    cells = table.cells[:, position]
    values = _floats(cells)
    if values is not None and is_finite(values).all():
        return values
    where = f"column {table.title(position)!r}"
    for line, cell in zip(table.lines, cells, strict=True):
        if cell.lower() in MISSING:
            raise missing(table, line, position)
        if not is_number(cell):
            raise DataError(
                f"row {line}, {where}: {cell!r} is not a number",
                "correct it, or list the column under categories or ignore",
            )
        if not is_finite(np.array(float(cell))):
            raise DataError(f"row {line}, {where}: {cell} is not finite", "correct it")
    raise AssertionError("a column without a fault was finite")


def one_hot(table: Table, position: int, categories: list[str]) -> Array:
    """A column of words as float32 (N, k); raises DataError at a word that is not known."""
    words = texts(table, position)
    index = {word: i for i, word in enumerate(categories)}
    encoded = np.zeros((len(words), len(categories)), dtype=np.float32)
    for row, word in enumerate(words):
        if word not in index:
            line = table.lines[row] if table.lines else row + 1
            raise DataError(
                f"row {line}, column {table.title(position)!r}: training never saw {word!r}",
                f"known are {', '.join(categories[:8])}{', ...' * (len(categories) > 8)}",
            )
        encoded[row, index[word]] = 1
    return encoded


def texts(table: Table, position: int) -> list[str]:
    """A column as words; raises DataError at a missing value."""
    cells = table.cells[:, position]
    if cells.dtype != object:
        return [label_text(cell) for cell in cells.tolist()]
    for line, cell in zip(table.lines, cells, strict=True):
        if cell.lower() in MISSING:
            raise missing(table, line, position)
    return list(cells)


def missing(table: Table, line: int, position: int) -> DataError:
    """The error for a cell without a value."""
    return DataError(
        f"row {line}, column {table.title(position)!r}: the value is missing",
        "fill it in, remove the row, or list the column under ignore",
    )


def label_text(number: float) -> str:
    """A number as a label shows it: 3, not 3.0."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def _categories(table: Table, position: int, forced: bool) -> list[str]:
    """The column's words in order; none if its cells are numbers."""
    values = _floats(table.cells[:, position])
    if not forced and values is not None and np.isfinite(values).all():
        return []
    numeric = [is_number(cell) for cell in table.cells[:, position]]
    if not forced and sum(numeric) * 2 >= len(numeric):
        numbers(table, position)
        return []
    cells = texts(table, position)
    if not forced and any(numeric):
        row = numeric.index(True)
        raise DataError(
            f"row {table.lines[row]}, column {table.title(position)!r}: {cells[row]!r} is a "
            "number among words",
            "correct it, or list the column under categories or ignore",
        )
    words = sorted(set(cells))
    if len(words) > MOST_CATEGORIES:
        raise DataError(
            f"column {table.title(position)!r} has {len(words):,} different words",
            f"a category may have {MOST_CATEGORIES:,}: list the column under ignore",
        )
    return words


def _floats(cells: Array) -> Array | None:
    """Cells as float64, NaN and infinity included; None if one does not read as a number."""
    try:
        return cells.astype(np.float64)
    except ValueError:
        return None


def _compact(cells: Array) -> Array:
    """Numbers as uint8 if nothing is lost, else as float32."""
    if cells.dtype == np.int16 and cells.min() >= 0 and cells.max() <= 255:
        return cells.astype(np.uint8)
    return cells.astype(np.float32)
