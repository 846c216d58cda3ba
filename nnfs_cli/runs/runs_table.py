"""Runs as a table: listed, sorted by a metric, removed."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nnfs_cli.atomic import disk_error
from nnfs_cli.components.component import nearest
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.formatting import sizes_text
from nnfs_cli.nn.metric import higher_is_better
from nnfs_cli.runs.changes import flow
from nnfs_cli.runs.latest import LATEST
from nnfs_cli.runs.record import Record
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_columns import fitted, shortened
from nnfs_cli.runs.runs_folder import RunsFolder

SHOWN = ("val_loss", "val_accuracy")
"""Figures that are shown beside those of the test."""
TEXTS = ("run", "status", "data", "changes")
NUMBERS = ("epochs", "seconds", "parameters")


@dataclass(frozen=True)
class Line:
    """A run that is listed."""

    run: Run
    record: Record
    status: str

    @cached_property
    def cells(self) -> dict[str, Any]:
        """What stands in the columns, by name."""
        record = self.record
        changes = [*record.overrides, *map(str, record.resumed_with)]
        own = {"run": self.run.id, "status": self.status, "data": record.data.name}
        own |= {"changes": " ".join(changes)}
        numbers = {
            "epochs": record.epochs, "seconds": record.seconds, "parameters": record.parameters
        }  # fmt: skip
        return record.figures | own | numbers

    def cell(self, name: str) -> Any:
        """What stands in a column; None where there is nothing."""
        return self.cells.get(name)

    def to_json(self) -> dict[str, Any]:
        """The run for programs."""
        own = {"id": self.run.id, "path": str(self.run.path), "status": self.status}
        return self.record.to_json() | own


@dataclass(frozen=True)
class Table:
    """Headers and rows for people, :attr:`records` for programs."""

    headers: list[str]
    rows: list[list[Any]]
    lines: list[Line]
    refused: list[tuple[Path, str]]
    """Each folder among the runs that is none, and why."""

    @property
    def records(self) -> list[dict[str, Any]]:
        """All that is known of each run."""
        return [line.to_json() for line in self.lines]


def tabulate(
    folder: RunsFolder,
    sort: str | None,
    limit: int | None,
    columns: Sequence[str] | None = None,
    width: int | None = None,
) -> Table:
    """The runs, oldest first, or sorted by a column with the best last.

    ``columns`` are shown if given, else those that make a line of ``width``. Raises UsageError.
    """
    scan = folder.scan()
    lines = {run.id: Line(run, record, run.status(record)) for run, record in scan.runs}
    runs = _sorted([*lines.values()], sort) if sort is not None else [*lines.values()]
    runs = runs[-limit:] if limit else runs
    known = [*TEXTS, *NUMBERS, *dict.fromkeys(n for line in runs for n in line.record.figures)]
    for name in columns or ():
        if name not in known:
            raise UsageError(f"--columns names {name!r}, which no run has", nearest(name, known))
    cells = {name: [line.cell(name) for line in runs] for name in columns or _shown(known, sort)}
    if width is not None and not columns:
        cells = fitted(cells, shortened([*lines]), sort, width)
    rows = [list(row) for row in zip(*cells.values(), strict=True)]
    return Table([*cells], rows, runs, scan.refused)


def _shown(known: Sequence[str], sort: str | None) -> list[str]:
    figures = [name for name in known if name in SHOWN or name.startswith("test_")]
    first = ["run", "status", "data", "epochs"]
    sorted_by = [sort] if sort and sort not in (*first, "changes") else []
    return [*first, *(name for name in figures if name != sort), *sorted_by, "changes"]


def facts(record: Record, status: str) -> list[tuple[str, str]]:
    """A run's record in lines, without what is long or nested deeply."""
    sizes = sizes_text(record.data.samples)
    lines = [
        ("status", status),
        ("created", record.created),
        ("command", "nnfs " + " ".join(record.argv)),
        ("data", f"{record.data.name}: {sizes}" if sizes else record.data.name),
        ("parameters", f"{record.parameters:,}"),
        ("epochs", str(record.epochs)),
        ("seconds", f"{record.seconds:.1f}"),
        ("git", record.git or "none"),
    ]
    lines += [("resumed with", f"{c}, before {flow(c.before)}") for c in record.resumed_with]
    lines += [(name, f"{value:.6g}") for name, value in record.figures.items()]
    return [*lines, *record.environment.items()]


def remove(folder: RunsFolder, path: Path) -> None:
    """Delete a run's folder; ``latest`` then names the newest that is left.

    ``path`` is what :meth:`RunsFolder.removable` gave. Raises LockedError, MachineError.
    """
    run, was_latest = Run(path), _is_latest(folder, path)
    with suppress(DataError):  # what stands in the lock's place is no lock
        run.lock()
        run.unlock()
    try:
        shutil.rmtree(path)
        if was_latest:
            left = folder.all()
            (folder.path / LATEST).unlink(missing_ok=True)
            if left:
                folder.point_latest_at(left[-1])
    except OSError as error:
        raise disk_error(path, error) from error


def _is_latest(folder: RunsFolder, path: Path) -> bool:
    try:
        return os.path.realpath(folder.latest().path) == os.path.realpath(path)
    except DataError:
        return False


def _sorted(runs: list[Line], sort: str) -> list[Line]:
    known = {name for line in runs for name in line.record.figures} | {*TEXTS, *NUMBERS}
    if sort not in known and runs:
        raise UsageError(f"--sort names {sort!r}, which no run has", nearest(sort, known))
    if sort in TEXTS:
        return sorted(runs, key=lambda line: str(line.cell(sort)))

    def key(line: Line) -> float:
        value = line.cell(sort)
        if value is None or math.isnan(value):
            return -math.inf
        return float(value) if higher_is_better(sort) or sort == "epochs" else -float(value)

    return sorted(runs, key=key)
