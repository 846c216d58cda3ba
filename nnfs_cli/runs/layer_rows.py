"""layers.csv: what every layer did in the epochs of a run."""

from __future__ import annotations

import csv
import io
import math
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nnfs_cli.errors import DataError
from nnfs_cli.runs.rows import append_rows
from nnfs_cli.runs.run import MAX_CELLS, Run
from nnfs_cli.training.layer_statistics import LayerRow

HEADER = ("epoch", "step", *LayerRow._fields)

WRITE_SECONDS = 1.0
"""How long rows wait at most while epochs go on, for who watches."""

LayerRows = Mapping[int, Sequence[LayerRow]]
"""By epoch; of long trainings of short epochs, not every epoch has rows."""


class LayerTable:
    """layers.csv of a training: rows are written once a second, and before each checkpoint.

    To open the file after every epoch would take longer than to measure, where epochs are short.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: list[tuple[int, int, LayerRow]] = []
        self._written_at = -math.inf

    def add(self, epoch: int, step: int, rows: Iterable[LayerRow]) -> None:
        """Add an epoch's rows. Raises MachineError."""
        self._waiting += [(epoch, step, row) for row in rows]
        if time.monotonic() - self._written_at >= WRITE_SECONDS:
            self.write()

    def write(self) -> None:
        """Write the rows that wait, with the header if they are the first. Raises MachineError."""
        if self._waiting:
            lines = ((epoch, step, *cells(row)) for epoch, step, row in self._waiting)
            append_rows(self._path, HEADER, lines)
            self._waiting.clear()
        self._written_at = time.monotonic()


def cells(row: LayerRow) -> list[str]:
    """A row as it is written: six digits, nothing for what is not of its kind."""
    name, *figures = row
    return [name, *("" if figure is None else f"{figure:.6g}" for figure in figures)]


def keep_layers(run: Run, epochs: int) -> None:
    """Cut off the rows of later epochs, and half a row that a killed process left."""
    path, kept = run.layers, 0
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file):
            first = line.partition(b",")[0]
            later = number > 0 and not (first.isdigit() and int(first) <= epochs)
            if later or not line.endswith(b"\n"):
                break
            kept += len(line)
    if kept < path.stat().st_size:
        os.truncate(path, kept)


def read_layers(run: Run) -> LayerRows:
    """layers.csv, without half a row; empty for a run of an older version. Raises DataError."""
    path = run.layers
    if not path.is_file():
        return {}
    found: dict[int, list[LayerRow]] = {}
    try:
        text, newline, _ = path.read_text("utf-8").rpartition("\n")
        if text.count(",") > MAX_CELLS:
            raise ValueError(f"more than {MAX_CELLS:,} numbers")
        rows = csv.reader(io.StringIO(text + newline), strict=True)
        header = next(rows, [*HEADER])
        if tuple(header) != HEADER:
            raise ValueError(f"its columns are not {','.join(HEADER)}")
        for row in rows:
            found.setdefault(int(row[0]), []).append(_row(row))
    except (OSError, ValueError, IndexError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {str(error)[:100]}") from None
    return found


def _row(row: Sequence[str]) -> LayerRow:
    _, _, name, *figures = row
    if len(row) != len(HEADER):
        raise ValueError(f"a row of {len(row)} cells under {len(HEADER)} names")
    numbers: list[Any] = [float(figure) if figure else None for figure in figures]
    return LayerRow(name, *numbers)
