"""What many runs of different configs say of each key: its values as places, and their means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nnfs_cli.formatting import cut
from nnfs_cli.nn.metric import higher_is_better
from nnfs_cli.reports.comparing.groups import Comparison
from nnfs_cli.statistics import can_be_estimated

MAX_VALUES = 10
"""Of a key; of more, numbers are put together in ranges, and others are left out."""
WIDE = 20.0
"""Positive numbers that reach over such a factor are placed by factors."""
MAX_TEXT = 18


@dataclass(frozen=True)
class Trials:
    """Runs by the keys in which they differ: the values of each key, and the metric's."""

    metric: str
    values: dict[str, list[Any]]
    found: list[float]

    @property
    def is_growing(self) -> bool:
        """Whether more is better."""
        return higher_is_better(self.metric)

    @property
    def best(self) -> int:
        """The place of the best run."""
        return (max if self.is_growing else min)(range(len(self.found)), key=self.found.__getitem__)

    def told(self, at: int, keys: Sequence[str]) -> str:
        """``lr=0.1, units=16``: a run's values of some keys."""
        names = short_names([*self.values])
        return ", ".join(f"{names[key]}={value_text(self.values[key][at])}" for key in keys)


def trials_of(comparison: Comparison) -> Trials:
    """Every run whose metric can be estimated, with its values; a key that it has not is null."""
    members = [
        (group, member, value)
        for group in comparison.groups
        for member in group.members
        if can_be_estimated(value := member.figures.get(comparison.metric, math.nan))
    ]
    keys = [key for key in comparison.keys if not key.startswith("(")]
    values = {key: [group.values.get(key) for group, _, _ in members] for key in keys}
    return Trials(
        comparison.metric,
        {key: each for key, each in values.items() if len({*map(value_text, each)}) > 1},
        [value for _, _, value in members],
    )


@dataclass(frozen=True)
class Scale:
    """The values of a key as places from 0 to 1, and names at some of the places."""

    places: list[float]
    ticks: list[tuple[float, str]]


def scale_of(values: Sequence[Any]) -> Scale:
    """Numbers evenly or by factors, others one behind the other."""
    if not all(map(_is_number, values)):
        texts = [value_text(value) for value in values]
        known = sorted({*texts})
        step = 1 / max(len(known) - 1, 1)
        ticks = [(at * step, cut(text, MAX_TEXT)) for at, text in enumerate(known)]
        return Scale([known.index(text) * step for text in texts], ticks)
    low, high = min(values), max(values)
    log = low > 0 and high > WIDE * low
    ends = (math.log(low), math.log(high)) if log else (float(low), float(high))
    wide = (ends[1] - ends[0]) or 1.0
    places = [((math.log(value) if log else value) - ends[0]) / wide for value in values]
    few = sorted({*zip(places, values, strict=True)})
    if len(few) > MAX_VALUES:
        at = [0.0, 0.25, 0.5, 0.75, 1.0]
        between = [ends[0] + wide * place for place in at]
        few = list(zip(at, map(math.exp, between) if log else between, strict=True))
    return Scale(places, [(place, value_text(value)) for place, value in few])


def bins_of(values: Sequence[Any]) -> tuple[list[int], list[str]]:
    """The bin of each value, and the bins' names: a bin each, or ranges of equally many numbers."""
    numeric = all(map(_is_number, values))
    known = sorted({*values}) if numeric else sorted({*map(value_text, values)})
    if not numeric or len(known) <= MAX_VALUES:
        own = list(values) if numeric else [*map(value_text, values)]
        return [known.index(value) for value in own], [value_text(value) for value in known]
    count = MAX_VALUES // 2
    starts = [known[at * len(known) // count] for at in range(count)]
    numbers = [sum(value >= start for start in starts) - 1 for value in values]
    ends = [known[(at + 1) * len(known) // count - 1] for at in range(count)]
    names = [f"{value_text(a)}-{value_text(b)}" for a, b in zip(starts, ends, strict=True)]
    return numbers, names


def spread(trials: Trials, key: str) -> float:
    """How far the means of the metric over a key's values are apart."""
    numbers, names = bins_of(trials.values[key])
    means = [
        math.fsum(own) / len(own)
        for bin_ in range(len(names))
        if (own := [v for v, n in zip(trials.found, numbers, strict=True) if n == bin_])
    ]
    return max(means) - min(means)


def value_text(value: Any) -> str:
    """A value at an axis."""
    if _is_number(value):
        return f"{value:.4g}"
    return "-" if value is None else str(value)


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """For each key its end, as short as tells it from the others: ``lr``, ``0.units``."""
    found = {}
    for key in keys:
        parts = key.split(".")
        tails = [".".join(parts[at:]) for at in reversed(range(len(parts)))]
        own = (tail for tail in tails if sum(f".{k}".endswith(f".{tail}") for k in keys) == 1)
        found[key] = next(own, key)
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
