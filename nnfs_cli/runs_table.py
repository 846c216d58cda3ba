"""Runs as a table: listed, sorted by a metric, removed."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnfs_cli.atomic import disk_error
from nnfs_cli.component import nearest
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.metrics.metric import higher_is_better
from nnfs_cli.run import Run
from nnfs_cli.runs_folder import LATEST, RunsFolder

SHOWN_LAST = ("val_loss", "val_accuracy")


@dataclass(frozen=True)
class Table:
    """Headers and rows for people, records for programs."""

    headers: list[str]
    rows: list[list[Any]]
    records: list[dict[str, Any]]
    unreadable: list[Path]


def tabulate(folder: RunsFolder, sort: str | None, limit: int | None) -> Table:
    """The runs, oldest first, or by a metric with the best last. Raises UsageError."""
    records = []
    for run in folder.all():
        record = run.read()
        records.append(record | {"id": run.id, "path": str(run.path), "status": run.status(record)})
    if sort is not None:
        records = _sorted(records, sort)
    records = records[-limit:] if limit else records
    columns = _columns(records, sort)
    headers = ["run", "status", "data", "epochs", *columns, "changes"]
    rows = [
        [
            record["id"],
            record["status"],
            record["data"]["name"],
            record["epochs"],
            *(_figures(record).get(column) for column in columns),
            " ".join(record["overrides"]),
        ]
        for record in records
    ]
    return Table(headers, rows, records, _unreadable(folder))


def facts(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A run's record in lines, without what is long or nested deeply."""
    lines = [
        ("status", str(record["status"])),
        ("created", str(record["created"])),
        ("command", "nnfs " + " ".join(record["argv"])),
        ("data", f"{record['data']['name']} {record['data']['samples']}"),
        ("parameters", f"{record['parameters']:,}"),
        ("epochs", str(record["epochs"])),
        ("seconds", f"{record['seconds']:.1f}"),
        ("git", str(record["git"] or "none")),
    ]
    lines += [(name, f"{value:.6g}") for name, value in _figures(record).items()]
    return lines + [(name, str(value)) for name, value in record["environment"].items()]


def remove(folder: RunsFolder, run: Run) -> None:
    """Delete a run's folder; ``latest`` then names the newest that is left. Raises LockedError."""
    was_latest = _is_latest(folder, run)
    run.lock()
    run.unlock()
    try:
        shutil.rmtree(run.path)
        if was_latest:
            left = folder.all()
            (folder.path / LATEST).unlink(missing_ok=True)
            if left:
                folder.point_latest_at(left[-1])
    except OSError as error:
        raise disk_error(run.path, error) from error


def _is_latest(folder: RunsFolder, run: Run) -> bool:
    try:
        return os.path.realpath(folder.latest().path) == os.path.realpath(run.path)
    except DataError:
        return False


def _figures(record: Mapping[str, Any]) -> dict[str, float]:
    """The figures of the best epoch, and of the test, as ``test_accuracy``."""
    test = {f"test_{name}": value for name, value in (record.get("test") or {}).items()}
    return dict(record.get("metrics") or {}) | test


def _columns(records: Sequence[Mapping[str, Any]], sort: str | None) -> list[str]:
    known = dict.fromkeys(name for record in records for name in _figures(record))
    shown = [name for name in known if name in SHOWN_LAST or name.startswith("test_")]
    return [*(name for name in shown if name != sort), *([sort] if sort in known else [])]


def _sorted(records: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    known = {name for record in records for name in _figures(record)} | {"seconds", "parameters"}
    if sort not in known and records:
        raise UsageError(f"--sort names {sort!r}, which no run has", nearest(sort, known))

    def key(record: dict[str, Any]) -> float:
        value = _figures(record).get(sort, record.get(sort))
        if value is None or math.isnan(value):
            return -math.inf
        return float(value) if higher_is_better(sort) else -float(value)

    return sorted(records, key=key)


def _unreadable(folder: RunsFolder) -> list[Path]:
    if not folder.path.is_dir():
        return []
    readable = {run.path for run in folder.all()}
    folders = (p for p in folder.path.iterdir() if p.is_dir() and not p.is_symlink())
    return sorted(p for p in folders if p not in readable)
