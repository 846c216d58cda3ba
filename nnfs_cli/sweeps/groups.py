"""Groups: the trials that differ in their seed alone, and what they say together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nnfs_cli.runs.record import FINISHED
from nnfs_cli.statistics import Estimate, estimate
from nnfs_cli.sweeps.row import Row

SEED = "seed"


@dataclass(frozen=True)
class Group:
    """The other keys' values, and an estimate of every figure."""

    values: tuple[str, ...]
    figures: dict[str, Estimate]

    def to_json(self, keys: Sequence[str]) -> dict[str, Any]:
        """The group for programs."""
        figures = {name: each.to_json() for name, each in self.figures.items()}
        return {"values": dict(zip(keys, self.values, strict=True)), "figures": figures}


def over_seeds(keys: Sequence[str], rows: Iterable[Row]) -> tuple[list[str], list[Group]]:
    """The keys beside the seed, and a group of each combination of their values.

    In the order of ``rows``, of which those count that finished; no group where the sweep varies
    no seed.
    """
    others = [key for key in keys if key != SEED]
    if SEED not in keys:
        return others, []
    members: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row.end.status == FINISHED:
            pairs = zip(keys, row.trial.values, strict=True)
            members.setdefault(tuple(v for k, v in pairs if k != SEED), []).append(row)
    return others, [Group(values, _figures(group)) for values, group in members.items()]


def _figures(rows: Sequence[Row]) -> dict[str, Estimate]:
    """Of the monitored value and the test's figures, where they are finite."""
    found: dict[str, list[float]] = {}
    for row in rows:
        own = {row.monitor: row.value} if row.monitor and row.value is not None else {}
        for name, value in (own | {f"test_{name}": v for name, v in row.test.items()}).items():
            if math.isfinite(value):
                found.setdefault(name, []).append(value)
    return {name: estimate(values) for name, values in found.items()}
