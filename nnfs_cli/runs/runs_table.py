"""Runs as a table: listed, sorted by a metric, removed."""

from __future__ import annotations

import math
import os
import shutil
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from nnfs_cli.atomic import disk_error
from nnfs_cli.components.component import nearest
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.formatting import sizes_text
from nnfs_cli.runs.annotations import NONE, Annotations, read_annotations
from nnfs_cli.runs.change import flow
from nnfs_cli.runs.conditions import Condition
from nnfs_cli.runs.latest import LATEST
from nnfs_cli.runs.record import Record
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_columns import fitted, shortened
from nnfs_cli.runs.runs_folder import RunsFolder, Scan

SHOWN = ("val_loss", "val_accuracy")
"""Figures that are shown beside those of the test."""
TEXTS = ("run", "status", "data", "changes", "tags", "note", "created")
NUMBERS = ("epochs", "seconds", "parameters")


@dataclass(frozen=True)
class Line:
    """A run that is listed."""

    run: Run
    record: Record
    status: str
    annotations: Annotations = NONE
    config: dict[str, Any] = field(default_factory=dict)
    """What is asked for of its config, by key."""

    @cached_property
    def figures(self) -> dict[str, float]:
        """Those of its record."""
        return self.record.figures

    @cached_property
    def cells(self) -> dict[str, Any]:
        """What stands in the columns that its config has not."""
        record = self.record
        changes = [*record.overrides, *map(str, record.resumed_with)]
        own = {"run": self.run.id, "status": self.status, "data": record.data.name}
        own |= {"changes": " ".join(changes), "created": record.created}
        own |= {"tags": " ".join(self.annotations.tags), "note": self.annotations.note}
        numbers = {
            "epochs": record.epochs, "seconds": record.seconds, "parameters": record.parameters
        }  # fmt: skip
        return {**self.figures, **own, **numbers}

    def cell(self, name: str) -> Any:
        """What stands in a column; None where there is nothing."""
        return self.cells[name] if name in self.cells else self.config.get(name)

    def to_json(self) -> dict[str, Any]:
        """The run for programs."""
        own = {"id": self.run.id, "path": str(self.run.path), "status": self.status}
        return self.record.to_json() | own | self.annotations.model_dump()

    def meets(self, conditions: Iterable[Condition]) -> bool:
        """Whether it is a run that is meant."""
        values = ChainMap({"tags": self.annotations.tags}, self.cells, self.config)
        return all(each.holds(values) for each in conditions)


@dataclass(frozen=True)
class Table:
    """Headers and rows for people, :attr:`records` for programs."""

    headers: list[str]
    rows: list[list[Any]]
    lines: list[Line]
    refused: list[tuple[Path, str]]
    """Each folder among the runs that is none, and why."""
    notes: list[str]
    """What else must be known of the runs."""

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
    where: Sequence[Condition] = (),
) -> Table:
    """The runs, oldest first, or sorted by a column with the best last.

    ``columns`` are shown if given, else those that make a line of ``width``. All names may be keys
    of the config, too. Only runs that meet each of the conditions ``where``. Raises UsageError.
    """
    scan = folder.scan()
    asked = {"--columns": columns or (), "--where": [each.name for each in where]}
    asked["--sort"] = [sort] if sort is not None else []
    lines, notes = _lines(scan)
    known = _known(lines)
    unknown = {name for names in asked.values() for name in names} - known.keys()
    if unknown:
        known |= _read_configs(lines, unknown, notes)
    for option, names in asked.items():
        for name in names if lines else ():
            if name not in known:
                close = nearest(name, [*known])
                raise UsageError(f"{option} names {name!r}, which no run has", close)
    runs = [line for line in lines if line.meets(where)]
    runs = _sorted(runs, sort) if sort is not None else runs
    runs = runs[-limit:] if limit else runs
    shown = columns or _shown(_known(runs), sort, any(line.cells["tags"] for line in runs))
    cells = {name: [line.cell(name) for line in runs] for name in shown}
    if width is not None and not columns:
        cells = fitted(cells, shortened([line.run.id for line in lines]), sort, width)
    rows = [list(row) for row in zip(*cells.values(), strict=True)]
    return Table([*cells], rows, runs, scan.refused, notes)


def _lines(scan: Scan) -> tuple[list[Line], list[str]]:
    """The runs, and what else must be known of them."""
    notes, lines = list[str](), list[Line]()
    for run, record in scan.runs:
        annotations = NONE
        try:
            annotations = read_annotations(run)
        except DataError as error:
            notes.append(error.message)
        lines.append(Line(run, record, run.status(record), annotations))
    return lines, notes


def _read_configs(lines: Sequence[Line], names: Iterable[str], notes: list[str]) -> dict[str, None]:
    """Give the lines what their configs say under these names; returns all keys that there are."""
    from nnfs_cli.runs.config_values import ConfigValues  # takes longer than a list without configs

    reader, known = ConfigValues(), dict[str, None]()
    for line in lines:
        try:
            values = reader.of(line.run)
        except DataError as error:
            notes.append(error.message)
            continue
        line.config.update({name: values[name] for name in names if name in values})
        _add(known, values)
    return known


def _known(lines: Iterable[Line]) -> dict[str, None]:
    """The names of all columns that do not come from configs."""
    known = dict.fromkeys((*TEXTS, *NUMBERS))
    for line in lines:
        _add(known, line.figures)
    return known


def _add(known: dict[str, None], values: Mapping[str, Any]) -> None:
    """Add their names: thousands of runs have the same, so that this is seldom more than a look."""
    if not values.keys() <= known.keys():
        known |= dict.fromkeys(values)


def _shown(known: Iterable[str], sort: str | None, tagged: bool) -> list[str]:
    figures = [name for name in known if name in SHOWN or name.startswith("test_")]
    first = ["run", "status", "data", "epochs"]
    last = ["tags", "changes"] if tagged else ["changes"]
    sorted_by = [sort] if sort and sort not in (*first, *last) else []
    return [*first, *(name for name in figures if name != sort), *sorted_by, *last]


def facts(record: Record, status: str, annotations: Annotations = NONE) -> list[tuple[str, str]]:
    """A run's record in lines, without what is long or nested deeply."""
    own = {"tags": " ".join(annotations.tags), "note": annotations.note}
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
    return [*((k, v) for k, v in own.items() if v), *lines, *record.environment.items()]


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
    if any(isinstance(line.cell(sort), str) for line in runs):
        return sorted(runs, key=lambda line: str(line.cell(sort)))

    from nnfs_cli.nn.metric import higher_is_better  # loads NumPy, which no other list needs

    def key(line: Line) -> float:
        value = line.cell(sort)
        if not isinstance(value, int | float) or math.isnan(value):
            return -math.inf
        grows = higher_is_better(sort) or sort == "epochs" or sort in line.config
        return float(value) if grows else -float(value)

    return sorted(runs, key=key)
