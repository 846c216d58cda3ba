"""Reproduction: a run trained again from its own record, and compared bit for bit.

Nothing is written. All that the training wrote is compared as it comes: the losses of steps that
its checkpoint traces, the rows of metrics.csv and layers.csv, arrays and text of both checkpoints,
the figures of run.json. What cannot be compared is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nnfs_cli.data.source import Source
from nnfs_cli.errors import DivergedError
from nnfs_cli.experiment.build import Built
from nnfs_cli.runs.checkpoint import arrays_of, load_into, read_text
from nnfs_cli.runs.checkpointing import progress_from
from nnfs_cli.runs.describe import data_facts
from nnfs_cli.runs.layer_rows import HEADER, LayerRows, cells, read_layers
from nnfs_cli.runs.provenance import differences
from nnfs_cli.runs.record import FINISHED, Record
from nnfs_cli.runs.repetition import Repetition, begin_again
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.training.early_stopping import Watch
from nnfs_cli.training.evaluate import evaluate
from nnfs_cli.training.layer_statistics import LayerRow, LayerStatistics
from nnfs_cli.training.loop import Epoch, Progress, Step


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
        goal = progress_from(text, run.checkpoint("last"), built.training)
        facts = _facts(record, text, built)
        if not again.is_of_the_same_data:
            difference = "the start: the data is not what it was"
        else:
            difference = next(_differences(again, run, goal, progress), "")
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


def _differences(
    again: Repetition, run: Run, goal: Progress, progress: Callable[[int, int], None]
) -> Iterator[str]:
    """Train as far as ``goal``; yield what is not as it was, the first as soon as it is seen."""
    built, record, text = again.built, again.record, again.text
    training, rows = built.training, {int(row["epoch"]): row for row in run.read_metrics()}
    layers, statistics = read_layers(run), LayerStatistics(training)
    traced, seen = {int(step): loss for step, loss in goal.trace}, 0
    best = run.checkpoint("best")
    best_text = read_text(best) if best.is_file() else None
    best_epoch = best_text["progress"]["epoch"] if best_text else None
    for name, each in (("last.npz", text), ("best.npz", best_text)):
        if each is not None:
            yield from _of_text(name, _fixed(each), _fixed_of(built))
    try:
        with closing(again.events()) as events:
            for event in events:
                if isinstance(event, Step):
                    progress(event.step, goal.step)
                    if event.step in traced:
                        yield from _of_step(event, traced[event.step], seen)
                        seen = event.step
                    yield from _of_layers(event.epoch, statistics.after(event), layers)
                else:
                    yield from _of_epoch(event, rows.get(event.epoch))
                    if best_text and event.epoch == best_epoch:
                        yield from _of_text("best.npz", _moving(best_text), _moving_of(built))
                        yield from _of_arrays(built, best)
        yield from _of_text("last.npz", _moving(text), _moving_of(built))
        yield from _of_arrays(built, run.checkpoint("last"))
    except DivergedError as error:
        yield error.message
    yield from _of_best(built, goal, best_epoch)
    if record.status == FINISHED:
        yield from _of_end(built, run, record, goal)


def _of_step(step: Step, recorded: float, seen: int) -> Iterator[str]:
    if step.loss != recorded:
        where = f"step {step.step}" + (f" or after step {seen}" if step.step > seen + 1 else "")
        yield f"{where} of epoch {step.epoch}: the loss is {step.loss!r} and was {recorded!r}"


def _of_epoch(epoch: Epoch, row: dict[str, float] | None) -> Iterator[str]:
    if row is None:
        yield f"epoch {epoch.epoch}: metrics.csv has no row for it"
        return
    expected = {"epoch": epoch.epoch, "step": epoch.step, "lr": epoch.lr} | epoch.record
    for name in sorted({*expected, *row} - {"time_s"}):
        if name not in row or name not in expected:
            yield f"epoch {epoch.epoch}: metrics.csv has {'no' if name in expected else 'a'} {name}"
        elif not np.array_equal(row[name], expected[name], equal_nan=True):
            yield f"epoch {epoch.epoch}: {name} is {expected[name]!r} and was {row[name]!r}"


def _of_layers(epoch: int, found: list[LayerRow], recorded: LayerRows) -> Iterator[str]:
    """Where layers.csv has another row; it begins where an older version's run was resumed."""
    if not found or epoch < min(recorded, default=epoch + 1):
        return
    rows = {row.name: row for row in recorded.get(epoch, ())}
    for row in found:
        if row.name not in rows:
            yield f"epoch {epoch}: layers.csv has no row for {row.name}"
            continue
        for column, new, old in zip(HEADER[2:], cells(row), cells(rows[row.name]), strict=True):
            if new != old:
                what = f"epoch {epoch}: {column} of {row.name} in layers.csv"
                yield f"{what} is {new or 'empty'} and was {old or 'empty'}"


