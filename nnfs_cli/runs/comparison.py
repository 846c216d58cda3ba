"""Comparing a training with the record of one: what is not as it was, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nnfs_cli.experiment.build import Built
from nnfs_cli.formatting import cut
from nnfs_cli.nn.optimizer import PENALTY
from nnfs_cli.runs.checkpoint import arrays_of, load_into, read_text
from nnfs_cli.runs.describe import data_facts
from nnfs_cli.runs.history import HistoryHash
from nnfs_cli.runs.layer_rows import HEADER, LayerRows, cells, read_layers
from nnfs_cli.runs.record import FINISHED, Record
from nnfs_cli.runs.run import Run
from nnfs_cli.training.early_stopping import Watch
from nnfs_cli.training.evaluate import evaluate
from nnfs_cli.training.layer_statistics import LayerRow, LayerStatistics
from nnfs_cli.training.loop import Epoch, Progress, Step


class Comparison:
    """A training that is ``built`` anew, compared with its record as far as its ``goal``.

    ``text`` is that of the last checkpoint. Each method yields what is not as it was.
    """

    def __init__(
        self, built: Built, run: Run, record: Record, text: dict[str, Any], goal: Progress
    ) -> None:
        self.built, self.run, self.record, self.text, self.goal = built, run, record, text, goal
        self.rows = {int(row["epoch"]): row for row in run.read_metrics()}
        self.layers, self.statistics = read_layers(run), LayerStatistics(built.training)
        self.traced, self.seen = {int(step): loss for step, loss in goal.trace}, 0
        self.history, self.best = HistoryHash(), run.checkpoint("best")
        self.best_text = read_text(self.best) if self.best.is_file() else None
        self.best_epoch = self.best_text["progress"]["epoch"] if self.best_text else None

    def before(self) -> Iterator[str]:
        """What is known before the first step: the data and what is done to it."""
        for name, each in (("last.npz", self.text), ("best.npz", self.best_text)):
            if each is not None:
                yield from _of_text(name, _fixed(each), _fixed_of(self.built))

    def step(self, step: Step) -> Iterator[str]:
        """What a step led to, where the record has a trace of it."""
        if step.step in self.traced:
            yield from _of_step(step, self.traced[step.step], self.seen)
            self.seen = step.step
        yield from _of_layers(step.epoch, self.statistics.after(step), self.layers)

    def epoch(self, epoch: Epoch) -> Iterator[str]:
        """An epoch's row, and the best checkpoint if it is this epoch's."""
        yield from _of_epoch(epoch, self.rows.get(epoch.epoch))
        if self.best_text and epoch.epoch == self.best_epoch:
            yield from self._of_moving("best.npz", self.best_text)
            yield from _of_arrays(self.built, self.best)

    def after(self) -> Iterator[str]:
        """What the last checkpoint holds, which epoch was best, and how the training ended."""
        yield from self._of_moving("last.npz", self.text)
        yield from _of_arrays(self.built, self.run.checkpoint("last"))
        yield from _of_best(self.built, self.best_epoch)
        if self.record.status == FINISHED:
            yield from _of_end(self.built, self.run, self.record)

    def _of_moving(self, file: str, text: dict[str, Any]) -> Iterator[str]:
        """What a checkpoint says of the progress, in its own format."""
        progress, steps = vars(self.built.training.snapshot()), self.built.training.optimizer.steps
        if isinstance(text["progress"]["history"], dict):
            progress = progress | {"history": self.history.of(progress["history"])}
        recorded = {key: text[key] for key in ("progress", "optimizer_steps")}
        yield from _of_text(file, recorded, {"progress": progress, "optimizer_steps": steps})


def _of_step(step: Step, recorded: float, seen: int) -> Iterator[str]:
    if step.loss != recorded:
        where = f"step {step.step}" + (f" or after step {seen}" if step.step > seen + 1 else "")
        yield f"{where} of epoch {step.epoch}: the loss is {step.loss!r} and was {recorded!r}"


def _of_epoch(epoch: Epoch, row: dict[str, float] | None) -> Iterator[str]:
    if row is None:
        yield f"epoch {epoch.epoch}: metrics.csv has no row for it"
        return
    expected = {"epoch": epoch.epoch, "step": epoch.step, "lr": epoch.lr} | epoch.record
    if PENALTY not in row:  # older versions wrote none
        expected.pop(PENALTY, None)
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
        yield f"{file}: {path} is {cut(repr(found), 60)} and was {cut(repr(recorded), 60)}"


def _fixed(text: dict[str, Any]) -> dict[str, Any]:
    return {key: text[key] for key in ("preprocessing", "data")}


def _fixed_of(built: Built) -> dict[str, Any]:
    return {
        "preprocessing": built.network.preprocessing.to_json(),
        "data": data_facts(built),
    }


def _of_best(built: Built, recorded: int | None) -> Iterator[str]:
    """Whether best.npz is of the epoch that it should be of; it may be later than last.npz."""
    done = built.training.progress
    expected = Watch(built.monitor).best_epoch(done.history)
    if recorded is None and expected is not None:
        yield f"epoch {expected}: it was the best, and there is no best.npz"
    elif recorded is not None and recorded <= done.epoch and recorded != expected:
        yield f"epoch {expected or done.epoch}: best.npz is of epoch {recorded}"


def _of_end(built: Built, run: Run, record: Record) -> Iterator[str]:
    """What run.json says of a finished training: the best epoch, and the test with its weights."""
    done = built.training.progress
    epoch = Watch(built.monitor).best_epoch(done.history)
    best = done.history[epoch - 1] if epoch else None
    named = record.best
    value = (named.epoch, named.monitor, named.value) if named else None
    expected = (epoch, built.monitor, best[built.monitor]) if best else None
    figures = best or (done.history[-1] if done.history else {})
    facts: list[tuple[str, Any, Any]] = [
        ("best", value, expected),
        ("epochs", record.epochs, done.epoch),
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


def _of_arrays(built: Built, path: Path) -> Iterator[str]:
    arrays = arrays_of(built.network.model, built.network.optimizer)
    recorded = {name: np.empty_like(array) for name, array in arrays.items()}
    load_into(path, recorded)
    for name, array in arrays.items():
        if array.tobytes() != recorded[name].tobytes():
            yield f"step {built.training.progress.step}: {name} differs from {path.name}"
