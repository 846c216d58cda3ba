"""Saving: which checkpoint is written when."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nnfs_cli import __version__
from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import DataError
from nnfs_cli.experiment.build import Built
from nnfs_cli.runs.change import Change
from nnfs_cli.runs.changes import leave_no_trace
from nnfs_cli.runs.checkpoint import load_into, members_of, save, vectors_of
from nnfs_cli.runs.history import HistoryHash
from nnfs_cli.runs.run import Run
from nnfs_cli.training.early_stopping import Watch
from nnfs_cli.training.loop import Progress, Training

MIN_SECONDS = 1.0
"""Checkpoints are written no more often than this, however short the epochs are."""


class Checkpointer:
    """Writes ``last`` and ``best`` of one training.

    ``best`` is copied aside in memory when its epoch ends and written before the next ``last``,
    so the two on disk always fit together. ``facts`` is what run.json says of the training and
    not of when and where it was started: with it run.json can be made again.
    """

    def __init__(
        self, built: Built, run: Run, facts: Mapping[str, Any], changes: Sequence[Change] = ()
    ) -> None:
        self.training, self.monitor, self.run = built.training, built.monitor, run
        self.watch, self._history = Watch(built.monitor), HistoryHash()
        self.settings = built.config.train.checkpoint
        self.vectors = vectors_of(built.network.model, built.network.optimizer)
        self.arrays = members_of(built.network.model, self.vectors)
        self.fixed: dict[str, Any] = {
            "config": built.config.described(),
            "preprocessing": built.network.preprocessing.to_json(),
            "data": {name: facts["data"][name] for name in ("name", "hash", "samples")},
            "nnfs": __version__,
            "run": {name: facts[name] for name in ("environment", "plugins")},
        }
        if not leave_no_trace(changes, built.config):
            self.fixed["resumed_with"] = [change.model_dump() for change in changes]
        self._copies: dict[str, Array] = {}
        self._best: Moment | None = None
        """When the copies were taken, until they are on disk."""
        self._saved_at = time.monotonic()
        self._saved: tuple[int, int] | None = None
        """Step and finished epochs at the last save."""

    def after_step(self) -> None:
        """Save within a long epoch, once enough time has passed."""
        if time.monotonic() - self._saved_at >= self.settings.every_seconds:
            self.save()

    def after_epoch(self) -> None:
        """Keep the epoch if it is the best so far; save if it is due."""
        epoch = self.training.progress.epoch
        if self.best == epoch:
            self.training.check_finite()
            self._copy()
            self._best = self._now()
        due = epoch % self.settings.every_epochs == 0
        if due and time.monotonic() - self._saved_at >= MIN_SECONDS:
            self.save()

    def save(self) -> None:
        """Write what is due now, unless nothing was learnt since. Raises DivergedError."""
        progress = self.training.progress
        if (progress.step, progress.epoch) == self._saved and self._best is None:
            return
        self.training.check_finite()
        self.run.sync_rows()
        self.save_best()
        save(self.run.checkpoint("last"), self.arrays, self._text(self._now()))
        self._saved_at, self._saved = time.monotonic(), (progress.step, progress.epoch)

    def save_best(self) -> None:
        """Write the best epoch if it is not on disk yet."""
        if self._best:
            self.run.sync_rows()
            members = members_of(self.training.model, self._copies)
            save(self.run.checkpoint("best"), members, self._text(self._best))
            self._best = None

    def _copy(self) -> None:
        if not self._copies:
            self._copies = {name: np.empty_like(array) for name, array in self.vectors.items()}
        for name, vector in self.vectors.items():
            self._copies[name][...] = vector

    def restore(self, name: str) -> None:
        """Load the arrays of ``best`` or ``last`` into the model and its optimizer."""
        load_into(self.run.checkpoint(name), self.arrays)

    def restore_best(self) -> None:
        """Put the best epoch's arrays back; from memory where this process trained it."""
        if not self._copies:
            self.restore("best")
        for name, copy in self._copies.items():
            np.copyto(self.vectors[name], copy)

    @property
    def best(self) -> int | None:
        """The number of the best epoch so far."""
        return self.watch.best_epoch(self.training.progress.history)

    def _now(self) -> Moment:
        progress = self.training.snapshot()
        return Moment({**vars(progress)}, len(progress.trace), self.training.optimizer.steps)

    def _text(self, at: Moment) -> dict[str, Any]:
        """The text of a checkpoint; of the history, the hash."""
        past = {
            "history": self._history.of(at.progress["history"], at.progress["epoch"]),
            "trace": at.progress["trace"][: at.traced],
        }
        return self.fixed | {"progress": at.progress | past, "optimizer_steps": at.optimizer_steps}


class Moment(NamedTuple):
    """How far a training was. Its history and trace have grown since, if they are the same."""

    progress: dict[str, Any]
    traced: int
    """Entries that the trace had."""
    optimizer_steps: int


def progress_from(
    text: dict[str, Any], path: Path, training: Training, history: list[dict[str, float]]
) -> Progress:
    """The progress that a checkpoint records, after the epochs of a history.

    Raises DataError if it is not of this training.
    """
    progress = Progress(**text["progress"] | {"history": history})
    fault = _misfit(progress, training)
    if fault:
        raise DataError(f"{path} is not a valid checkpoint: its progress has {fault}")
    return progress


def _misfit(progress: Progress, training: Training) -> str:
    batches = len(training.batches)
    if progress.epoch > training.epochs:
        return f"{progress.epoch} epochs, of {training.epochs}"
    if progress.batch > batches or progress.step != progress.epoch * batches + progress.batch:
        return f"{progress.step} steps in {progress.epoch} epochs of {batches}"
    if progress.batch and not training.can_take_up(progress.metric_sums):
        return "running sums that are not those of its metrics"
    lacking = training.recorded() - {*(progress.history[-1] if progress.history else ())}
    return f"no {min(lacking)} in its history" if lacking and progress.history else ""
