"""Reading a text table (CSV, TSV) into cells, with the row of every fault.

A table of numbers alone goes through NumPy's own parser, some fifty million cells a second if
they are whole; whatever that refuses is read again cell by cell, which also finds out why.
Rows are counted as an editor counts lines: the first is row 1.
"""

from __future__ import annotations

import csv
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnfs_cli.data.arrays import is_finite
from nnfs_cli.errors import DataError
from nnfs_cli.parameter import Array

MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
DELIMITERS = ",;\t|"
SUFFIXES = {".tsv": "\t", ".tab": "\t"}


@dataclass(frozen=True, eq=False)
class Table:
    """Cells (rows, columns), all numbers or all text; ``names`` is empty without a header.

    ``lines`` has the line of the file on which each row stands; empty for an array of numbers,
    which has no fault to point at.
    """

    names: list[str]
    cells: Array
    lines: Sequence[int] = ()

    @property
    def width(self) -> int:
        """The number of columns."""
        return int(self.cells.shape[1])

    def title(self, column: int) -> str:
        """The column's name, or its number counted from 0 as ``target`` counts it."""
        return self.names[column] if self.names else str(column)


def read_table(path: Path, delimiter: str | None = None, header: bool | None = None) -> Table:
    """Read a file; what separates columns and whether there is a header is detected if not said.

    A first row is a header if it has no number, or a word above a number. Raises DataError for
    an empty file, a ragged row, or bytes that are not text.
    """
    delimiter = delimiter or SUFFIXES.get(path.suffix.lower()) or _commonest(path)
    first = _first_rows(path, delimiter)
    if header is None:
        header = _looks_like_header(first)
    names = [cell.strip() for cell in first[0]] if header else []
    if header and len(first) < 2:
        raise DataError(f"{path} has a header and no row below it", "add samples")
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise DataError(f"{path} has two columns named {repeated!r}", "rename one")
    cells = _numbers(path, delimiter, header, first[-1])
    if cells is None:
        return _words(path, delimiter, names)
    if names and cells.shape[1] != len(names):
        return _words(path, delimiter, names)
    return Table(names, cells)


def is_number(cell: str) -> bool:
    """Whether a cell reads as a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _looks_like_header(first: list[list[str]]) -> bool:
    numbers = [is_number(cell) for cell in first[0]]
    if not any(numbers):
        return True
    below = [is_number(cell) for cell in first[1]] if len(first) > 1 else []
    return any(under and not over for over, under in zip(numbers, below, strict=False))


def _commonest(path: Path) -> str:
    """The delimiter that is the most frequent in the first line; a comma if there is none."""
    line = ""
    with suppress(OSError), path.open(encoding="utf-8-sig", errors="replace") as file:
        line = next((line for line in file if line.strip()), "")
    return max(DELIMITERS, key=line.count)


def _first_rows(path: Path, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for _, row in _rows(path, delimiter):
        rows.append(row)
        if len(rows) == 2:
            break
    if not rows:
        raise DataError(f"{path} is empty", "give a table with a row for each sample")
    return rows


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The line and the cells of every row that is not blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield reader.line_num, row
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not text in UTF-8", "save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise DataError(f"{path}, row {reader.line_num}: {error}", "correct the row") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error


def _numbers(path: Path, delimiter: str, header: bool, sample: list[str]) -> Array | None:
    """All cells as int16 or float64, or None if the fast parser refuses any."""
    whole = all(cell.strip().removeprefix("-").isdecimal() for cell in sample)
    for dtype in (np.int16, np.float64) if whole else (np.float64,):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                cells = np.loadtxt(
                    path,
                    dtype=dtype,
                    delimiter=delimiter,
                    skiprows=int(header),
                    comments=None,
                    encoding="utf-8-sig",
                    ndmin=2,
                )
            except (ValueError, Warning):
                continue
        return cells if dtype is np.int16 or is_finite(cells).all() else None
    return None


def _words(path: Path, delimiter: str, names: list[str]) -> Table:
    """All cells as text, every row as long as the first."""
    lines: list[int] = []
    rows: list[list[str]] = []
    for line, row in _rows(path, delimiter):
        if rows and len(row) != len(rows[0]):
            raise DataError(
                f"{path}, row {line} has {len(row)} columns, but the first has {len(rows[0])}",
                "give every row the same number of columns",
            )
        lines.append(line)
        rows.append([sys.intern(cell.strip()) for cell in row])
    start = 1 if names else 0
    return Table(names, np.array(rows[start:], dtype=object, order="F"), lines[start:])
