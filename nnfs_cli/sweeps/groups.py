"""Groups: the trials that differ in seed or fold alone, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nnfs_cli.data.folds import Fold
from nnfs_cli.runs.record import FINISHED
from nnfs_cli.statistics import Estimate, can_be_estimated, estimate, over_folds
from nnfs_cli.sweeps.plan import FOLD, REPEATED
from nnfs_cli.sweeps.row import Row


@dataclass(frozen=True)
class Group:
    """The other keys' values, and an estimate of every figure."""

    values: tuple[str, ...]
    figures: dict[str, Estimate]

    def to_json(self, keys: Sequence[str]) -> dict[str, Any]:
        """The group for programs."""
        figures = {name: each.to_json() for name, each in self.figures.items()}
        return {"values": dict(zip(keys, self.values, strict=True)), "figures": figures}


def repeated_by(keys: Sequence[str]) -> str:
    """What the trials are repeated over: seeds, folds or both; empty if they are not."""
    return " and ".join(REPEATED[key] for key in keys if key in REPEATED)


def over_repeats(keys: Sequence[str], rows: Iterable[Row]) -> tuple[list[str], list[Group]]:
    """The keys beside seed and fold, and a group of each combination of their values.

    In the order of ``rows``, of which those count that finished; no group where the sweep repeats
    nothing.
    """
    others = [key for key in keys if key not in REPEATED]
    if len(others) == len(keys):
        return others, []
    members: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row.end.status == FINISHED:
            pairs = zip(keys, row.trial.values, strict=True)
            members.setdefault(tuple(v for k, v in pairs if k not in REPEATED), []).append(row)
    return others, [Group(values, _figures(group, keys)) for values, group in members.items()]


def _figures(rows: Sequence[Row], keys: Sequence[str]) -> dict[str, Estimate]:
    """Of the monitored value and the test's figures, where they are finite; of folds all they have.

    A fold's validation samples are what cross-validation tests on.
    """
    at = keys.index(FOLD) if FOLD in keys else None
    found: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        fold = "" if at is None else row.trial.values[at]
        own = {row.monitor: row.value} if row.monitor and row.value is not None else {}
        own |= row.validation if fold else {}
        for name, value in (own | {f"test_{name}": v for name, v in row.test.items()}).items():
            if can_be_estimated(value):
                found.setdefault(name, {}).setdefault(fold, []).append(value)
    return {
        name: estimate(values[""]) if at is None else over_folds(values, _folds(values))
        for name, values in found.items()
    }


def _folds(names: Iterable[str]) -> int:
    """How many folds there are, where some are called so; the fewest where they are mixed."""
    return min(Fold.parsed(name.strip("'\" ")).folds for name in names)
