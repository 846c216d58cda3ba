"""What happens while an experiment runs, beside the training's own steps and epochs."""

from __future__ import annotations

from dataclasses import dataclass

from nnfs_cli.experiment.build import Built
from nnfs_cli.runs.record import Record
from nnfs_cli.runs.run import Run
from nnfs_cli.training.loop import Epoch, Step


@dataclass(frozen=True)
class Notice:
    """Something the user must know."""

    text: str


@dataclass(frozen=True)
class Skipped:
    """Nothing to train: ``reason`` says why."""

    run: Run
    reason: str


@dataclass(frozen=True)
class Started:
    """The run folder is there and training begins."""

    run: Run
    built: Built


@dataclass(frozen=True)
class Finished:
    """Training is over; ``record`` is run.json, ``built`` holds the best epoch's weights."""

    run: Run
    record: Record
    built: Built


class Prune(Exception):
    """Thrown into the generator of the events: the training is saved and recorded as pruned."""


Event = Notice | Skipped | Started | Step | Epoch | Finished
