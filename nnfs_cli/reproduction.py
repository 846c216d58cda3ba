"""Reproduction: a run trained again from its own record, and compared bit for bit.

Nothing is written. The losses of steps that its checkpoint traces, the rows of metrics.csv and all
arrays of its checkpoints are compared as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nnfs_cli.building import Built, build
from nnfs_cli.checkpoint import arrays_of, load_into, read_text
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DivergedError
from nnfs_cli.experiment import recorded_config
from nnfs_cli.facts import differences
from nnfs_cli.initial_weights import initialize_from
from nnfs_cli.record import Record
from nnfs_cli.run import Run
from nnfs_cli.runs_folder import RunsFolder
from nnfs_cli.saving import progress_from
from nnfs_cli.training import Epoch, Progress, Step


@dataclass(frozen=True)
class Reproduction:
    """How far a run was trained again, where it first differed (empty: nowhere), and why."""

    epochs: int
    steps: int
    difference: str
    facts: list[str]
    """The recorded facts that are not as they were."""


def reproduce(
    run: Run, runs: RunsFolder, source: Source, progress: Callable[[int, int], None]
) -> Reproduction:
    """Train a run again as far as its last checkpoint. Raises LockedError, DataError, ..."""
    run.lock()
    try:
        last = run.chosen_checkpoint("last")
        record, text = run.read(), read_text(last)
        config = recorded_config(run, record, text)
        built = build(config, replace(source, classes=text["preprocessing"]["labels"]))
        if config.init_from is not None:
            origin = runs.find(config.init_from).chosen_checkpoint(None)
            initialize_from(origin, built.network.model)
        goal, facts = progress_from(text, last, built.training), _facts(record, text, built)
        if built.data.hash != text["data"]["hash"]:
            difference = "the start: the data is not what it was"
        else:
            difference = next(_differences(built, run, goal, progress), "")
        return Reproduction(goal.epoch, goal.step, difference, facts)
    finally:
        run.unlock()


def _facts(record: Record, text: dict[str, Any], built: Built) -> list[str]:
    facts = differences(record.environment)
    pairs = [("data hash", text["data"]["hash"], built.data.hash)]
    facts += [f"{name} was {old[:12]} and is {new[:12]}" for name, old, new in pairs if old != new]
    if record.planned_epochs and built.config.schedule.plans_ahead:
        facts.append(
            f"the schedule was planned anew when {record.planned_epochs} epochs were asked for"
        )
    return facts


def _differences(
    built: Built, run: Run, goal: Progress, progress: Callable[[int, int], None]
) -> Iterator[str]:
    """Train as far as ``goal``; yield what is not as it was, the first as soon as it is seen."""
    training, rows = built.training, {row["epoch"]: row for row in run.read_metrics()}
    traced, seen = {int(step): loss for step, loss in goal.trace}, 0
    best = run.checkpoint("best")
    best_epoch = read_text(best)["progress"]["epoch"] if best.is_file() else None
    try:
        with closing(iter(training)) as events:  # type: ignore[type-var]
            while _place(training.progress) != _place(goal):
                event = next(events)
                if isinstance(event, Step):
                    progress(event.step, goal.step)
                    if event.step in traced:
                        yield from _of_step(event, traced[event.step], seen)
                        seen = event.step
                else:
                    yield from _of_epoch(event, rows.get(event.epoch, {}))
                    if event.epoch == best_epoch:
                        yield from _of_arrays(built, best)
        yield from _of_arrays(built, run.checkpoint("last"))
    except DivergedError as error:
        yield error.message


def _place(progress: Progress) -> tuple[int, int, int]:
    return progress.epoch, progress.step, progress.batch


def _of_step(step: Step, recorded: float, seen: int) -> Iterator[str]:
    if step.loss != recorded:
        where = f"step {step.step}" + (f" or after step {seen}" if step.step > seen + 1 else "")
        yield f"{where} of epoch {step.epoch}: the loss is {step.loss!r} and was {recorded!r}"


def _of_epoch(epoch: Epoch, row: dict[str, float]) -> Iterator[str]:
    for name, value in epoch.record.items():
        if name in row and not np.array_equal(row[name], value, equal_nan=True):
            yield f"epoch {epoch.epoch}: {name} is {value!r} and was {row[name]!r}"


def _of_arrays(built: Built, path: Path) -> Iterator[str]:
    arrays = arrays_of(built.network.model, built.network.optimizer)
    recorded = {name: np.empty_like(array) for name, array in arrays.items()}
    load_into(path, recorded)
    for name, array in arrays.items():
        if array.tobytes() != recorded[name].tobytes():
            yield f"step {built.training.progress.step}: {name} differs from {path.name}"
