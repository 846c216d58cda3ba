"""Which epoch was best, and how long ago: functions of the history alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from nnfs_cli.errors import UsageError
from nnfs_cli.nn.metric import Metric, higher_is_better

History = Sequence[Mapping[str, float]]


def choose_monitor(monitor: str | None, metrics: Sequence[Metric], validated: bool) -> str:
    """The column to watch: the one asked for, else val_loss, or train_loss without validation.

    Raises UsageError if there is no such column.
    """
    if monitor is None:
        return "val_loss" if validated else "train_loss"
    if monitor.startswith("val_") and not validated:
        raise UsageError(
            f"monitor {monitor!r} needs a validation split, and data.validation is 0",
            "hold some samples out, or monitor train_loss",
        )
    trained = ["train_loss", *(f"train_{m.key}" for m in metrics if m.in_training)]
    checked = ["val_loss", *(f"val_{m.key}" for m in metrics)] if validated else []
    if monitor not in trained + checked:
        close = get_close_matches(monitor, trained + checked, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else "known are "
        raise UsageError(
            f"monitor {monitor!r} is not measured",
            hint if close else hint + ", ".join(trained + checked),
        )
    return monitor


class Watch:
    """Follows a monitored value from epoch to epoch: the best one, and how long ago it was.

    A function of the history alone, which is only ever appended to: of a longer history it reads
    the new epochs, so that a training's cost stays proportional to its epochs. An epoch is an
    improvement if it beats the last improvement by more than ``min_delta``. An epoch whose value
    is NaN is no evidence: it is neither an improvement nor an epoch without one.
    """

    def __init__(self, monitor: str, min_delta: float = 0.0) -> None:
        self.monitor, self.min_delta = monitor, min_delta
        self._sign = 1.0 if higher_is_better(monitor) else -1.0
        self._history: History = ()
        self._restart()

    def _restart(self) -> None:
        self._epochs, self._best, self._best_epoch, self._waited = 0, -math.inf, 0, 0

    def best_epoch(self, history: History) -> int | None:
        """The number, from one, of the last improvement; None if there was none."""
        self._follow(history)
        return self._best_epoch or None

    def epochs_without_improvement(self, history: History) -> int:
        """How many epochs ended since the last improvement."""
        self._follow(history)
        return self._waited

    def _follow(self, history: History) -> None:
        if history is not self._history or len(history) < self._epochs:
            self._history = history
            self._restart()
        while self._epochs < len(history):
            score = self._sign * history[self._epochs].get(self.monitor, math.nan)
            self._epochs += 1
            if math.isnan(score):
                continue
            if score > self._best + self.min_delta:
                self._best, self._best_epoch, self._waited = score, self._epochs, 0
            else:
                self._waited += 1
