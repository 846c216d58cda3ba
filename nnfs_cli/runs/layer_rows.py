"""layers.csv: what every layer did in the epochs of a run."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from typing import Any

from nnfs_cli.runs.rows import GrowingTable, read_rows, unreadable
from nnfs_cli.runs.run import Run
from nnfs_cli.training.layer_statistics import LayerRow

HEADER = ("epoch", "step", *LayerRow._fields)


LayerRows = Mapping[int, Sequence[LayerRow]]
"""By epoch; of long trainings of short epochs, not every epoch has rows."""


def append_layers(table: GrowingTable, epoch: int, step: int, rows: Sequence[LayerRow]) -> None:
    """Add an epoch's rows, with the header if they are the first. Raises MachineError."""
    table.add(HEADER, ((epoch, step, *cells(row)) for row in rows))


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
        header, rows = read_rows(path)
        if header and tuple(header) != HEADER:
            raise ValueError(f"its columns are not {','.join(HEADER)}")
        for row in rows:
            found.setdefault(int(row[0]), []).append(_row(row))
    except (OSError, ValueError, IndexError, csv.Error) as error:
        raise unreadable(path, error) from None
    return found


def _row(row: Sequence[str]) -> LayerRow:
    _, _, name, *figures = row
    numbers: list[Any] = [float(figure) if figure else None for figure in figures]
    return LayerRow(name, *numbers)
