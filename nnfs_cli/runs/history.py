"""The figures of every epoch: they live in metrics.csv, and a checkpoint names their hash.

In the checkpoint itself a long training would write them again at every save.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from nnfs_cli.atomic import write_text_atomically
from nnfs_cli.csv_text import csv_text
from nnfs_cli.errors import DataError
from nnfs_cli.nn.optimizer import PENALTY
from nnfs_cli.nn.schedule import History
from nnfs_cli.runs.run import Run
from nnfs_cli.training.loop import Training

NOT_FIGURES = ("epoch", "step", "time_s", "lr", PENALTY)
"""The columns of metrics.csv that a training knows without it."""


class HistoryHash:
    """Follows a history that is only appended to; each of its epochs is read once."""

    def __init__(self) -> None:
        self._epochs, self._hash = 0, hashlib.sha256()

    def of(self, history: History, epochs: int | None = None) -> dict[str, Any]:
        """What a checkpoint says of the first ``epochs``: their number, the hash of their figures.

        No fewer than were asked for before; by default all.
        """
        epochs = len(history) if epochs is None else epochs
        if not self._epochs and epochs:
            self._hash.update(repr([*history[0]]).encode())
        while self._epochs < epochs:
            figures = [float(figure) for figure in history[self._epochs].values()]
            self._hash.update(repr(figures).encode())
            self._epochs += 1
        return {"epochs": epochs, "sha256": self._hash.hexdigest()}


def history_of(run: Run, text: Mapping[str, Any]) -> list[dict[str, float]]:
    """The figures of the epochs before a checkpoint of this ``text``.

    Raises DataError if metrics.csv no longer has them. Format 1 of checkpoints holds them itself.
    """
    stored = text["progress"]["history"]
    if isinstance(stored, list):
        return stored
    history = figures_of(run.read_metrics()[: stored["epochs"]])
    if HistoryHash().of(history) != stored:
        raise DataError(
            f"{run.metrics} is not what this run wrote, and its checkpoint counts on it",
            f"put the file back as it was, or take the weights alone: init_from={run.path}",
        )
    return history


def figures_of(rows: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """Rows of metrics.csv as a training's records."""
    return [{k: v for k, v in row.items() if k not in NOT_FIGURES} for row in rows]


def restore_rows(run: Run, text: Mapping[str, Any], training: Training) -> None:
    """Write metrics.csv from the history in a checkpoint's ``text`` if it says anything else.

    That is one of format 1, which did without the file. Times and rates of its rows are lost then.
    """
    history = text["progress"]["history"]
    if not isinstance(history, list):  # it was read from metrics.csv
        return
    try:
        there = HistoryHash().of(figures_of(run.read_metrics()))
    except DataError:
        there = {}
    if there == HistoryHash().of(history):
        return
    known = {"time_s": math.nan, "lr": math.nan}
    size = len(training.batches)
    rows = [
        {"epoch": n, "step": n * size, **known, **record} for n, record in enumerate(history, 1)
    ]
    header = [list(rows[0])] if rows else []
    write_text_atomically(run.metrics, csv_text([*header, *(row.values() for row in rows)]))
