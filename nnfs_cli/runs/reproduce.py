"""Reproduction: a run trained again from its own record, and compared bit for bit.

Nothing is written. All that the training wrote is compared as it comes: the losses of steps that
its checkpoint traces, the rows of metrics.csv and layers.csv, arrays and text of both checkpoints,
the figures of run.json. What cannot be compared is named.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from nnfs_cli.data.source import Source
from nnfs_cli.errors import DivergedError
from nnfs_cli.experiment.build import Built
from nnfs_cli.runs.checkpoint import read_text
from nnfs_cli.runs.checkpointing import progress_from
from nnfs_cli.runs.comparison import Comparison
from nnfs_cli.runs.provenance import differences
from nnfs_cli.runs.record import Record
from nnfs_cli.runs.repetition import Repetition, begin_again
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.training.loop import Step


@dataclass(frozen=True)
class Reproduction:
    """How far a run was trained again, where it first differed (empty: nowhere), and why."""

    epochs: int
    steps: int
    difference: str
    facts: list[str]
    """The recorded facts that are not as they were."""
    not_compared: list[str]
    """What of the run no repetition can show to be as it was."""


def reproduce(
    run: Run, runs: RunsFolder, source: Source, progress: Callable[[int, int], None]
) -> Reproduction:
    """Train a run again as far as its last checkpoint. Raises LockedError, DataError, ..."""
    run.lock(to_write=False)
    try:
        again = begin_again(run, runs, source)
        built, record, text = again.built, again.record, again.text
        goal = progress_from(text, run.checkpoint("last"), built.training, history=[])
        facts = _facts(record, text, built)
        if not again.is_of_the_same_data:
            difference = "the start: the data is not what it was"
        else:
            comparison = Comparison(built, run, record, text, goal)
            difference = _first_difference(again, comparison, progress)
        return Reproduction(goal.epoch, goal.step, difference, facts, _not_compared(run, text))
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


def _first_difference(
    again: Repetition, comparison: Comparison, progress: Callable[[int, int], None]
) -> str:
    """Train as far as the goal, or until something differs: what it is, or empty."""
    found = [*comparison.before()]
    if found:
        return found[0]
    try:
        with closing(again.events()) as events:
            for event in events:
                if isinstance(event, Step):
                    progress(event.step, comparison.goal.step)
                    found += comparison.step(event)
                else:
                    found += comparison.epoch(event)
                if found:
                    return found[0]
    except DivergedError as error:
        return error.message
    return next(comparison.after(), "")


def _not_compared(run: Run, text: dict[str, Any]) -> list[str]:
    """What of the run no repetition can show to be as it was."""
    progress = text["progress"]
    left = ["times", "train.log"]
    left += [f"{name}/" for name in ("eval", "plots") if run.folder(name).is_dir()]
    if any(row["epoch"] > progress["epoch"] for row in run.read_metrics()):
        left.append("the rows of metrics.csv and layers.csv behind last.npz")
    if not run.layers.is_file():
        left.append("layers.csv, which is not there")
    best = run.checkpoint("best")
    if best.is_file() and read_text(best)["progress"]["epoch"] > progress["epoch"]:
        left.append("best.npz, which is of a later epoch than last.npz")
    return left
