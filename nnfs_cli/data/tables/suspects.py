"""What a table's columns may not be what they were taken for, in sentences for the user."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from nnfs_cli.data.tables.cells import is_number, suspicion
from nnfs_cli.data.tables.columns import Column
from nnfs_cli.data.tables.table import Table
from nnfs_cli.errors import DataError

_DRESSED = re.compile(r"(?=.*[,' %€$£])[-+€$£ ]*\d[\d.,' ]*[%€$£ ]*", re.ASCII)
"""Numbers with commas, blanks or apostrophes between the digits, or with a sign of money or %."""
FEW = 20
"""In so few rows, everything may differ by chance."""
NAMED = 5
"""Columns of a kind are named one by one up to so many."""


def notices(columns: Sequence[Column], table: Table) -> list[str]:
    """A sentence for each kind of suspicion, with the columns that it is about."""
    found: dict[str, list[str]] = {}
    for position, column in enumerate(columns):
        for reason in _suspicions(column, table, position):
            found.setdefault(reason, []).append(repr(table.title(position)))
    return [f"{_listed(titles)}: {reason}" for reason, titles in found.items()]


def _suspicions(column: Column, table: Table, position: int) -> Iterator[str]:
    if column["kind"] == "category" and is_almost_unique(column["categories"], len(table.cells)):
        words = column["categories"]
        yield (
            f"{len(words):,} different texts in {len(table.cells):,} rows ({_samples(words)}) are "
            f"as many inputs, which a new row will hardly repeat; {unique_hint(words)}"
        )
    if column["kind"] == "number" and column.get("decimal"):
        yield "decimal commas are read as points"
    elif column["kind"] == "number" and table.cells.dtype == object:
        reasons = {suspicion(cell): cell for cell in reversed(table.texts(position))}
        for reason in sorted({*reasons} - {""}):
            yield (
                f"{reason}, such as {reasons[reason]}, are read as numbers; if they are names, "
                "list the column under data.categories or data.ignore"
            )
    nameless = position == 0 and column["name"] == "" and column["kind"] == "number"
    if nameless and len(table.cells) > FEW and counts_rows(table, position):
        yield "it has no name and counts the rows; data.ignore=[''] leaves it out"


def counts_rows(table: Table, position: int) -> bool:
    """Whether each number in a column is one more than that above it."""
    try:
        values = table.cells[:, position].astype(np.float64)
    except ValueError:
        return False
    return len(values) > 1 and bool(np.all(np.diff(values) == 1))


def is_almost_unique(words: Sequence[str], rows: int) -> bool:
    """Whether so many texts in so many rows tell rows apart rather than group them."""
    return len(words) > max(FEW, rows / 2)


def unique_hint(words: Sequence[str]) -> str:
    """What to do with a column of almost nothing but different texts."""
    dressed = [word for word in words if _DRESSED.fullmatch(word) and not is_number(word)]
    if len(dressed) * 2 > len(words):
        return "if they are numbers, write them plainly, with a decimal point: 1234.5"
    return "list the column under data.ignore, or group its texts"


def refuse_unique_target(table: Table, position: int, words: Sequence[str]) -> None:
    """Raise DataError if the words of a target are no classes, because almost all differ."""
    if not is_almost_unique(words, len(table.cells)):
        return
    hint = unique_hint(words)
    if hint.startswith("list"):
        hint = "choose another column (data.target, or --target of `nnfs init`), or group its texts"
    raise DataError(
        f"the target {table.title(position)!r} has {len(words):,} different texts in "
        f"{len(table.cells):,} rows ({_samples(words)}), which are no classes",
        hint,
    )


def _samples(words: Sequence[str]) -> str:
    return ", ".join(map(repr, words[:2])) + (", ..." if len(words) > 2 else "")


def _listed(titles: Sequence[str]) -> str:
    named = ", ".join(titles[:NAMED]) + (
        f" and {len(titles) - NAMED:,} more" if len(titles) > NAMED else ""
    )
    return f"column{'s' * (len(titles) > 1)} {named}"
