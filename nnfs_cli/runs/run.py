"""Run: one training's folder on disk.

::

    config.yaml       resolved: every default written out, and the data that was used
    config.orig.yaml  the user's bytes
    run.json          status, command, versions, data, best epoch, timings
    metrics.csv       a row an epoch; layers.csv: a row for each of its layers and parameters
    checkpoints/      best.npz, last.npz
    eval/ plots/      what `nnfs eval` and `nnfs plot` write; report.html
    train.log         what was said while it trained; annotations.json: tags and a note
    finished          empty; there exactly while the status is finished
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from nnfs_cli.atomic import disk_error, sweep_temporaries, write_text_atomically
from nnfs_cli.config.yaml_reader import MAX_BYTES as MAX_CONFIG
from nnfs_cli.errors import DataError, LockedError
from nnfs_cli.runs.lock import Lock
from nnfs_cli.runs.record import FINISHED, INTERRUPTED, MAX_BYTES, RUNNING, Record, record_of
from nnfs_cli.runs.rows import GrowingTable, read_rows, unreadable
from nnfs_cli.runs.run_files import no_record, own_bytes, own_file, own_folder

CHECKPOINTS = ("best", "last")
MAX_METRICS = 128 << 20
"""Bytes of metrics.csv: a hundred thousand epochs of fifty columns take less."""


class Run:
    """A run folder, opened by path; nothing is read or written until asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tables: dict[str, GrowingTable] = {}

    def __reduce__(self) -> tuple[type[Run], tuple[Path]]:
        return type(self), (self.path,)  # a lock belongs to its process

    @cached_property
    def _lock(self) -> Lock:
        return Lock(self.path / ".lock")

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def config(self) -> Path:
        """The resolved config. Raises DataError as :meth:`file` does."""
        return self.file("config.yaml")

    @property
    def metrics(self) -> Path:
        """The table of epochs. Raises DataError as :meth:`file` does."""
        return self.file("metrics.csv", MAX_METRICS)

    @property
    def layers(self) -> Path:
        """The table of layers. Raises DataError as :meth:`file` does."""
        return self.file("layers.csv", MAX_METRICS)

    @property
    def log(self) -> Path:
        """What was said while it trained. Raises DataError as :meth:`file` does."""
        return self.file("train.log")

    def file(self, name: str, max_bytes: int | None = None) -> Path:
        """A file of the run's own, whether or not it is there yet.

        Raises DataError if something else is there, or if it leads out of the run's folder.
        """
        return own_file(self.path, self.path / name, max_bytes)

    def folder(self, name: str) -> Path:
        """A folder of the run's own, whether or not it is there yet. Raises DataError."""
        return own_folder(self.path, self.path / name)

    def make_folder(self, name: str) -> Path:
        """A folder of the run's own, made if it is not there. Raises DataError, MachineError."""
        path = self.path
        for part in Path(name).parts:
            path = own_folder(self.path, path / part)
            try:
                path.mkdir(exist_ok=True)
            except OSError as error:
                raise disk_error(path, error) from error
        return path

    def checkpoint(self, name: str) -> Path:
        """``best`` or ``last``, whether or not it is there yet. Raises DataError."""
        return self.file(f"checkpoints/{name}.npz")

    def has_checkpoint(self, name: str) -> bool:
        """Whether there is a file to be read as the checkpoint ``best`` or ``last``."""
        try:
            return self.checkpoint(name).is_file()
        except DataError:
            return False

    def chosen_checkpoint(self, name: str | None) -> Path:
        """The checkpoint asked for, or else best, or else last. Raises DataError."""
        for candidate in (name,) if name in CHECKPOINTS else () if name else CHECKPOINTS:
            path = self.checkpoint(candidate)
            if path.is_file():
                return path
        missing = f"run {self.id} has no checkpoint" + (f" {name!r}" if name else "")
        there = [c for c in CHECKPOINTS if self.has_checkpoint(c)]
        again = f"train again; `nnfs runs rm {self.id}` removes it"
        raise DataError(missing, f"there is --checkpoint {there[0]}" if there else again)

    def lock(self, to_write: bool = True) -> None:
        """Keep every other process out until :meth:`unlock`, where the disk has locks.

        Reading is allowed where no lock can be written. Raises LockedError, DataError.
        """
        self.file(".lock")
        try:
            self._lock.acquire()
        except TimeoutError:
            raise self.locked() from None
        except OSError as error:
            if self._lock.is_taken():
                raise self.locked() from None
            if to_write:
                raise disk_error(self.path / ".lock", error) from error

    @property
    def lock_is_promised(self) -> bool:
        """False once :meth:`lock` has found that the disk has no locks."""
        return self._lock.promised

    def is_locked(self) -> bool | None:
        """Whether a process holds the lock; None where that cannot be known."""
        return self._lock.is_taken()

    def locked(self, message: str = "") -> LockedError:
        """The error that another process is training the run."""
        message = message or f"run {self.id} is being trained by another process"
        hint = "wait for it (with --skip-done: --wait), or stop it"
        if self._lock.is_taken() is None:
            hint = f"{hint}; if it was killed (here no lock tells): `nnfs resume {self.path}`"
        error = LockedError(message, hint)
        with suppress(DataError):
            error.facts = self.outcome()
        return error

    def outcome(self, record: Record | None = None) -> dict[str, object]:
        """How the training ended or stands, for programs. Raises DataError."""
        record = record or self.read()
        status = self.status(record)
        stopped = record.stopped or (INTERRUPTED if status == INTERRUPTED else None)
        ended: dict[str, object] = {"epochs": record.epochs, "stopped": stopped}
        return {"run": str(self.path), "status": status} | ended

    def mark_finished(self) -> None:
        """Make sure of the file ``finished``, which older versions did not write.

        A run that can only be read is left as it is.
        """
        with suppress(OSError, DataError):
            if not self.file("finished").exists():
                self.file("finished").touch()

    def unlock(self) -> None:
        """Let others in again (the system does so too when the process dies)."""
        self._lock.release()

    def read(self) -> Record:
        """run.json. Raises DataError."""
        content = own_bytes(self.path, "run.json", MAX_BYTES)
        if content is None:
            raise no_record(self.path, self.has_checkpoint("last"), bool(self.is_locked()))
        try:
            return Record.parsed(content)
        except ValueError as error:
            raise DataError(f"{self.path / 'run.json'} is not a run's record: {error}") from None

    def has_record(self) -> bool:
        """Whether there is a run.json; make deletes the target of a rule that it interrupts."""
        return os.path.lexists(f"{self.path}{os.sep}run.json")

    def config_text(self) -> str:
        """The resolved config as it is written; empty if there is none. Raises DataError."""
        content = own_bytes(self.path, "config.yaml", MAX_CONFIG) or b""
        return content.decode("utf-8", "replace")

    def write(self, facts: Mapping[str, Any]) -> Record:
        """Replace run.json, atomically; the file ``finished`` is there exactly while it is."""
        record = record_of(facts)
        text = json.dumps(record.to_json(), indent=2, allow_nan=False)
        finished = self.file("finished")
        try:
            if record.status != FINISHED:
                finished.unlink(missing_ok=True)
            write_text_atomically(self.file("run.json"), text + "\n")
            if record.status == FINISHED and not finished.exists():
                finished.touch()
        except OSError as error:
            raise disk_error(finished, error) from error
        return record

    def update(self, **changes: Any) -> Record:
        """Change entries of run.json."""
        return self.write(self.read().to_json() | changes)

    def status(self, record: Record | None = None) -> str:
        """finished, diverged, pruned, running, or interrupted: it says running, its lock is free.

        A lock that cannot be looked at says nothing: then the record is believed. A training that
        ends writes its record before it frees the lock, so that a free lock's record is read again.
        """
        record = record or self.read()
        if record.status == RUNNING and self._lock.is_taken() is False:
            with suppress(DataError):  # the run is being removed
                record = self.read()
            return INTERRUPTED if record.status == RUNNING else record.ended
        return record.ended

    def sweep(self) -> None:
        """Remove half-written files that a killed process left."""
        for folder in (self.path, self.folder("checkpoints")):
            sweep_temporaries(folder)

    def table(self, name: str) -> GrowingTable:
        """``metrics`` or ``layers``, to add rows to. They are soon written, see ``rows.py``."""
        if name not in self._tables:
            self._tables[name] = GrowingTable(lambda: Path(getattr(self, name)))
        return self._tables[name]

    def append_metrics(self, row: Mapping[str, Any]) -> None:
        """Add a row to metrics.csv, with the header if it is the first. Raises MachineError."""
        self.table("metrics").add(row, [row.values()])

    def write_due_rows(self) -> None:
        """Write the rows that have waited long enough. Raises MachineError."""
        for table in self._tables.values():
            table.write_due()

    def append_log(self, text: str) -> None:
        """Add a line to train.log."""
        try:
            with self.log.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text + "\n")
        except OSError as error:
            raise disk_error(self.log, error) from error

    def sync_rows(self) -> None:
        """Make the rows durable before the checkpoint that counts on them."""
        for name in ("metrics", "layers"):
            self.table(name).sync()

    def own_files(self) -> None:
        """Let no other folder share the files that grow: a copy by hard links is a copy."""
        for path in (self.metrics, self.layers, self.log):
            if path.is_file() and path.stat().st_nlink > 1:
                write_text_atomically(path, path.read_text("utf-8", "replace"))

    def keep_metrics(self, epochs: int) -> None:
        """Cut off the rows of later epochs, and half a row that a killed process left."""
        path = self.metrics
        self._tables.pop("metrics", None)
        if not path.is_file():
            return
        with path.open("rb") as file:
            kept = sum(len(file.readline()) for _ in range(epochs + 1)) if epochs else 0
        if kept < path.stat().st_size:
            os.truncate(path, kept)

    def read_metrics(self) -> list[dict[str, float]]:
        """metrics.csv as a record for each epoch, without half a row. Raises DataError."""
        if "metrics" in self._tables:
            self._tables["metrics"].write()
        path = self.metrics
        if not path.is_file():
            return []
        try:
            header, rows = read_rows(path)
            records = [dict(zip(header, map(float, row), strict=True)) for row in rows]
        except (OSError, ValueError, csv.Error) as error:
            raise unreadable(path, error) from None
        if records and ("epoch" not in header or len(set(header)) < len(header)):
            raise DataError(f"{path} has no column 'epoch', or a column twice")
        return records
