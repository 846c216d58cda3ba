"""A training as it happens: a table of epochs, and on a terminal a bar beneath it."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from nnfs_cli.cli.epoch_table import EpochTable, figure_of
from nnfs_cli.cli.terminal import BOLD, GREEN, columns, paint, write_drawn
from nnfs_cli.nn.optimizer import PENALTY
from nnfs_cli.runs.events import Event, Finished, Notice, Skipped, Started
from nnfs_cli.runs.pace import Pace
from nnfs_cli.training.early_stopping import Watch
from nnfs_cli.training.loop import Epoch, Step, Training

if TYPE_CHECKING:
    from nnfs_cli.cli.bars import Bar
    from nnfs_cli.cli.console import Console


class Display:
    """Shows the events of one training on stderr."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bar: Bar | None = None
        self.untold: Epoch | None = None
        """The last epoch, if it has no line."""
        self.samples = 0

    def follow(self, events: Iterator[Event]) -> Finished | Skipped:
        """Show what happens; return how it ended."""
        try:
            for event in events:
                if isinstance(event, Step):
                    self.step(event)
                elif isinstance(event, Epoch):
                    self.epoch(event)
                elif isinstance(event, Started):
                    self.start(event)
                elif isinstance(event, Notice):
                    self.tell()
                    self.console.notice(event.text)
                else:
                    if isinstance(event, Finished):
                        self.tell()
                    return event
        finally:
            # Ended here and now, not when Python gets around to it: its end goes on record.
            if isinstance(events, Generator):
                events.close()
            self.console.bars.close()
        raise RuntimeError("a training ended without saying how")

    def start(self, event: Started) -> None:
        """Say what is trained, and begin the table."""
        training: Training = event.built.training
        self.training, self.watch = training, Watch(event.built.monitor)
        self.started = time.monotonic()
        self.pace = Pace(
            training.epochs, training.progress.epoch, event.built.config.train.report_every
        )
        count, size = len(training.batches.samples), training.model.parameter_count
        name = event.built.data.name
        self.console.progress(
            f"{name}: {count:,} training samples; {size:,} parameters; {event.run.path}"
        )
        if training.team.alone_because:
            self.console.detail(f"one worker: {training.team.alone_because}")
        self.table = EpochTable(
            _keys(training), training.epochs, self.watch.monitor, columns(sys.stderr)
        )
        if training.progress.epoch < training.epochs and not self.console.quiet:
            for line in self.table.header():
                self._line(paint(line, BOLD, sys.stderr))
        self.samples = training.progress.epoch * count + training.progress.batch * (
            training.batches.batch_size
        )
        if self.console.draws_bars:
            self.bar = self.console.bars.start(training.epochs * count, self.samples, "samples")

    def step(self, step: Step) -> None:
        """Move the bar."""
        self.samples += step.samples
        if self.bar is not None and self.bar.is_due:
            figures = {
                key.removeprefix("train_"): figure_of(key, value)
                for key, value in self.training.figures().items()
            }
            self.bar.move(self.samples, f"epoch {step.epoch}/{self.training.epochs}", figures)

    def epoch(self, epoch: Epoch) -> None:
        """A row of the table, if one is due."""
        self.untold = epoch
        if self.pace.is_due(epoch.epoch):
            self.tell()

    def tell(self) -> None:
        """Write the row of the last epoch, unless it is written."""
        epoch, self.untold = self.untold, None
        if epoch is None or self.console.quiet:
            return
        best = self.watch.best_epoch(self.training.progress.history) == epoch.epoch
        seconds = time.monotonic() - self.started
        row = self.table.row(epoch.epoch, epoch.lr, epoch.record, seconds, best)
        self._line(row.replace("*", paint("*", GREEN, sys.stderr)))
        if self.bar is not None:
            self.bar.move(self.samples, f"epoch {epoch.epoch}/{self.training.epochs}")

    def _line(self, text: str) -> None:
        with self.console.bars.aside():
            write_drawn(text, sys.stderr)


def _keys(training: Training) -> list[str]:
    """The figures of an epoch's record."""
    keys = ["train_loss", *([PENALTY] if training.optimizer.penalizes else [])]
    keys += [f"train_{metric.key}" for metric in training.running]
    if training.validation is not None:
        keys += ["val_loss", *(f"val_{metric.key}" for metric in training.metrics)]
    return keys
