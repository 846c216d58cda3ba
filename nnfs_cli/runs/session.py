"""Session: a training in this process, to its end, an interruption, or a divergence."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from typing import Any

from nnfs_cli.errors import DivergedError, InterruptedRun, MachineError, NnfsError
from nnfs_cli.experiment.build import Built
from nnfs_cli.formatting import figures_text
from nnfs_cli.nn.metric import higher_is_better
from nnfs_cli.nn.optimizer import PENALTY
from nnfs_cli.runs.checkpointing import Checkpointer
from nnfs_cli.runs.events import Event, Finished, Notice, Prune, Started
from nnfs_cli.runs.layer_rows import append_layers
from nnfs_cli.runs.logger import Loggers
from nnfs_cli.runs.pace import Pace
from nnfs_cli.runs.record import (
    DIVERGED,
    EARLY_STOPPING,
    FINISHED,
    INTERRUPTED,
    MAX_TIME,
    PRUNED,
    Record,
)
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.signals import Signals
from nnfs_cli.training.dead_weights import DeadWeights
from nnfs_cli.training.early_stopping import Watch, choose_monitor
from nnfs_cli.training.evaluate import evaluate
from nnfs_cli.training.layer_statistics import LayerStatistics
from nnfs_cli.training.loop import Epoch, Step


class Session:
    """Iterates over a training, saving on the way; its end is always recorded."""

    def __init__(
        self, built: Built, run: Run, saver: Checkpointer, log: Sequence[str] = ()
    ) -> None:
        """``log`` names other programs that are told of it, see ``logger.py``."""
        self.built, self.run, self.saver = built, run, saver
        self.loggers = Loggers(log, run, built.config.described() if log else {})
        record = run.read()
        self.patience_begins = record.patience_begins
        self.facts = record.to_json()
        """run.json, which other programs may delete during a training: make does so."""
        rows = run.read_metrics()
        seconds = rows[-1].get("time_s", 0.0) if rows else 0.0
        self.seconds_before = seconds if math.isfinite(seconds) else 0.0
        self.has_penalties = not rows or PENALTY in rows[-1]
        """Whether metrics.csv has that column, or may have: older versions wrote none."""
        self.started = time.monotonic()
        self.loss = 0.0
        """Of the last step."""
        self.patience = self._patience()
        self.max_time = built.config.train.max_time
        self.stopped: str | None = None
        """What ended it before its last epoch."""
        training = built.training
        self.dead_weights = DeadWeights(training.model, training.batches.batch_size)
        self.layers = LayerStatistics(training)
        self.pace = Pace(training.epochs, training.progress.epoch, built.config.train.report_every)
        self.untold: Epoch | None = None
        """The last epoch, if train.log has no line of it."""

    def train(self) -> Iterator[Event]:
        """Train; yield what happens."""
        with Signals(self.built.training.team.hurry) as signals:
            self._log(f"training from epoch {self.built.training.progress.epoch + 1}")
            try:
                yield Started(self.run, self.built)
                try:
                    yield from self._learn(signals)
                except Prune:
                    self.saver.save()
                    raise
                self.saver.save()
                finished = self._finish()
            except BaseException as error:
                told = self._ended_by(error)
                if told is error:
                    raise
                raise told from error
            for note in self.loggers.end(FINISHED, finished.record.test):
                self._log(note)
                yield Notice(note)
            yield finished

    def _ended_by(self, error: BaseException) -> BaseException:
        """Put on record what ended the training; returns what is to be raised for it."""
        self._log(str(error) or "interrupted")
        with suppress(NnfsError):  # what ended it is told
            self.run.sync_rows()
        if isinstance(error, DivergedError):
            self.saver.save_best()
            record = self._record(status=DIVERGED, stopped=DIVERGED)
            if self.built.training.progress.step:  # before the first step no rate is at fault
                on = (
                    f"`nnfs resume {self.run.path} --lr LOWER` goes on from the last finite weights"
                )
                error = DivergedError(error.message, f"{error.hint}; {on}")
        else:
            stopped = PRUNED if isinstance(error, Prune) else INTERRUPTED
            record = self._record(status=INTERRUPTED, stopped=stopped)
        for note in self.loggers.end(record.stopped or record.status):
            self._log(note)
        if isinstance(error, KeyboardInterrupt):
            last = "interrupted at once; the last checkpoint is intact"
            error = InterruptedRun(signal.SIGINT, last, f"go on with `nnfs resume {self.run.path}`")
        if isinstance(error, MemoryError):
            error = MachineError("out of memory", "lower train.batch_size or the layers' sizes")
        if isinstance(error, NnfsError):
            error.facts = self.run.outcome(record)
        return error

    def _learn(self, signals: Signals) -> Iterator[Event]:
        """Steps and epochs, until the last one or a reason to stop; none if there was one before.

        A run may have been interrupted in the very step that ended it.
        """
        reason = self._stopped_early()
        if reason:
            yield self._noticed(reason)
            return
        with closing(iter(self.built.training)) as events:  # a destructor would swallow a Ctrl-C
            for event in events:
                if isinstance(event, Step):
                    self._keep_step(event)
                    yield event
                else:
                    self._keep_epoch(event)
                    yield event
                    for remark in self._remarks(event):
                        yield self._noticed(remark)
                    reason = self._stopped_early()
                if signals.caught is not None:
                    raise self._interrupted(signals.caught)
                if self.max_time is not None:
                    reason = self._out_of_time(self.max_time) or reason
                if reason:
                    yield self._noticed(reason)
                    return

    def _remarks(self, epoch: Epoch) -> list[str]:
        """What is to be said after an epoch."""
        dead = self.dead_weights.look(self.loss)
        return [*([dead] if dead else ()), *self.loggers.epoch(epoch)]

    def _keep_step(self, step: Step) -> None:
        self.loss = step.loss
        rows = self.layers.after(step)
        if rows:
            append_layers(self.run.table("layers"), step.epoch, step.step, rows)
        self.run.write_due_rows()
        self.saver.after_step()

    def _keep_epoch(self, epoch: Epoch) -> None:
        milliseconds = round(1000 * self._seconds())
        row = {
            "epoch": epoch.epoch,
            "step": epoch.step,
            "time_s": milliseconds / 1000,
            "lr": epoch.lr,
            **epoch.record,
        }
        if not self.has_penalties:
            row.pop(PENALTY, None)
        self.run.append_metrics(row)
        self.saver.after_epoch()
        self.untold = epoch
        if self.pace.is_due(epoch.epoch):
            self._tell()

    def _finish(self) -> Finished:
        """Evaluate the best checkpoint on the test split and close the record."""
        test = None
        if self.built.data.test is not None:
            if self.saver.best is not None and self.run.has_checkpoint("best"):
                self.saver.restore_best()
            network, threads = self.built.network, self.built.training.team.size
            batches = network.batches(self.built.data.test)
            metrics = network.metrics_for(self.built.data.test.targets)
            result = evaluate(network.model, network.loss, metrics, batches, threads)
            test = result.figures()
            self._log(f"test  {figures_text(test)}")
        record = self._record(status=FINISHED, stopped=self.stopped, test=test)
        return Finished(self.run, record, self.built)

    def _record(self, **changes: Any) -> Record:
        progress, saver, best = self.built.training.progress, self.saver, None
        if saver.best is not None:
            value = progress.history[saver.best - 1][saver.monitor]
            best = {"epoch": saver.best, "monitor": saver.monitor, "value": value}
            best["higher_is_better"] = higher_is_better(saver.monitor)
        self.facts |= dict(
            epochs=progress.epoch,
            steps=progress.step,
            seconds=round(self._seconds(), 3),
            best=best,
            metrics=progress.history[(saver.best or 0) - 1] if progress.history else {},
            **changes,
        )
        return self.run.write(self.facts)

    def _interrupted(self, signum: int) -> InterruptedRun:
        self.saver.save()
        return InterruptedRun(
            signum,
            f"interrupted; everything is saved in {self.run.path}",
            f"go on with `nnfs resume {self.run.path}`",
        )

    def _out_of_time(self, max_time: float) -> str:
        training = self.built.training
        late = time.monotonic() - self.started >= max_time
        if not late or training.progress.epoch >= training.epochs:
            return ""
        self.stopped = MAX_TIME
        return f"stopped after {max_time:g} seconds, as train.max_time says"

    def _stopped_early(self) -> str:
        if self.patience is None:
            return ""
        training, stopping = self.built.training, self.built.config.train.early_stopping
        if stopping is None or training.progress.epoch >= training.epochs:
            return ""
        waited = self.patience.epochs_without_improvement(training.progress.history)
        waited = min(waited, training.progress.epoch - self.patience_begins)
        if waited < stopping.patience:
            return ""
        monitor = self.patience.monitor
        self.stopped = EARLY_STOPPING
        return f"stopped early: {monitor} has not improved for {stopping.patience} epochs"

    def _patience(self) -> Watch | None:
        stopping = self.built.config.train.early_stopping
        if stopping is None:
            return None
        validated = self.built.training.validation is not None
        monitor = choose_monitor(stopping.monitor, self.built.network.metrics, validated)
        return Watch(monitor, stopping.min_delta)

    def _noticed(self, text: str) -> Notice:
        self._log(text)
        return Notice(text)

    def _tell(self) -> None:
        """Add the line of the last epoch to train.log, unless it has one."""
        epoch, self.untold = self.untold, None
        if epoch is not None:
            self._log(epoch.text)

    def _log(self, text: str) -> None:
        """Add a line to train.log, behind that of the last epoch."""
        self._tell()
        self.run.append_log(f"{datetime.now():%Y-%m-%d %H:%M:%S}  {text}")

    def _seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.started
