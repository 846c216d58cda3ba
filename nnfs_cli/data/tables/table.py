"""Reading a text table (CSV, TSV) into cells, with the row of every fault.

A table of numbers alone goes through NumPy's own parser, some fifty million cells a second if
they are whole; whatever that refuses, or would not keep as it is written, is read again cell by
cell, which also finds out why. Rows are counted as an editor counts lines: the first is row 1.
"""

from __future__ import annotations

import csv
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.arrays import is_finite
from nnfs_cli.data.packed import SUFFIXES as PACKED
from nnfs_cli.data.packed import inner_name, open_bytes, open_text
from nnfs_cli.data.tables.cells import MAX_EXACT
from nnfs_cli.data.tables.header import (
    COUNTED,
    PAIR,
    counts_columns,
    looks_like_header,
    occurs_again,
)
from nnfs_cli.errors import DataError

DELIMITERS = ",;\t|"
BLANKS = "blanks"
"""The delimiter of tables whose cells have one or more blanks or tabs between them."""
NO_DELIMITERS = '\n\r"'
SUFFIXES = {".tsv": "\t", ".tab": "\t"}
TABLES = {".csv", ".txt", ".data", ".dat", *SUFFIXES}
"""How the names of tables end."""
BLOCK = 1 << 20
"""Bytes of a file that are looked at together."""


@dataclass(frozen=True, eq=False)
class Table:
    """Cells (rows, columns), all numbers or all text; ``names`` is empty without a header.

    ``lines`` has the line of the file on which each row stands, empty for a table of numbers,
    which ``where`` looks up in the file. ``ragged`` holds, by line, what is
    wrong with rows that have another number of columns and were left out. ``notice`` is what the
    user must know of how row 1 was taken.
    """

    names: list[str]
    cells: Array
    lines: Sequence[int] = ()
    path: Path | None = None
    delimiter: str = ","
    ragged: Mapping[int, DataError] = field(default_factory=dict)
    notice: str = ""

    @property
    def width(self) -> int:
        """The number of columns."""
        return int(self.cells.shape[1])

    def title(self, column: int) -> str:
        """The column's name, or its number counted from 0 as ``target`` counts it."""
        return self.names[column] if self.names else str(column)

    @cached_property
    def where(self) -> Sequence[int]:
        """The line of the file on which each row stands."""
        if self.path is None or self.lines:
            return self.lines or range(1, len(self.cells) + 1)
        with open_bytes(self.path) as file:
            lines = enumerate(file.read().splitlines(), start=1)
        return [number for number, line in lines if line.strip()][bool(self.names) :]

    def pick(self, rows: Sequence[int]) -> Table:
        """Some of the rows, all cells as text."""
        columns = [self.texts(column) for column in range(self.width)]
        cells = np.array(columns, dtype=object).T[list(rows)]
        return replace(self, cells=cells, lines=[self.where[row] for row in rows])

    def texts(self, column: int) -> list[str]:
        """The cells of a column as they are written."""
        if self.cells.dtype == object or self.path is None:
            return [str(cell) for cell in self.cells[:, column].tolist()]
        return _texts(self.path, self.delimiter, column, self.width)[-len(self.cells) :]


def read_table(
    path: Path, delimiter: str | None = None, header: bool | None = None, lenient: bool = False
) -> Table:
    """Read a file; what separates columns and whether there is a header is detected if not said.

    A first row is a header if it has a word above a number, or counts the columns from 0, or has
    only words of which one does not occur again in its column. Raises DataError for an empty
    file, bytes that are not text, and a ragged row, which ``lenient`` leaves out.
    """
    if delimiter is not None and delimiter in NO_DELIMITERS:
        raise DataError(f"{path} cannot be divided at {delimiter!r}", "name what is between cells")
    delimiter = delimiter or detect_delimiter(path)
    first = first_rows(path, delimiter)
    asked = header
    if header is None:
        header = looks_like_header(first[0], first[1] if len(first) > 1 else None)
    if len(first) < 2 and header is not False:
        raise DataError(f"{path} has a header and no row below it", "add samples")
    table = _read(path, delimiter, header, first, lenient)
    repeated = [name for name, count in Counter(table.names).items() if count > 1]
    if repeated:
        raise DataError(f"{path} has two columns named {repeated[0]!r}", "rename one")
    return table if asked is not None else _announced(table, first[0])


def _read(
    path: Path, delimiter: str, header: bool | None, first: list[list[str]], lenient: bool
) -> Table:
    """The table; a ``header`` of None is decided by all rows."""
    names = [cell.strip() for cell in first[0]] if header is not False else []
    cells = _numbers(path, delimiter, header is not False, first[-1])
    if cells is not None and (not names or cells.shape[1] == len(names)):
        return Table(names, cells, (), path, delimiter)
    return _words(path, delimiter, header, lenient)


def _announced(table: Table, first: Sequence[str]) -> Table:
    notice = ""
    if table.names and table.names[0] and counts_columns(first):
        notice = f"{COUNTED}; data.header=false makes it a sample"
    elif not table.names and [cell.strip() for cell in first] == ["0", "1"]:
        notice = f"{PAIR}; data.header=true makes it names"
    return replace(table, notice=notice)


