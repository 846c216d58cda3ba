"""The runs that people name: one by one, by a pattern, or all of a sweep."""

from __future__ import annotations

import csv
import gc
import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.completion import run_names
from nnfs_cli.cli.options import runs_folder

if TYPE_CHECKING:
    from nnfs_cli.runs.run import Run
    from nnfs_cli.runs.runs_folder import RunsFolder

RunNames = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN|SWEEP|GLOB",
        help="Runs, a sweep's folder or id, or a pattern such as '2026*'.",
        autocompletion=run_names,
    ),
]
RunsOrLatest = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RUN|SWEEP|GLOB",
        help="A run, several, or a sweep [default: latest].",
        autocompletion=run_names,
    ),
]


@contextmanager
def collecting_later() -> Iterator[None]:
    """While entered, cycles of objects are not looked for: among thousands of records there is
    none, and to look took a quarter of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def runs_named(names: Iterable[str], runs_dir: Path | None) -> list[Run]:
    """Each run that any of the names means, once. Raises DataError."""
    folder = runs_folder(runs_dir)
    found: dict[object, Run] = {}
    for name in names:
        for run in _runs_of(name, folder):
            found.setdefault(_place(run.path), run)
    return [*found.values()]


def _place(path: Path) -> object:
    """What is the same for all paths of one folder."""
    try:
        found = os.stat(path)
    except OSError:
        return path
    return found.st_dev, found.st_ino


def sweep_of(names: Sequence[str], runs_dir: Path | None) -> Path | None:
    """The folder of the sweep, if a single name means one."""
    if len(names) != 1 or glob.has_magic(names[0]):
        return None
    if (Path(names[0]) / "sweep.yaml").is_file():
        return Path(names[0])
    from nnfs_cli.sweeps.sweep_folder import SweepsFolder  # loads all that trains

    found = [each.path for each in SweepsFolder(runs_folder(runs_dir)).all()]
    return next((path for path in found if path.name == names[0]), None)


def _runs_of(name: str, folder: RunsFolder) -> Sequence[Run]:
    from nnfs_cli.errors import DataError

    if glob.has_magic(name) and not os.path.lexists(name):
        return _matching(name, folder)
    if (Path(name) / "sweep.yaml").is_file() or _is_sweep(name, folder):
        return _trials(name, folder)
    try:
        return [folder.find(name)]
    except DataError:
        if not name or not _begins_a_sweep(name, folder):
            raise
        return _trials(name, folder)


def _is_sweep(name: str, folder: RunsFolder) -> bool:
    """Whether a sweep is called so; its runs may be called so too, and more."""
    return bool(name) and (folder.path.parent / "sweeps" / name / "sweep.yaml").is_file()


def _begins_a_sweep(name: str, folder: RunsFolder) -> bool:
    from nnfs_cli.sweeps.sweep_folder import SweepsFolder

    return any(each.path.name.startswith(name) for each in SweepsFolder(folder).all())


def _matching(pattern: str, folder: RunsFolder) -> list[Run]:
    """The runs whose id, or whose path from here, matches."""
    from nnfs_cli.errors import DataError
    from nnfs_cli.runs.latest import LATEST
    from nnfs_cli.runs.run import Run

    paths = [Path(path) for path in sorted(glob.glob(pattern))]
    if os.sep not in pattern and folder.path.is_dir():
        ids = [name for name in os.listdir(folder.path) if fnmatchcase(name, pattern)]
        paths = [folder.path / name for name in sorted(ids)]
    runs = [Run(path) for path in paths if path.name != LATEST]
    found = [run for run in runs if run.has_record()]
    if not found:
        raise DataError(f"no run matches {pattern!r}", f"`nnfs runs` lists those in {folder.path}")
    return found


def _trials(name: str, folder: RunsFolder) -> list[Run]:
    """The runs of a sweep's trials that have ended, and have not been removed since."""
    from nnfs_cli.errors import DataError
    from nnfs_cli.runs.run import Run
    from nnfs_cli.sweeps.sweep_file import read_sweep_file
    from nnfs_cli.sweeps.sweep_folder import SweepsFolder

    sweep = SweepsFolder(folder).find(name)
    runs = read_sweep_file(sweep.file).runs or folder.path
    names = dict.fromkeys(Path(path).name for path in _paths(sweep.path / "trials.csv"))
    found = [run for run in (Run(runs / name) for name in names) if run.has_record()]
    if not found:
        raise DataError(
            f"sweep {sweep.path.name} has no run in {runs}", f"`nnfs sweep --resume {sweep.path}`"
        )
    return found


def _paths(table: Path) -> Iterator[str]:
    from nnfs_cli.errors import DataError

    try:
        with table.open(encoding="utf-8", newline="") as file:
            yield from (row["run"] for row in csv.DictReader(file) if row.get("run"))
    except FileNotFoundError:
        return
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"cannot read {table}: {error}") from None
