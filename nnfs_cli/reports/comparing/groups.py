"""Runs in groups that differ in their seed alone, the best group first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nnfs_cli.components.component import nearest
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.formatting import some
from nnfs_cli.nn.metric import higher_is_better
from nnfs_cli.runs.config_values import ConfigValues, Values, differing
from nnfs_cli.runs.record import FINISHED, Record
from nnfs_cli.runs.run import Run
from nnfs_cli.statistics import Estimate, can_be_estimated, estimate

SEED = "seed"
UNIMPORTANT = {"name", "train.workers", "train.report_every"}
"""Keys that tell nothing of what is learnt."""


@dataclass(frozen=True)
class Member:
    """A run that is compared."""

    run: Run
    record: Record
    values: Values
    """Its config by key, and what else decides a training."""

    @property
    def figures(self) -> dict[str, float]:
        """Its figures, and the value that decided which epoch is best."""
        best = self.record.best
        return ({best.monitor: best.value} if best else {}) | self.record.figures


@dataclass(frozen=True)
class Group:
    """Runs of one config, each with another seed."""

    number: int
    values: Values
    """The keys in which the groups differ."""
    members: list[Member]
    figures: dict[str, Estimate]

    def value_text(self, key: str) -> str:
        """A key's value as JSON has it, texts as they are: ``-`` where it has no such key."""
        value = self.values.get(key, "-")
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def to_json(self) -> dict[str, Any]:
        """The group for programs."""
        return {
            "number": self.number,
            "values": self.values,
            "runs": [str(member.run.path) for member in self.members],
            "seeds": [member.values.get(SEED) for member in self.members],
            "figures": {name: each.to_json() for name, each in self.figures.items()},
        }


@dataclass(frozen=True)
class Comparison:
    """Groups, the best first by their mean of ``metric``."""

    keys: list[str]
    metric: str
    groups: list[Group]
    notes: list[str]

    @property
    def figures(self) -> list[str]:
        """The names of all figures, the metric first."""
        names = dict.fromkeys(name for group in self.groups for name in group.figures)
        return [self.metric, *(name for name in names if name != self.metric)]


def compared(runs: Iterable[Run], metric: str | None) -> Comparison:
    """Compare the runs that have finished. Raises DataError, UsageError."""
    reader, members, left_out = ConfigValues(), list[Member](), list[str]()
    for run in runs:
        record = run.read()
        if record.status == FINISHED:
            members.append(Member(run, record, reader.of(run)))
        else:
            left_out.append(f"{run.id} ({run.status(record)})")
    notes = [f"{len(left_out)} not finished, so left out: {some(left_out)}"] if left_out else []
    if not members:
        hint = f"there is {some(left_out)}"
        raise DataError("none of these runs has finished", hint if left_out else "")
    members.sort(key=lambda member: member.record.number)
    keys = _keys(members, reader.defaults)
    chosen = _metric(members, metric)
    found = _grouped(members, keys, notes)
    groups = [_group(values, each) for values, each in found]
    sign = -1 if higher_is_better(chosen) else 1
    known = [group for group in groups if chosen in group.figures]
    known.sort(key=lambda group: sign * group.figures[chosen].mean)
    ranked = known + [group for group in groups if chosen not in group.figures]
    numbered = [
        Group(number, group.values, group.members, group.figures)
        for number, group in enumerate(ranked, 1)
    ]
    if len({member.record.data.hash for member in members}) > 1:
        notes.append("the runs were not trained and tested on the same samples")
    if chosen.endswith("loss") and any(key.startswith("loss.") for key in keys):
        notes.append(f"their losses are not the same, so {chosen} does not compare them: --metric")
    return Comparison(keys, chosen, numbered, notes)


def _keys(members: Sequence[Member], defaults: Container[tuple[str, str]]) -> list[str]:
    """The keys in which the configs differ beside the seed, in their order.

    Behind them, in brackets, what else decides a training, where runs of one config differ in it;
    the members are given that as values.
    """
    found = differing([member.values for member in members], defaults)
    keys = [key for key in found if key not in UNIMPORTANT]
    if len({member.record.data.hash for member in members}) == 1:  # wherever its files are
        keys = [key for key in keys if key != "data.path"]
    facts = []
    for name, fact in FACTS.items():
        own = [fact(member.record) for member in members]
        if len({*own}) == 1:
            continue
        seen: dict[str, set[str]] = {}
        for member, value in zip(members, own, strict=True):
            seen.setdefault(_text(member.values, keys), set()).add(value)
        if any(len(values) > 1 for values in seen.values()):
            facts.append(f"({name})")
            for member, value in zip(members, own, strict=True):
                member.values[f"({name})"] = value
    return [key for key in keys if key != SEED] + facts


FACTS: dict[str, Callable[[Record], str]] = {
    "data": lambda record: record.data.hash[:8],
    "plugins": lambda record: " ".join(each[:8] for each in sorted(record.plugins.values())),
    "nnfs": lambda record: record.environment.get("nnfs", "unknown"),
}
"""What decides a training beside its config."""


def _text(values: Values, keys: Sequence[str]) -> str:
    return repr([(key, values[key]) for key in keys if key in values])


def _grouped(
    members: Sequence[Member], keys: Sequence[str], notes: list[str]
) -> list[tuple[Values, list[Member]]]:
    """The members of each group, the newest of those with one seed."""
    found: dict[str, dict[Any, Member]] = {}
    again = 0
    for member in members:
        seeds = found.setdefault(_text(member.values, keys), {})
        again += member.values.get(SEED) in seeds
        seeds[member.values.get(SEED)] = member
    if again:
        was = "run is the same training as a later one" if again == 1 else (
            "runs are the same trainings as later ones"
        )  # fmt: skip
        notes.append(f"{again} {was}, and not counted")
    groups = [[*seeds.values()] for seeds in found.values()]
    return [({k: own[0].values[k] for k in keys if k in own[0].values}, own) for own in groups]


def _group(values: Values, members: list[Member]) -> Group:
    known: dict[str, list[float]] = {}
    for member in members:
        for name, value in member.figures.items():
            if can_be_estimated(value):
                known.setdefault(name, []).append(value)
    return Group(0, values, members, {name: estimate(each) for name, each in known.items()})


def _metric(members: Sequence[Member], asked: str | None) -> str:
    """The metric that is asked for, or else that which most runs watched. Raises UsageError."""
    known = list(dict.fromkeys(name for member in members for name in member.figures))
    if asked is not None:
        if asked not in known:
            raise UsageError(f"--metric names {asked!r}, which no run has", nearest(asked, known))
        return asked
    watched = Counter(member.record.best.monitor for member in members if member.record.best)
    if watched:
        return watched.most_common(1)[0][0]
    if not known:
        raise DataError("these runs have no figures", "train them for an epoch or more")
    return known[0]
