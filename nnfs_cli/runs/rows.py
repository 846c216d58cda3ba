"""CSV files that grow while a training runs: rows are added, and made durable before they count."""

from __future__ import annotations

import csv
import io
import math
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from nnfs_cli.atomic import disk_error, write_bytes_atomically
from nnfs_cli.csv_text import csv_text
from nnfs_cli.errors import DataError

MAX_WAIT = 0.1
"""Seconds that rows wait for others to be written with: short epochs take less than a file does."""
MAX_CELLS = 5_000_000
"""Numbers of a file: a hundred thousand epochs of fifty columns have as many."""


class GrowingTable:
    """A CSV file that one process adds rows to.

    Another program may remove it meanwhile, or make it shorter or longer: it is whole again when
    the next rows are written. ``path`` finds the file anew each time.
    """

    def __init__(self, path: Callable[[], Path]) -> None:
        self.path = path
        found = path()
        self._written = [found.read_bytes()] if found.is_file() else []
        self._size = sum(map(len, self._written))
        self._waiting: list[Iterable[Any]] = []
        self._written_at = -math.inf

    def add(self, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        """Add rows, with the header if they are the first. Raises MachineError."""
        if not self._size and not self._waiting:
            self._waiting.append(list(header))
        self._waiting.extend(rows)
        self.write_due()

    def write_due(self) -> None:
        """Write what has waited long enough. Raises MachineError."""
        if self._waiting and time.monotonic() - self._written_at >= MAX_WAIT:
            self.write()

    def write(self) -> None:
        """Write what waits. Raises MachineError."""
        if not self._waiting:
            return
        path, text = self.path(), csv_text(self._waiting).encode()
        try:
            if self._size == (path.stat().st_size if path.exists() else 0):
                with path.open("ab") as file:
                    file.write(text)
            else:
                write_bytes_atomically(path, b"".join([*self._written, text]))
        except OSError as error:
            raise disk_error(path, error) from error
        self._written.append(text)
        self._size += len(text)
        self._waiting, self._written_at = [], time.monotonic()

    def sync(self) -> None:
        """Return when all rows are on the disk. Raises MachineError."""
        self.write()
        path = self.path()
        if not path.is_file():
            return
        try:
            with path.open("a") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise disk_error(path, error) from error


def read_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows, without half a row that a killed process left.

    Raises OSError, ValueError, csv.Error.
    """
    text, newline, _ = path.read_text("utf-8").rpartition("\n")
    if text.count(",") > MAX_CELLS:
        raise ValueError(f"more than {MAX_CELLS:,} numbers")
    rows = csv.reader(io.StringIO(text + newline), strict=True)
    if not newline:
        return [], []
    header, found = next(rows), [*rows]
    if not header:
        raise ValueError("its first line is empty")
    odd = next((row for row in found if len(row) != len(header)), header)
    if odd is not header:
        raise ValueError(f"a row of {len(odd)} cells under {len(header)} names")
    return header, found


def unreadable(path: Path, error: Exception) -> DataError:
    """The error of a file that :func:`read_rows` could not read."""
    return DataError(f"{path} cannot be read: {str(error)[:100]}")
