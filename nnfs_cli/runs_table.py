"""Runs as a table: listed, sorted by a metric, removed."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnfs_cli.atomic import disk_error
from nnfs_cli.component import nearest
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.metrics.metric import higher_is_better
from nnfs_cli.record import Record
from nnfs_cli.run import Run
from nnfs_cli.runs_folder import LATEST, RunsFolder

SHOWN_LAST = ("val_loss", "val_accuracy")


@dataclass(frozen=True)
class Table:
    """Headers and rows for people, records for programs."""

    headers: list[str]
    rows: list[list[Any]]
    records: list[dict[str, Any]]
    refused: list[tuple[Path, str]]
    """Each folder among the runs that is none, and why."""


def tabulate(folder: RunsFolder, sort: str | None, limit: int | None) -> Table:
    """The runs, oldest first, or by a metric with the best last. Raises UsageError."""
    scan = folder.scan()
    runs = _sorted(scan.runs, sort) if sort is not None else scan.runs
    runs = runs[-limit:] if limit else runs
    columns = _columns([record for _, record in runs], sort)
    headers = ["run", "status", "data", "epochs", *columns, "changes"]
    statuses = [run.status(record) for run, record in runs]
    rows = [
        [
            run.id,
            status,
            record.data.name,
            record.epochs,
            *(record.figures.get(column) for column in columns),
            " ".join(record.overrides),
        ]
        for (run, record), status in zip(runs, statuses, strict=True)
    ]
    records = [
        record.to_json() | {"id": run.id, "path": str(run.path), "status": status}
        for (run, record), status in zip(runs, statuses, strict=True)
    ]
    return Table(headers, rows, records, scan.refused)


def facts(record: Record, status: str) -> list[tuple[str, str]]:
    """A run's record in lines, without what is long or nested deeply."""
    lines = [
        ("status", status),
        ("created", record.created),
        ("command", "nnfs " + " ".join(record.argv)),
        ("data", f"{record.data.name} {record.data.samples}"),
        ("parameters", f"{record.parameters:,}"),
        ("epochs", str(record.epochs)),
        ("seconds", f"{record.seconds:.1f}"),
        ("git", record.git or "none"),
    ]
    lines += [(name, f"{value:.6g}") for name, value in record.figures.items()]
    return [*lines, *record.environment.items()]


def remove(folder: RunsFolder, path: Path) -> None:
    """Delete a run's folder; ``latest`` then names the newest that is left.

    ``path`` is what :meth:`RunsFolder.removable` gave. Raises LockedError, MachineError.
    """
    run, was_latest = Run(path), _is_latest(folder, path)
    with suppress(DataError):  # whatever stands in the lock's place, nobody trains behind it
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


def _columns(records: Sequence[Record], sort: str | None) -> list[str]:
    known = dict.fromkeys(name for record in records for name in record.figures)
    shown = [name for name in known if name in SHOWN_LAST or name.startswith("test_")]
    return [*(name for name in shown if name != sort), *([sort] if sort in known else [])]


def _sorted(runs: list[tuple[Run, Record]], sort: str) -> list[tuple[Run, Record]]:
    known = {name for _, record in runs for name in record.figures} | {"seconds", "parameters"}
    if sort not in known and runs:
        raise UsageError(f"--sort names {sort!r}, which no run has", nearest(sort, known))

    def key(run: tuple[Run, Record]) -> float:
        _, record = run
        own = {"seconds": record.seconds, "parameters": record.parameters}
        value = (own | record.figures).get(sort, math.nan)
        if math.isnan(value):
            return -math.inf
        return value if higher_is_better(sort) else -value

    return sorted(runs, key=key)