def _of_text(file: str, recorded: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where the JSON of a checkpoint is another; what older versions did not write is no matter."""
    if isinstance(recorded, dict) and isinstance(found, dict):
        for key in sorted(recorded):
            yield from _of_text(file, recorded[key], found.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(recorded, list) and isinstance(found, list | tuple):
        if len(recorded) != len(found):
            yield f"{file}: {path} has {len(found)} entries and had {len(recorded)}"
        for index, pair in enumerate(zip(recorded, found, strict=False)):
            yield from _of_text(file, *pair, f"{path}.{index}")
    elif recorded != found and not (recorded != recorded and found != found):  # NaN
        yield f"{file}: {path} is {_short(found)} and was {_short(recorded)}"


def _fixed(text: dict[str, Any]) -> dict[str, Any]:
    return {key: text[key] for key in ("preprocessing", "data")}


def _fixed_of(built: Built) -> dict[str, Any]:
    return {
        "preprocessing": built.network.preprocessing.to_json(),
        "data": data_facts(built),
    }


def _moving(text: dict[str, Any]) -> dict[str, Any]:
    return {key: text[key] for key in ("progress", "optimizer_steps")}


def _moving_of(built: Built) -> dict[str, Any]:
    steps = built.training.optimizer.steps
    return {"progress": vars(built.training.snapshot()), "optimizer_steps": steps}


def _of_best(built: Built, goal: Progress, recorded: int | None) -> Iterator[str]:
    """Whether best.npz is of the epoch that it should be of; it may be later than last.npz."""
    expected = Watch(built.monitor).best_epoch(goal.history)
    if recorded is None and expected is not None:
        yield f"epoch {expected}: it was the best, and there is no best.npz"
    elif recorded is not None and recorded <= goal.epoch and recorded != expected:
        yield f"epoch {expected or goal.epoch}: best.npz is of epoch {recorded}"


def _of_end(built: Built, run: Run, record: Record, goal: Progress) -> Iterator[str]:
    """What run.json says of a finished training: the best epoch, and the test with its weights."""
    epoch = Watch(built.monitor).best_epoch(goal.history)
    best = goal.history[epoch - 1] if epoch else None
    named = record.best
    value = (named.epoch, named.monitor, named.value) if named else None
    expected = (epoch, built.monitor, best[built.monitor]) if best else None
    figures = best or (goal.history[-1] if goal.history else {})
    facts: list[tuple[str, Any, Any]] = [
        ("best", value, expected),
        ("epochs", record.epochs, goal.epoch),
    ]
    facts += [(f"metrics.{name}", record.metrics.get(name), figures[name]) for name in figures]
    test = built.data.test
    if test is not None:
        load_into(
            run.chosen_checkpoint(None), arrays_of(built.network.model, built.network.optimizer)
        )
        network, threads = built.network, built.training.team.size
        batches = network.batches(test)
        result = evaluate(network.model, network.loss, network.metrics, batches, threads).figures()
        was = record.test or {}
        facts += [(f"test.{name}", was.get(name), result[name]) for name in result]
    for name, old, new in facts:
        if old != new and not (old != old and new != new):  # NaN is not itself
            yield f"the end: {name} is {new!r} and run.json says {old!r}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _of_arrays(built: Built, path: Path) -> Iterator[str]:
    arrays = arrays_of(built.network.model, built.network.optimizer)
    recorded = {name: np.empty_like(array) for name, array in arrays.items()}
    load_into(path, recorded)
    for name, array in arrays.items():
        if array.tobytes() != recorded[name].tobytes():
            yield f"step {built.training.progress.step}: {name} differs from {path.name}"


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