def is_table(path: Path) -> bool:
    """Whether a file is called as tables are, packed or not; raises DataError for a bad .zip."""
    if path.suffix.lower() not in PACKED:
        return path.suffix.lower() in TABLES
    return Path(inner_name(path)).suffix.lower() in {"", *TABLES}


def detect_delimiter(path: Path) -> str:
    """By the file's suffix, else the commonest of the first line outside quotes, else a comma."""
    suffix = Path(inner_name(path)).suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    line = ""
    with suppress(OSError), open_text(path, "replace") as file:
        while not line.strip() and (read := file.readline(BLOCK)):
            line = read
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def first_rows(path: Path, delimiter: str) -> list[list[str]]:
    """The first row, and the second if there is one. Raises DataError for an empty file."""
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
        with open_text(path) as file:
            lines = map(_with_single_blanks, file) if delimiter == BLANKS else file
            reader = csv.reader(lines, delimiter=_character(delimiter), strict=True)
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield reader.line_num, row
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not text in UTF-8", "save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise DataError(f"{path}, row {reader.line_num}: {error}", "correct the row") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error


def _with_single_blanks(line: str) -> str:
    """A line whose cells are divided by one blank, outside quotes."""
    pieces = line.strip().split('"')
    pieces[::2] = [re.sub(r"\s+", " ", piece) for piece in pieces[::2]]
    return '"'.join(pieces) + "\n"


def _character(delimiter: str) -> str:
    """What is between two cells."""
    return " " if delimiter == BLANKS else delimiter


def _numbers(path: Path, delimiter: str, header: bool, sample: list[str]) -> Array | None:
    """All cells as int16 or float64, or None if the fast parser refuses any.

    None as well if a number is not told by its value: 007, or a whole number above 2^53.
    """
    whole = all(cell.strip().removeprefix("-").isdecimal() for cell in sample)
    for dtype in (np.int16, np.float64) if whole else (np.float64,):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                # A file that is open: NumPy would inflate what is called .gz or .xz.
                with open_text(path, newline=None) as file:
                    cells = np.loadtxt(
                        file,
                        dtype=dtype,
                        delimiter=None if delimiter == BLANKS else delimiter,
                        skiprows=int(header),
                        comments=None,
                        ndmin=2,
                    )
            except (ValueError, Warning):
                continue
        told = dtype is np.int16 or (is_finite(cells) & (np.abs(cells) < MAX_EXACT)).all()
        return cells if told and not _has_leading_zeros(path, delimiter, header) else None
    return None


def _has_leading_zeros(path: Path, delimiter: str, header: bool) -> bool:
    """Whether a cell below the header begins with 0 and another digit."""
    before = [ord(character) for character in f"{_character(delimiter)}\n\r\t "]
    last = b"\n"
    with open_bytes(path) as file:
        if header:
            file.readline()
        while block := file.read(BLOCK):
            characters = np.frombuffer(last + block, dtype=np.uint8)
            zeros = np.flatnonzero(characters[1:-1] == ord("0"))
            zeros = zeros[characters[zeros + 2] - ord("0") < 10]
            if np.isin(characters[zeros], before).any():
                return True
            last = (last + block)[-2:]
    return False


def _texts(path: Path, delimiter: str, column: int, width: int) -> list[str]:
    """A column of a table of numbers, which has no quotes, as it is written; header included."""
    mark, behind = delimiter.encode(), width - 1 - column
    with open_bytes(path) as file:
        lines = [line for line in file.read().splitlines() if line.strip()]
    if delimiter == BLANKS:
        cells = [line.split()[column] for line in lines]
    elif behind < column:
        cells = [line.rsplit(mark, behind + 1)[-1 - behind] for line in lines]
    else:
        cells = [line.split(mark, column + 1)[column] for line in lines]
    return [cell.decode("utf-8-sig", "replace").strip() for cell in cells]


def _words(path: Path, delimiter: str, header: bool | None, lenient: bool) -> Table:
    """All cells as text, every row as long as the first."""
    lines: list[int] = []
    rows: list[list[str]] = []
    ragged = {}
    for line, row in _rows(path, delimiter):
        if rows and len(row) != len(rows[0]):
            ragged[line] = _ragged(path, line, row, rows[0])
            if not lenient:
                raise ragged[line]
            continue
        lines.append(line)
        rows.append([sys.intern(cell.strip()) for cell in row])
    if header is None:
        header = not occurs_again(rows)
    names, start = (rows[0], 1) if header else ([], 0)
    cells = np.array(rows[start:], dtype=object, order="F").reshape(-1, len(rows[0]))
    return Table(names, cells, lines[start:], path, delimiter, ragged)


def _ragged(path: Path, line: int, row: Sequence[str], first: Sequence[str]) -> DataError:
    """The error for a row that is not as long as the first, with what is most likely to help."""
    hint = "give every row the same number of columns, and set data.delimiter if it is another"
    if first[0].lstrip().startswith("#"):
        hint = "row 1 looks like a comment line: remove it"
    elif row[0].lstrip().startswith("#"):
        hint = "it looks like a comment line: remove it"
    return DataError(
        f"{path}, row {line} has {len(row)} columns, but the first has {len(first)}", hint
    )
