"""What ``nnfs resume`` changes of a training, each change with the step behind which it holds.

A run's config is that of its last step. Its changes say what stood there before, so that the
config with which it was begun can be had again, and the whole training repeated.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nnfs_cli.config.config import Config, validate
from nnfs_cli.config.overrides import apply_overrides
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.errors import ConfigError, DataError
from nnfs_cli.nn.schedule import Factors, LaterSchedule
from nnfs_cli.runs.change import Change, Key
from nnfs_cli.training.loop import Training


def changed(config: Config, overrides: Sequence[str]) -> Config:
    """The config with these ``key=value`` in it. Raises ConfigError."""
    return validate(apply_overrides(Document(copy.deepcopy(config.described())), overrides))


def changes_between(
    before: Config, after: Config, anew: Sequence[str], place: Mapping[str, int]
) -> list[Change]:
    """What differs at this ``place``, the progress of a checkpoint.

    Keys ``anew`` count even if they say what they said: a run that had ended is told to go on.
    """
    old, new = before.described(), after.described()
    stopping: Key = "train.early_stopping.patience"
    keys: tuple[Key, ...] = ("train.epochs", "optimizer.lr", "schedule", stopping)
    if before.train.early_stopping is None:
        keys = (*keys[:-1], "train.early_stopping")
    return [
        Change(key=key, before=was, value=value, epoch=place["epoch"], step=place["step"])
        for key, was, value in ((key, _at(old, key), _at(new, key)) for key in keys)
        if was != value or key in anew
    ]


def undone(config: Config, changes: Sequence[Change]) -> Config:
    """The config as it was before these changes. Raises DataError if they are not of this one."""
    return _with(config, [(change.key, change.before) for change in reversed(changes)])


def redone(config: Config, changes: Sequence[Change]) -> Config:
    """The config with these changes. Raises DataError if they are not of this one."""
    return _with(config, [(change.key, change.value) for change in changes])


class Stage(NamedTuple):
    """A part of a training in which nothing is changed; None ends with the training."""

    config: Config
    changes: Sequence[Change]
    """Those made so far."""
    end: tuple[int, int] | None


def stages(config: Config, changes: Sequence[Change]) -> list[Stage]:
    """The parts of a training whose config is this one in the end."""
    places = sorted({change.place for change in changes})
    found = []
    for begin, end in zip([None, *places], [*places, None], strict=True):
        made = sum(begin is not None and change.place <= begin for change in changes)
        found.append(Stage(undone(config, changes[made:]), changes[:made], end))
    return found


def go_on(training: Training, stage: Stage) -> None:
    """Let a training go on with another config; a new schedule begins where it was asked for."""
    training.epochs = stage.config.train.epochs
    training.optimizer.lr = stage.config.optimizer.lr
    training.schedule = schedule_of(stage)


def schedule_of(stage: Stage) -> Factors:
    """The schedule of a stage, which counts from where it was asked for."""
    schedule = copy.deepcopy(stage.config.schedule)
    begun = [change for change in stage.changes if change.key == "schedule"]
    return LaterSchedule(schedule, begun[-1].step, begun[-1].epoch) if begun else schedule


def leave_no_trace(changes: Sequence[Change], config: Config) -> bool:
    """Whether the training is the one that its config describes, as if planned from the start."""
    follows_nothing = config.train.early_stopping is None and not config.schedule.plans_ahead
    return follows_nothing and all(change.key == "train.epochs" for change in changes)


def no_config_describes(changes: Sequence[Change]) -> bool:
    """Whether more than the number of epochs was changed: no config trains such a run."""
    return any(change.key != "train.epochs" for change in changes)


def _at(tree: Any, key: str) -> Any:
    for name in filter(None, key.split(".")):
        tree = tree[name]
    return tree


def _with(config: Config, values: Sequence[tuple[str, Any]]) -> Config:
    tree = copy.deepcopy(config.described())
    try:
        for key, value in values:
            *path, last = key.split(".")
            _at(tree, ".".join(path))[last] = copy.deepcopy(value)
        return validate(Document(tree))
    except (TypeError, ConfigError) as error:
        raise DataError(f"the changes on record are not of this run's config: {error}") from None
