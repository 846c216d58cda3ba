"""Run: one training's folder on disk.

::

    config.yaml       resolved: every default written out, and the data that was used
    config.orig.yaml  the user's bytes
    run.json          status, command, versions, data, best epoch, timings
    metrics.csv       a row an epoch
    checkpoints/      best.npz, last.npz
    eval/ plots/      what `nnfs eval` and `nnfs plot` write
    train.log         what was said while it trained
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from nnfs_cli.atomic import disk_error, sweep_temporaries, write_text_atomically
from nnfs_cli.errors import DataError, LockedError

CHECKPOINTS = ("best", "last")
RECORDED = {"number", "status", "created", "argv", "overrides", "environment", "git", "data"}
RECORDED |= {"parameters", "fingerprint", "epochs", "seconds", "best", "test"}
"""What every run.json says."""
FINISHED, RUNNING, DIVERGED, INTERRUPTED = "finished", "running", "diverged", "interrupted"

LOCK_SECONDS = 0.3
"""How long to try: `nnfs runs` holds a lock for a moment to see whether it is free."""


class Run:
    """A run folder, opened by path; nothing is read or written until asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path / ".lock", timeout=LOCK_SECONDS)

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def config(self) -> Path:
        """The resolved config."""
        return self.path / "config.yaml"

    @property
    def metrics(self) -> Path:
        """The table of epochs."""
        return self.path / "metrics.csv"

    @property
    def log(self) -> Path:
        """What was said while it trained."""
        return self.path / "train.log"

    def checkpoint(self, name: str) -> Path:
        """``best`` or ``last``, whether or not it is there yet."""
        return self.path / "checkpoints" / f"{name}.npz"

    def chosen_checkpoint(self, name: str | None) -> Path:
        """The checkpoint asked for, or else best, or else last. Raises DataError."""
        for candidate in (name,) if name else CHECKPOINTS:
            path = self.checkpoint(candidate)
            if path.is_file():
                return path
        missing = f"run {self.id} has no checkpoint" + (f" {name!r}" if name else "")
        there = [c for c in CHECKPOINTS if self.checkpoint(c).is_file()]
        raise DataError(missing, f"there is --checkpoint {there[0]}" if there else "train again")

    def lock(self) -> None:
        """Keep every other process out until :meth:`unlock`. Raises LockedError."""
        try:
            self._lock.acquire()
        except Timeout:
            raise LockedError(
                f"run {self.id} is being trained by another process", "wait for it, or stop it"
            ) from None
        except OSError as error:
            raise disk_error(self.path / ".lock", error) from error

    def unlock(self) -> None:
        """Let others in again (the system does so too when the process dies)."""
        self._lock.release()

    def read(self) -> dict[str, Any]:
        """run.json. Raises DataError."""
        try:
            record = json.loads((self.path / "run.json").read_text("utf-8"))
        except FileNotFoundError:
            raise DataError(f"{self.path} is not a run: it has no run.json") from None
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(f"{self.path / 'run.json'} cannot be read: {error}") from None
        missing = sorted(RECORDED - set(record)) if isinstance(record, dict) else ["mapping"]
        if missing:
            raise DataError(f"{self.path / 'run.json'} is not a run's record: no {missing[0]!r}")
        return dict(record)

    def write(self, record: Mapping[str, Any]) -> None:
        """Replace run.json, atomically."""
        write_text_atomically(self.path / "run.json", json.dumps(record, indent=2) + "\n")

    def update(self, **changes: Any) -> dict[str, Any]:
        """Change entries of run.json."""
        record = self.read() | changes
        self.write(record)
        return record

    def status(self, record: Mapping[str, Any] | None = None) -> str:
        """finished, diverged, running, or interrupted: it says running, but its lock is free."""
        status = str((record or self.read()).get("status"))
        if status != RUNNING or self._lock.is_locked:
            return status
        try:
            self._lock.acquire()
        except Timeout:
            return RUNNING
        except OSError:
            return INTERRUPTED
        self._lock.release()
        return INTERRUPTED

    def sweep(self) -> None:
        """Remove half-written files that a killed process left."""
        for folder in (self.path, self.path / "checkpoints"):
            sweep_temporaries(folder)

    def append_metrics(self, row: Mapping[str, Any]) -> None:
        """Add a row to metrics.csv, with the header if it is the first."""
        try:
            with self.metrics.open("a", encoding="utf-8", newline="") as file:
                text = io.StringIO()
                writer = csv.writer(text, lineterminator="\n")
                if file.tell() == 0:
                    writer.writerow(row)
                writer.writerow(row.values())
                file.write(text.getvalue())
        except OSError as error:
            raise disk_error(self.metrics, error) from error

    def append_log(self, text: str) -> None:
        """Add a line to train.log."""
        try:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(text + "\n")
        except OSError as error:
            raise disk_error(self.log, error) from error

    def sync_metrics(self) -> None:
        """Make the rows durable before the checkpoint that counts on them."""
        try:
            with self.metrics.open("a") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise disk_error(self.metrics, error) from error

    def keep_metrics(self, epochs: int) -> None:
        """Cut off the rows of later epochs, and half a row that a killed process left."""
        if not self.metrics.is_file():
            return
        lines = self.metrics.read_bytes().splitlines(keepends=True)
        kept = sum(len(line) for line in lines[: epochs + 1]) if epochs else 0
        if kept < sum(len(line) for line in lines):
            os.truncate(self.metrics, kept)

    def read_metrics(self) -> list[dict[str, float]]:
        """metrics.csv as a record for each epoch, without half a row. Raises DataError."""
        if not self.metrics.is_file():
            return []
        try:
            text, newline, _ = self.metrics.read_text("utf-8").rpartition("\n")
            rows = csv.DictReader(io.StringIO(text + newline))
            records = [{key: float(value) for key, value in row.items()} for row in rows]
        except (OSError, ValueError, TypeError, csv.Error) as error:
            raise DataError(f"{self.metrics} cannot be read: {error}") from None
        if records and "epoch" not in records[0]:
            raise DataError(f"{self.metrics} has no column 'epoch'")
        return records
