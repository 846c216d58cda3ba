"""What training learned about a table's columns, and encoding further rows in the same way.

A column is a small mapping, so that a checkpoint's JSON can hold it: its ``name`` (None without a
header), its ``kind`` (``number``, ``category``, ``target`` or ``ignored``) and, for a category,
its ``categories``: the words that training saw. A number is one feature, a category with k words
k features of which one is 1 and the others 0 ("one-hot"). ``decimal`` is a comma where numbers
have one; ``as_written`` is absent in runs of earlier versions, which read 1.0 and 01 as 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.arrays import is_finite
from nnfs_cli.data.tables.cell_faults import MissingValue, all_missing, at, ignoring, missing
from nnfs_cli.data.tables.cells import MISSING, has_decimal_commas, is_number, with_point
from nnfs_cli.data.tables.table import Table
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import some

Column = dict[str, Any]
MAX_CATEGORIES = 1000


def learn_columns(
    table: Table,
    targets: Sequence[int],
    ignored: Sequence[int],
    categories: Sequence[int],
    empty_targets: bool = False,
) -> list[Column]:
    """Tell numbers from categories: all cells must be numbers, or none of them.

    With ``empty_targets`` those may be. Raises DataError for a word among numbers, for a column
    of too many different words, and for a missing value, with every column that has some.
    """
    try:
        columns = _learned_columns(table, targets, ignored, categories)
        if table.cells.dtype == object and not empty_targets:
            for target in targets:
                texts(table, target)
    except MissingValue:
        raise (
            all_missing(table, (), [*ignored, *targets])
            if empty_targets
            else all_missing(table, targets, ignored)
        ) from None
    return columns


def _learned_columns(
    table: Table, targets: Sequence[int], ignored: Sequence[int], categories: Sequence[int]
) -> list[Column]:
    left_out, declared = set(ignored), set(categories)
    columns: list[Column] = []
    for position in range(table.width):
        column: Column = {"name": table.names[position] if table.names else None}
        if position in targets:
            column |= {"kind": "target", "as_written": True}
        elif position in left_out:
            column |= {"kind": "ignored"}
        elif table.cells.dtype == object or position in declared:
            column |= _learned(table, position, position in declared)
        else:
            column |= {"kind": "number"}
        columns.append(column)
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


def unused_columns(columns: list[Column], table: Table) -> str:
    """What to say of a further table's columns that training did not have; empty if all are known.

    Without names on both sides columns are told by their order, and none can be left over.
    """
    known = {column["name"] for column in columns}
    if not table.names or None in known:
        return ""
    others = [repr(name) for name in table.names if name not in known]
    if not others:
        return ""
    what = "column" if len(others) == 1 else "columns"
    return f"not used, because training had no such {what}: {some(others)}"


def encode(columns: list[Column], table: Table) -> Array:
    """The features (N, F): float32, or uint8 if all are whole numbers from 0 to 255."""
    chosen = _features(columns, table)
    if table.cells.dtype != object and all(c["kind"] == "number" for c, _ in chosen):
        return _compact(table.cells[:, [position for _, position in chosen]])
    parts = [
        one_hot(table, position, column)
        if column["kind"] == "category"
        else numbers(table, position, column.get("decimal"))[:, None]
        for column, position in chosen
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def faults(columns: list[Column], table: Table) -> dict[int, DataError]:
    """What is wrong with each row that cannot be encoded: its first fault in column order."""
    found: dict[int, DataError] = {}
    for column, position in _features(columns, table):
        if column["kind"] == "category":
            each = _unknown_words(table, position, column)
        elif table.cells.dtype == object:
            each = _no_numbers(table, position, column.get("decimal"))
        else:
            continue
        for row, fault in each:
            found.setdefault(row, fault)
    return found


def _features(columns: list[Column], table: Table) -> list[tuple[Column, int]]:
    """The columns that are learnt from, with their positions in the table."""
    chosen = [
        (column, position)
        for column, position in zip(columns, match(columns, table), strict=True)
        if position is not None and column["kind"] in ("number", "category")
    ]
    if not chosen:
        raise DataError("the table has no column to learn from besides the target")
    return chosen


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


def numbers(table: Table, position: int, decimal: str | None = None, hint: str = "") -> Array:
    """A column as float64 (N,); DataError at a missing value, infinity, or a word (``hint``)."""
    cells = table.cells[:, position]
    if decimal:
        cells = np.array([with_point(cell) for cell in table.texts(position)], dtype=object)
    values = _floats(cells)
    if values is not None and is_finite(values).all():
        return values
    _, first = next(_no_numbers(table, position, decimal, hint))
    raise first


def _no_numbers(
    table: Table, position: int, decimal: str | None, hint: str = ""
) -> Iterator[tuple[int, DataError]]:
    """The rows whose cell is missing, no number, or not finite as float32."""
    for row, written in enumerate(table.texts(position)):
        cell = with_point(written) if decimal else written
        if cell.lower() in MISSING:
            yield row, missing(table, row, position)
        elif not is_number(cell):
            remedy = hint or _unless_numbers(table, position)
            yield row, at(table, row, position, f"{written!r} is not a number", remedy)
        elif not is_finite(np.array(float(cell))):
            what = "more than float32 can hold" if math.isfinite(float(cell)) else "not finite"
            yield row, at(table, row, position, f"{written} is {what}", "correct it")


def _unless_numbers(table: Table, position: int) -> str:
    """What to do with a column that has words among its numbers."""
    out = ignoring([table.title(position)])
    return f"correct it, list the column under data.categories, or leave it out ({out})"


def one_hot(table: Table, position: int, column: Column) -> Array:
    """A column of words as float32 (N, k); raises DataError at a word that is not known."""
    for _, fault in _unknown_words(table, position, column):
        raise fault
    words = _words(table, position, column)
    index = {word: i for i, word in enumerate(column["categories"])}
    encoded = np.zeros((len(words), len(index)), dtype=np.float32)
    encoded[np.arange(len(words)), [index[word] for word in words]] = 1
    return encoded


def _unknown_words(table: Table, position: int, column: Column) -> Iterator[tuple[int, DataError]]:
    """The rows whose word is missing, or none that training saw."""
    known = {*column["categories"]}
    listed = f"known are {some(column['categories'])}"
    for row, word in enumerate(_words(table, position, column)):
        if word in known:
            continue
        if word.lower() in MISSING:
            yield row, missing(table, row, position)
        else:
            yield row, at(table, row, position, f"training never saw {word!r}", listed)


def _words(table: Table, position: int, column: Column) -> list[str]:
    """A column's words in the form in which its categories were learned."""
    words = table.texts(position)
    return words if "as_written" in column else as_before(words, column["categories"])


