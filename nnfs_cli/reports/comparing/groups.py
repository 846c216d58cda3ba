"""Runs in groups that differ in their seed or their fold alone, the best group first."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from nnfs_cli.components.component import nearest
from nnfs_cli.data.folds import Fold
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.formatting import some
from nnfs_cli.nn.metric import higher_is_better
from nnfs_cli.runs.config_values import ConfigValues, Values, differing
from nnfs_cli.runs.record import FINISHED, Record
from nnfs_cli.runs.run import Run
from nnfs_cli.statistics import SHARED, Estimate, can_be_estimated, estimate, over_folds

SEED, FOLD = "seed", "data.fold"
REPEATED = (SEED, FOLD)
"""Keys that repeat a training."""
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
    def seed(self) -> int:
        """Its config's."""
        seed = self.values.get(SEED)
        return seed if isinstance(seed, int) else 0

    @cached_property
    def fold(self) -> Fold | None:
        """Which one it kept for validation, if it is one of a cross-validation."""
        text = self.values.get(FOLD)
        with suppress(ValueError):  # no version here can read its config
            return Fold.parsed(text) if isinstance(text, str) else None
        return None

    @property
    def repeat(self) -> str:
        """What tells it from others of its group."""
        return f"fold {self.values[FOLD]}" if self.fold else f"seed {self.seed}"

    @cached_property
    def figures(self) -> dict[str, float]:
        """Its figures, and the value that decided which epoch is best."""
        best = self.record.best
        return ({best.monitor: best.value} if best else {}) | self.record.figures


@dataclass(frozen=True)
class Group:
    """Runs of one config, each with another seed or another fold."""

    number: int
    values: Values
    """The keys in which the groups differ."""
    members: list[Member]
    figures: dict[str, Estimate]

    @property
    def seeds(self) -> list[int]:
        """Those of its runs, each once, in order."""
        return sorted({member.seed for member in self.members})

    @property
    def folds(self) -> list[Fold]:
        """Those of its runs, each once, in order; none where it is no cross-validation."""
        return sorted({member.fold for member in self.members if member.fold is not None})

    @property
    def is_folded(self) -> bool:
        """Whether its values are those of folds; one alone is a validation split like any other."""
        return len(self.folds) > 1

    @property
    def repeats(self) -> str:
        """Over what its values were repeated."""
        return "folds" if self.is_folded else "seeds"

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
            "seeds": [member.seed for member in self.members],
            "folds": [member.values.get(FOLD) for member in self.members],
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

    @property
    def means_the_same(self) -> bool:
        """Whether the metric is the same figure in all groups: losses with other keys are not."""
        return not (self.metric.endswith("loss") and any(k.startswith("loss.") for k in self.keys))

    @property
    def repeats(self) -> dict[str, list[int]]:
        """How many ``seeds`` each group has; and how many ``folds``, where one has any."""
        folds = [len(group.folds) for group in self.groups]
        columns = {"seeds": [len(group.seeds) for group in self.groups]}
        return columns | ({"folds": folds} if any(folds) else {})


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
    if not _on_the_same_data(members):
        notes.append("the runs were not trained and tested on the same samples")
    if any(group.is_folded for group in groups):
        notes.append(SHARED)
    return Comparison(keys, chosen, numbered, notes)


def _keys(members: Sequence[Member], defaults: Container[tuple[str, str]]) -> list[str]:
    """The keys in which the configs differ beside seed and fold, in their order.

    Behind them, in brackets, what else decides a training, where runs of one config differ in it;
    the members are given that as values.
    """
    found = differing([member.values for member in members], defaults)
    keys = [key for key in found if key not in UNIMPORTANT]
    if _on_the_same_data(members):  # wherever its files are
        keys = [key for key in keys if key != "data.path"]
    facts = []
    for name, fact in FACTS.items():
        own = [fact(member) for member in members]
        if len({*own}) == 1:
            continue
        seen: dict[str, set[str]] = {}
        for member, value in zip(members, own, strict=True):
            seen.setdefault(_text(member.values, keys), set()).add(value)
        if any(len(values) > 1 for values in seen.values()):
            facts.append(f"({name})")
            for member, value in zip(members, own, strict=True):
                member.values[f"({name})"] = value
    if len({*map(_folds, members)}) > 1:
        facts.append("(folds)")
        for member in members:
            member.values["(folds)"] = _folds(member) or "none"
    return [key for key in keys if key not in REPEATED] + facts


FACTS: dict[str, Callable[[Member], str]] = {
    "data": lambda member: member.record.data.hash[:8] if member.fold is None else "",
    "plugins": lambda member: " ".join(p[:8] for p in sorted(member.record.plugins.values())),
    "nnfs": lambda member: member.record.environment.get("nnfs", "unknown"),
}
"""What decides a training beside its config."""


def _folds(member: Member) -> int | None:
    """How many folds the samples were divided into."""
    return None if member.fold is None else member.fold.folds


def _on_the_same_data(members: Iterable[Member]) -> bool:
    """Whether all runs were trained and tested on the same samples, in the same folds if any."""
    hashes: dict[Fold | None, set[str]] = {}
    for member in members:
        hashes.setdefault(member.fold, set()).add(member.record.data.hash)
    divisions = {fold and fold.folds for fold in hashes}
    return len(divisions) == 1 and all(len(each) == 1 for each in hashes.values())


def _text(values: Values, keys: Sequence[str]) -> str:
    return repr([(key, values[key]) for key in keys if key in values])


def _grouped(
    members: Sequence[Member], keys: Sequence[str], notes: list[str]
) -> list[tuple[Values, list[Member]]]:
    """The members of each group, the newest of those with one seed and fold."""
    found: dict[str, dict[Any, Member]] = {}
    again = 0
    for member in members:
        repeats = found.setdefault(_text(member.values, keys), {})
        again += (member.seed, member.fold) in repeats
        repeats[member.seed, member.fold] = member
    if again:
        was = "run is the same training as a later one" if again == 1 else (
            "runs are the same trainings as later ones"
        )  # fmt: skip
        notes.append(f"{again} {was}, and not counted")
    groups = [[*repeats.values()] for repeats in found.values()]
    return [({k: own[0].values[k] for k in keys if k in own[0].values}, own) for own in groups]


def _group(values: Values, members: list[Member]) -> Group:
    names = dict.fromkeys(name for member in members for name in member.figures)
    known = {name: by_fold(members, name) for name in names}
    folds, count = _folds(members[0]), len({member.fold for member in members})
    figures = {
        name: over_folds(each, folds) if folds and count > 1 else estimate([*chain(*each.values())])
        for name, each in known.items()
        if each
    }
    return Group(0, values, members, figures)


def by_fold(members: Iterable[Member], name: str) -> dict[Fold | None, list[float]]:
    """The values of a figure, those of each fold together; under None where there are no folds."""
    found: dict[Fold | None, list[float]] = {}
    for member in members:
        value = member.figures.get(name, math.nan)
        if can_be_estimated(value):
            found.setdefault(member.fold, []).append(value)
    return found


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
