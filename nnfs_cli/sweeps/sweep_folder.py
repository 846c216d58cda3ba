"""SweepFolder: what a sweep keeps on disk, beside the folder of runs.

::

    sweep.yaml   the config's path, and the words that change it; `nnfs sweep` takes this file too
    config.yaml  the config as it was read
    trials.csv   a row for every trial that has ended, with the path of its run
    log          what was said
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from nnfs_cli.atomic import disk_error, write_bytes_atomically, write_text_atomically
from nnfs_cli.config.overrides import read_with_ancestors
from nnfs_cli.config.yaml_reader import to_yaml
from nnfs_cli.errors import ConfigError, DataError, LockedError, NnfsError, UsageError
from nnfs_cli.runs.lock import Lock
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.slug import slug
from nnfs_cli.sweeps.row import Mark, Row, marks_of, rows_csv
from nnfs_cli.sweeps.sweep_file import SweepFile, read_sweep_file

SWEEPS = "sweeps"


class SweepFolder:
    """A sweep's folder, opened by path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock(path / ".lock")

    @property
    def file(self) -> Path:
        """What the sweep is."""
        return self.path / "sweep.yaml"

    @property
    def log(self) -> Path:
        """What was said."""
        return self.path / "log"

    @property
    def table(self) -> Path:
        """The trials and how they ended."""
        return self.path / "trials.csv"

    def recorded(self, keys: Sequence[str]) -> dict[int, Mark]:
        """What the table says, by the trials' numbers; empty without one. Raises DataError."""
        try:
            with self.table.open(encoding="utf-8", newline="") as file:
                return marks_of(keys, file)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, csv.Error):
            hint = "remove the file: the runs are found again"
            raise DataError(f"{self.table} is not the table of this sweep", hint) from None

    def lock(self) -> None:
        """Keep other processes from working in it. Raises LockedError, MachineError."""
        try:
            self._lock.acquire()
        except TimeoutError:
            message = f"sweep {self.path.name} is at work in another process"
            raise LockedError(message, "wait for it, or stop it") from None
        except OSError as error:
            raise disk_error(self.path, error) from error

    def unlock(self) -> None:
        """Let others in again."""
        self._lock.release()

    def write(self, asked: SweepFile, runs: Path) -> None:
        """Write sweep.yaml, whose runs are in that folder. Raises MachineError."""
        write_text_atomically(self.file, asked.to_yaml(self.path, runs))

    def write_rows(self, keys: Sequence[str], rows: Iterable[Row]) -> None:
        """Write trials.csv anew. Raises MachineError."""
        write_text_atomically(self.table, rows_csv(keys, rows))

    def append_log(self, text: str) -> None:
        """Add a line to the log. Raises MachineError."""
        try:
            with self.log.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S}  {text}\n")
        except OSError as error:
            raise disk_error(self.log, error) from error

    def asked(self) -> SweepFile:
        """What the sweep is, if its config is still the same. Raises UsageError."""
        asked = read_sweep_file(self.file)
        if not self._has(asked.config):
            raise UsageError(
                f"{asked.config} was changed since sweep {self.path.name} began",
                f"undo that (it was as in {self.path / 'config.yaml'}), or begin a new sweep",
            )
        return asked

    def _has(self, config: Path) -> bool:
        try:
            return (self.path / "config.yaml").read_bytes() == _text_of(config)
        except (OSError, ConfigError):
            return False

    def is_of(self, asked: SweepFile) -> bool:
        """Whether it is the sweep that is asked for."""
        with suppress(NnfsError):
            there = read_sweep_file(self.file)
            if not _same_file(there.config, asked.config):
                return False
            return there.asks == asked.asks and self._has(asked.config)
        return False


def _same_file(a: Path, b: Path) -> bool:
    return os.path.realpath(a) == os.path.realpath(b)


def _text_of(config: Path) -> bytes:
    """The config's own bytes; what it is on top of the others, if it ``extends`` any."""
    content = config.read_bytes()
    if b"extends" in content:
        return to_yaml(read_with_ancestors(config).value).encode()
    return content


class SweepsFolder:
    """Where the sweeps are kept: ``sweeps`` beside the folder of runs."""

    def __init__(self, runs: RunsFolder) -> None:
        self.path, self.runs = runs.path.parent / SWEEPS, runs.path

    def all(self) -> list[SweepFolder]:
        """Every sweep, oldest first."""
        try:
            found = [path for path in self.path.iterdir() if (path / "sweep.yaml").is_file()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise DataError(f"cannot read {self.path}: {error.strerror}") from None
        return [SweepFolder(path) for path in sorted(found)]

    def find(self, name: str | None) -> SweepFolder:
        """The sweep called so: a path, an id or its start; None is the newest. Raises DataError."""
        if name is not None and (Path(name) / "sweep.yaml").is_file():
            return SweepFolder(Path(name))
        sweeps = self.all()
        if name is None:
            if not sweeps:
                hint = "start one with `nnfs sweep CONFIG KEY=A,B`"
                raise DataError(f"there is no sweep in {self.path} yet", hint)
            return sweeps[-1]
        found = [sweep for sweep in sweeps if sweep.path.name == name]
        found = found or [sweep for sweep in sweeps if name and sweep.path.name.startswith(name)]
        if len(found) == 1:
            return found[0]
        there = ", ".join(sweep.path.name for sweep in (found or sweeps)[-3:])
        what = f"names {len(found)} sweeps" if found else f"is no sweep in {self.path}"
        hint = f"there are {there}" if there else "start one with `nnfs sweep CONFIG KEY=A,B`"
        raise DataError(f"{name!r} {what}", hint)

    def opened(self, asked: SweepFile, name: str) -> SweepFolder:
        """The folder of the sweep that is asked for, locked: an earlier one's, or a new one.

        Where another process is at work in the earlier one, the new one shares its runs. Raises
        MachineError, UsageError for what no sweep file can say.
        """
        for sweep in reversed(self.all()):
            if sweep.path.name.endswith(f"-{slug(name)}") and sweep.is_of(asked):
                with suppress(LockedError):
                    sweep.lock()
                    return sweep
        return self._create(asked, name)

    def _create(self, asked: SweepFile, name: str) -> SweepFolder:
        stem = f"{datetime.now():%Y%m%d-%H%M%S}"
        path = self.path / f"{stem}-{slug(name)}"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for attempt in range(2, 10_000):
                try:
                    path.mkdir()
                    break
                except FileExistsError:
                    path = self.path / f"{stem}.{attempt}-{slug(name)}"
            sweep = SweepFolder(path)
            sweep.lock()
            write_bytes_atomically(path / "config.yaml", _text_of(asked.config))
            sweep.write(asked, self.runs)
            read_sweep_file(sweep.file)
        except OSError as error:
            raise disk_error(path, error) from error
        except ConfigError as error:
            sweep.unlock()
            shutil.rmtree(path, ignore_errors=True)
            raise UsageError(
                f"the sweep could not go on later: {error.problems[0].message}",
                "give files names in UTF-8; sweep in parts where it is large",
            ) from None
        return sweep
