"""Row: what is known of a trial that has ended, as trials.csv and the tables show it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nnfs_cli.csv_text import csv_text
from nnfs_cli.errors import DataError
from nnfs_cli.runs.record import FINISHED
from nnfs_cli.runs.run import Run
from nnfs_cli.sweeps.plan import Trial
from nnfs_cli.sweeps.trial import End

BEFORE = ("run", "status", "epochs", "monitor", "value")
AFTER = ("seconds", "message")


@dataclass(frozen=True)
class Row:
    """A trial and how it ended, with the figures of its run."""

    trial: Trial
    end: End
    epochs: int | None = None
    seconds: float | None = None
    monitor: str = ""
    value: float | None = None
    higher_is_better: bool = False
    test: dict[str, float] = field(default_factory=dict)
    validation: dict[str, float] = field(default_factory=dict)
    """The figures of the best epoch, such as ``val_accuracy``."""
    data: str = ""
    """The hash of the arrays that it was trained on and judged by."""

    @property
    def rank(self) -> tuple[bool, bool, float, int]:
        """Sorts rows: finished ones first, the best before all, those without a value last."""
        unfinished, value = self.end.status != FINISHED, self.value
        if value is None or math.isnan(value):
            return unfinished, True, 0.0, self.trial.number
        return unfinished, False, -value if self.higher_is_better else value, self.trial.number

    def to_json(self, keys: Sequence[str]) -> dict[str, Any]:
        """The row for programs."""
        return {
            "number": self.trial.number,
            "values": dict(zip(keys, self.trial.values, strict=True)),
            "run": self.end.run or None,
            "status": self.end.status,
            "epochs": self.epochs,
            "monitor": self.monitor or None,
            "value": self.value,
            "test": self.test or None,
            "seconds": self.seconds,
            "message": self.end.reason or None,
        }


def row_of(trial: Trial, end: End) -> Row:
    """The row of a trial that ended so; its run, if there is one, is asked for the figures.

    From then on the run is known.
    """
    if end.run:
        with suppress(DataError):  # it has been removed meanwhile
            run = Run(Path(end.run))
            record = run.read()
            trial.request.runs.seen.note(run.id, trial.fingerprint, record.number)
            row = Row(
                trial, end, record.epochs, record.seconds,
                test=record.test or {}, data=record.data.hash,
            )  # fmt: skip
            best = record.best
            if best is None:
                return row
            of_best = {n: v for n, v in record.metrics.items() if n.startswith("val_")}
            return replace(
                row,
                monitor=best.monitor,
                value=best.value,
                higher_is_better=best.higher_is_better,
                validation=of_best,
            )
    return Row(trial, end)


@dataclass(frozen=True)
class Mark:
    """What trials.csv says of a trial."""

    values: tuple[str, ...]
    status: str
    message: str


def marks_of(keys: Sequence[str], lines: Iterable[str]) -> dict[int, Mark]:
    """The trials in the lines of trials.csv. Raises ValueError or csv.Error."""
    found: dict[int, Mark] = {}
    table = csv.DictReader(lines, strict=True)
    if not {"number", "status", "message", *keys} <= {*(table.fieldnames or ())}:
        raise ValueError("a column is missing")
    for cells in table:
        values = tuple(cells[key] for key in keys)
        if None in values:
            raise ValueError("a row is too short")
        found[int(cells["number"])] = Mark(values, cells["status"], cells["message"])
    return found


def test_names(rows: Iterable[Row]) -> list[str]:
    """The figures of the test that any of the rows has."""
    return list(dict.fromkeys(name for row in rows for name in row.test))


def rows_csv(keys: Sequence[str], rows: Iterable[Row]) -> str:
    """trials.csv: the trials by number, their values, and how they ended."""
    rows = sorted(rows, key=lambda row: row.trial.number)
    names = test_names(rows)
    header = ["number", *keys, *BEFORE, *(f"test_{name}" for name in names), *AFTER]
    return csv_text([header, *(_cells(row, names) for row in rows)])


def _cells(row: Row, names: Sequence[str]) -> list[Any]:
    figures = [row.test.get(name) for name in names]
    own = [row.end.run, row.end.status, row.epochs, row.monitor, row.value]
    return [row.trial.number, *row.trial.values, *own, *figures, row.seconds, row.end.reason]
