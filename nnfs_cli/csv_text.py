"""Tables as CSV text and files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from nnfs_cli.atomic import write_atomically

AT_ONCE = 256
"""Rows."""


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV that every reader divides where they were divided: any line break is quoted.

    Bytes of a name that are not UTF-8 are spelled out.
    """
    return "".join(_texts(iter(rows)))


def write_csv_atomically(path: Path, rows: Iterable[Iterable[object]]) -> None:
    """Write such text into a file, some rows at a time. Raises MachineError."""
    texts = _texts(iter(rows))
    write_atomically(path, lambda file: file.writelines(text.encode() for text in texts))


def _texts(rows: Iterator[Iterable[object]]) -> Iterator[str]:
    """The text of a few rows after the other: their cells take many times its memory."""
    while cells := [list(row) for row in islice(rows, AT_ONCE)]:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(cells)
        found = text.getvalue()
        if "\r" in found:
            found = _quoted(cells)
        yield found.encode("utf-8", "backslashreplace").decode()


def _quoted(rows: Iterable[Sequence[object]]) -> str:
    """Rows of which some have a line break that Python's writer leaves bare."""
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        breaks = any("\r" in cell for cell in row if isinstance(cell, str))
        (quoted if breaks else plain).writerow(row)
    return text.getvalue()


def new_column(name: str, header: Sequence[str]) -> str:
    """The name of a further column, with ``id_`` before it while another one is called so."""
    while name in header:
        name = f"id_{name}"
    return name