def as_before(words: Sequence[str], known: Sequence[str]) -> list[str]:
    """Words as runs of earlier versions named them: numbers by their value, 1.0 and 01 as 1."""
    names = {*known}
    return [
        label_text(float(word)) if word not in names and is_number(word) else word for word in words
    ]


def texts(table: Table, position: int) -> list[str]:
    """A column as words; raises DataError at a missing value."""
    words = table.texts(position)
    for row, word in enumerate(words):
        if word.lower() in MISSING:
            raise missing(table, row, position)
    return words


def label_text(number: float) -> str:
    """A number as a label shows it: 3, not 3.0."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def _learned(table: Table, position: int, declared: bool) -> Column:
    """Whether a column holds numbers or words, and which; all must be of one kind."""
    if not declared:
        values = _floats(table.cells[:, position])
        if values is not None and np.isfinite(values).all():
            return {"kind": "number"}
        cells = table.texts(position)
        numeric = [is_number(cell) for cell in cells]
        if has_decimal_commas(cells):
            return {"kind": "number", "decimal": ","}
        if sum(numeric) * 2 >= len(numeric):
            numbers(table, position)
        texts(table, position)
        if any(numeric):
            row = numeric.index(True)
            hint = _unless_numbers(table, position)
            message = f"{cells[row]!r} is a number among words"
            raise at(table, row, position, message, hint)
    words = sorted(set(texts(table, position)))
    if len(words) > MAX_CATEGORIES:
        raise DataError(
            f"column {table.title(position)!r} has {len(words):,} different words, such as "
            f"{some(words[:3])}",
            f"a category may have {MAX_CATEGORIES:,}: leave the column out "
            f"({ignoring([table.title(position)])})",
        )
    return {"kind": "category", "categories": words, "as_written": True}


def _floats(cells: Array) -> Array | None:
    """Cells as float64, NaN and infinity included; None if one does not read as a number."""
    if cells.dtype == object and any("_" in cell for cell in cells):
        return None  # Python reads 1_000 as a number
    try:
        return cells.astype(np.float64)
    except ValueError:
        return None


def _compact(cells: Array) -> Array:
    """Numbers as uint8 if nothing is lost, else as float32."""
    if cells.dtype == np.int16 and cells.min() >= 0 and cells.max() <= 255:
        return cells.astype(np.uint8)
    return cells.astype(np.float32)
