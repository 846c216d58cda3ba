"""Whether the first row of a table has the columns' names, or is a sample already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnfs_cli.data.tables.cells import MISSING, is_number, with_point

Row = Sequence[str]
COUNTED = "row 1 counts the columns from 0, so it is taken as their names"
PAIR = "row 1 is 0, 1 and taken as a sample"


def counts_columns(row: Row) -> bool:
    """Whether a row is 0, 1, 2, ... as pandas names columns, perhaps with its index before them.

    Two columns 0, 1 are more often a sample.
    """
    cells = [cell.strip() for cell in row]
    blank = bool(cells) and not cells[0]
    rest = cells[1:] if blank else cells
    return len(rest) >= 3 - blank and rest == [str(n) for n in range(len(rest))]


def looks_like_header(first: Row, second: Row | None) -> bool | None:
    """Whether the first row is a header, judged by the first two; None if only words are there.

    It is one if it counts the columns, or has a word above a number.
    """
    if counts_columns(first):
        return True
    numbers = [is_number(cell) for cell in first]
    below = [is_number(cell) for cell in second or ()]
    words = [
        not number and cell.strip().lower() not in MISSING
        for number, cell in zip(numbers, first, strict=True)
    ]
    if any(word and under for word, under in zip(words, below, strict=False)):
        return True
    return False if any(numbers) else None


def occurs_again(rows: Sequence[Row]) -> bool:
    """Whether every word of the first row stands again in its column, as those of a sample do."""
    return len(rows) > 1 and all(
        any(row[column] == word for row in rows[1:]) for column, word in enumerate(rows[0])
    )


def is_learned_header(first: Row, second: Row | None, columns: Sequence[dict[str, Any]]) -> bool:
    """Whether a further table has a header, judged by what training learned of its columns."""
    cells = [cell.strip() for cell in first]
    known = {column["name"] for column in columns if column["name"] is not None}
    if known & {*cells}:
        return True
    if counts_columns(first):
        return True
    if _may_be_sample(cells, columns):
        return False
    return looks_like_header(first, second) is not False


def _may_be_sample(cells: Row, columns: Sequence[dict[str, Any]]) -> bool:
    """Whether the cells, in the order of the columns, are what the columns hold."""
    for absent in ((), ("target",), ("target", "ignored")):
        present = [column for column in columns if column["kind"] not in absent]
        if len(present) == len(cells):
            return all(map(_fits, cells, present))
    return False


def _fits(cell: str, column: dict[str, Any]) -> bool:
    if column["kind"] == "number":
        return is_number(with_point(cell) if column.get("decimal") else cell)
    return column["kind"] != "category" or cell in column["categories"]
