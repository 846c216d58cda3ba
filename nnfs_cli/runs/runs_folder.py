"""The folder of all runs: new ones, the latest, and finding one by what people call it."""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nnfs_cli.atomic import disk_error, make_folder, write_text_atomically
from nnfs_cli.errors import DataError, LockedError, MachineError, UsageError
from nnfs_cli.home import from_home
from nnfs_cli.runs.latest import LATEST, follow, move_copy_away
from nnfs_cli.runs.lock import Lock
from nnfs_cli.runs.record import FINISHED, MAX_BYTES, MAX_NUMBER, Best, Record, number_in
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.run_files import has_only_own_files, own_bytes
from nnfs_cli.runs.seen import Seen
from nnfs_cli.runs.slug import slug

REGISTERING_SECONDS = 60.0
"""How long to wait for others that make runs, which takes each of them a moment."""
NTH_LATEST = re.compile(r"latest~(\d{1,6})")


class Scan(NamedTuple):
    """What a folder of runs has in it: the runs, and each folder that is none, with the reason."""

    runs: list[tuple[Run, Record]]
    refused: list[tuple[Path, str]]


class RunsFolder:
    """Where runs are kept: ``--runs-dir``, NNFS_RUNS, or ``runs`` here."""

    def __init__(self, path: Path) -> None:
        self.path, self.seen = path, Seen()

    @classmethod
    def chosen(cls, path: Path | None) -> RunsFolder:
        """The folder given, or the environment's, or ``runs``."""
        return cls(from_home(path or os.environ.get("NNFS_RUNS") or "runs"))

    @contextmanager
    def registering(self) -> Iterator[None]:
        """While entered, no other process makes a run here: a number, a config is given once.

        Makes the folder if there is none. Raises LockedError, MachineError.
        """
        lock = Lock(self.path / ".lock")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire(REGISTERING_SECONDS)
        except TimeoutError:
            raise LockedError(
                f"another process keeps {self.path} locked", "see what holds it, or wait"
            ) from None
        except OSError as error:
            raise disk_error(self.path, error) from error
        try:
            yield
        finally:
            lock.release()

    def create(self, name: str, fingerprint: str) -> Run:
        """A new, empty, locked run folder that no other process has. Raises MachineError."""
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        stem = f"{stamp}-{slug(name)}-{fingerprint[:4]}"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for attempt in range(1, 10_000):
                path = self.path / (stem if attempt == 1 else f"{stem}-{attempt}")
                try:
                    path.mkdir()
                except FileExistsError:
                    continue
                return _prepared(path)
        except OSError as error:
            raise disk_error(self.path / stem, error) from error
        raise MachineError(f"cannot find a free name for {self.path / stem}", "clean up the runs")

    @staticmethod
    def create_at(path: Path) -> Run:
        """A new run in exactly this folder. Raises LockedError, UsageError, MachineError."""
        run = Run(make_folder(path))
        taken = UsageError(
            f"{path} is not empty", "choose another --run-dir, or `nnfs resume` the run in it"
        )
        entries = {entry.name for entry in path.iterdir()}
        if entries and ".lock" not in entries:
            raise taken
        run.lock()
        if any(entry.name != ".lock" for entry in path.iterdir()):
            run.unlock()
            raise taken
        return _prepared(path, run)

    def point_latest_at(self, run: Run) -> str:
        """Let ``latest`` name this run: a relative link, or a text file where links fail.

        Returns what had to be moved for it, in words: zip, Drive and Windows make of a link to a
        folder a copy of that folder.
        """
        moved = move_copy_away(self.path / LATEST)
        temporary = self.path / f".{LATEST}.{os.getpid()}"
        target = os.path.relpath(run.path, self.path)
        try:
            temporary.unlink(missing_ok=True)
            os.symlink(target, temporary)
            os.replace(temporary, self.path / LATEST)
        except BaseException as error:
            temporary.unlink(missing_ok=True)
            if not isinstance(error, OSError | NotImplementedError):
                raise
            write_text_atomically(self.path / LATEST, target + "\n")
        return moved

    def all(self) -> list[Run]:
        """Every run, oldest first."""
        return [run for run, _ in self.scan().runs]

    def scan(
        self, about: Callable[[bytes], bool] | None = None, fingerprint: str | None = None
    ) -> Scan:
        """Every run with its record, oldest first, and the folders that are none.

        With ``about``, only those for whose run.json it says yes: to read a record takes longer;
        with a ``fingerprint``, none that is known to have another.
        """
        paths = (p for p in self._folders() if not self.seen.is_another(p.name, fingerprint))
        return self._scanned(paths, about)

    def _scanned(self, paths: Iterable[Path], about: Callable[[bytes], bool] | None = None) -> Scan:
        found, refused = [], []
        for path in sorted(paths, key=str):
            run = Run(path)
            try:
                if about is None or about(_content_of(run)):
                    found.append((run, run.read()))
            except DataError as error:
                refused.append((path, str(error)))
        found.sort(key=lambda pair: (pair[1].number, pair[0].id))
        return Scan(found, refused)

    def _folders(self) -> Iterator[Path]:
        """What may be runs: folders in this one that are no links, hidden or called ``latest``."""
        try:
            with os.scandir(self.path) if self.path.is_dir() else nullcontext(()) as entries:
                for entry in entries:
                    hidden = entry.name.startswith(".") or entry.name == LATEST
                    if not hidden and entry.is_dir(follow_symlinks=False):
                        yield self.path / entry.name
        except OSError as error:
            raise DataError(f"cannot read {self.path}: {error.strerror}") from None

    def next_number(self) -> int:
        """One more than any run's number: an order that no clock can disturb."""
        known = self.seen.number
        newest = max((known(p.name) or _number_of(Run(p)) for p in self._folders()), default=0)
        return min(newest + 1, MAX_NUMBER)

    def latest(self) -> Run:
        """The run that ``latest`` names; the newest where a copy left it out. Raises DataError."""
        pointer = self.path / LATEST
        if not os.path.lexists(pointer):
            runs = self.all()
            if runs:
                return runs[-1]
            raise DataError(f"there is no run in {self.path} yet", "start one with `nnfs train`")
        return Run(follow(pointer))

    def removable(self, name: str) -> Path:
        """The folder called ``name``, which is sure to be a run in this very folder.

        A run killed before it could write run.json counts, and one whose files are damaged; what
        is reached through a link, or lies elsewhere, does not. Raises DataError.
        """
        path = self.path / name
        if os.sep in name or name in (LATEST, os.curdir, os.pardir) or not _is_folder(path):
            path = self.find(name).path
        parent, name = os.path.split(os.path.realpath(path))
        if not _is_folder(path) or parent != os.path.realpath(self.path):
            raise DataError(
                f"{path} is no folder directly in {self.path}, and only such runs are removed",
                "choose its own folder with --runs-dir, and name the run itself",
            )
        if not _is_run(path):
            raise DataError(f"{path} has files that no run has", "remove it by other means")
        return self.path / name

    def find(self, name: str) -> Run:
        """The run called ``latest``, ``latest~1``, ``best``, a path, or the start of an id."""
        path = Path(name)
        nth = NTH_LATEST.fullmatch(name)
        if name == LATEST:
            return self.latest()
        if nth:
            return self._nth_latest(int(nth[1]))
        if path.name == LATEST and os.path.lexists(path):
            return Run(follow(path))
        if os.path.isdir(path) and Run(path).has_checkpoint("last") and not Run(path).has_record():
            return Run(path)  # resume makes its record again
        if os.path.isdir(path) and (os.sep in name or (path / "run.json").is_file()):
            Run(path).read()
            return Run(path)
        if name == "best":
            return self._best()
        if path.name == LATEST:
            raise DataError(f"there is no {path}", "start a run with `nnfs train`")
        if os.path.lexists(path) and not os.path.isdir(path):
            raise DataError(f"{path} is a file, not the folder of a run", "name the folder")
        return self._by_prefix(name)

    def _nth_latest(self, n: int) -> Run:
        runs = self.all()
        if n >= len(runs):
            raise DataError(f"there is no latest~{n}: {self.path} has {len(runs)} runs")
        return runs[-1 - n]

    def _best(self) -> Run:
        """The finished run with the best monitored value among those like the newest.

        Alike are runs on the same data that watched the same value.
        """
        runs = self.scan().runs
        finished = [(run, r, r.best) for run, r in runs if r.status == FINISHED and r.best]
        if not finished:
            raise DataError(f"there is no finished run in {self.path}")
        newest = finished[-1][2]
        kind = _kind(finished[-1][1], newest)
        alike = [(run, best.value) for run, r, best in finished if _kind(r, best) == kind]
        sign = 1 if newest.higher_is_better else -1
        known = [pair for pair in alike if not math.isnan(pair[1])]
        return max(known or alike, key=lambda pair: sign * pair[1])[0]

    def _by_prefix(self, name: str) -> Run:
        paths = (path for path in self._folders() if name and path.name.startswith(name))
        scan = self._scanned(paths)
        begin = [run for run, _ in scan.runs]
        if scan.refused and not begin:
            Run(scan.refused[-1][0]).read()  # says what is wrong with it
        found = [run for run in begin if run.id == name] or begin
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(run.id for run in found[:4])
            raise DataError(f"{name!r} names {len(found)} runs: {ids}", "write more of the id")
        there = ", ".join(run.id for run in self.all()[-3:])
        hint = f"the newest are {there}" if there else "start one with `nnfs train`"
        raise DataError(f"there is no run {name!r} in {self.path}", hint)


def _number_of(run: Run) -> int:
    try:
        return number_in(_content_of(run))
    except (ValueError, DataError):
        return 0  # no run


def _content_of(run: Run) -> bytes:
    """run.json as it is; nothing where there is none. Raises DataError."""
    return own_bytes(run.path, "run.json", MAX_BYTES) or b""


def _kind(record: Record, best: Best) -> tuple[str, str]:
    return best.monitor, record.data.hash


def _prepared(path: Path, run: Run | None = None) -> Run:
    run, locked = run or Run(path), run is not None
    try:
        if not locked:
            run.lock()
        (path / "checkpoints").mkdir(exist_ok=True)
    except BaseException:
        run.unlock()
        shutil.rmtree(path, ignore_errors=True)
        raise
    return run


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _is_run(path: Path) -> bool:
    """Whether a folder is a run, or was to become one: it has nothing that is not a run's."""
    try:
        Run(path).read()
    except DataError:
        return has_only_own_files(path)
    return True
