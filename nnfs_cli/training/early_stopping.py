"""Which epoch was best, and how long ago: functions of the history alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches

from nnfs_cli.errors import UsageError
from nnfs_cli.nn.improvements import Improvements
from nnfs_cli.nn.metric import Metric, higher_is_better
from nnfs_cli.nn.optimizer import PENALTY
from nnfs_cli.nn.schedule import History


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
    if monitor == PENALTY:
        raise UsageError(
            "monitor 'penalty' would watch how large weights are, not how good the answers",
            "monitor " + (checked or trained)[0],
        )
    if monitor not in trained + checked:
        close = get_close_matches(monitor, trained + checked, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else "known are "
        raise UsageError(
            f"monitor {monitor!r} is not measured",
            hint if close else hint + ", ".join(trained + checked),
        )
    return monitor


class Watch:
    """Follows a monitored column of the history: the best epoch, and how long ago it was."""

    def __init__(self, monitor: str, min_delta: float = 0.0) -> None:
        self.monitor = monitor
        sign = 1.0 if higher_is_better(monitor) else -1.0
        self._improvements = Improvements(
            lambda record: sign * record.get(monitor, math.nan), min_delta
        )

    def best_epoch(self, history: History) -> int | None:
        """The number, from one, of the last improvement; None if there was none."""
        self._improvements.follow(history)
        return self._improvements.best_epoch or None

    def epochs_without_improvement(self, history: History) -> int:
        """How many epochs ended since the last improvement."""
        self._improvements.follow(history)
        return self._improvements.waited
