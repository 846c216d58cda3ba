"""Which epoch was best, and whether to stop early: pure functions of the history."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from nnfs_cli.errors import UsageError
from nnfs_cli.metrics.metric import Metric, higher_is_better

History = Sequence[Mapping[str, float]]


def choose_monitor(monitor: str | None, metrics: Sequence[Metric], validated: bool) -> str:
    """The column to watch: the one asked for, else val_loss, or train_loss without validation.

    Raises UsageError if there is no such column.
    """
    if monitor is None:
        return "val_loss" if validated else "train_loss"
    if monitor.startswith("val_") and not validated:
        raise UsageError(
            f"monitor {monitor!r} needs a validation part, and data.validation is 0",
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


def best_epoch(history: History, monitor: str) -> int | None:
    """The number, from one, of the first epoch with the best finite value; None if none has."""
    scores = _scores(history, monitor)
    best = max(scores, default=-math.inf)
    return scores.index(best) + 1 if best > -math.inf else None


def should_stop(history: History, monitor: str, patience: int, min_delta: float) -> bool:
    """Whether the last ``patience`` epochs brought no improvement of more than ``min_delta``."""
    best, waited = -math.inf, 0
    for score in _scores(history, monitor):
        if score > best + min_delta:
            best, waited = score, 0
        else:
            waited += 1
    return waited >= patience


def _scores(history: History, monitor: str) -> list[float]:
    """The monitored value of each epoch, larger always better."""
    sign = 1.0 if higher_is_better(monitor) else -1.0
    values = (record.get(monitor, math.nan) for record in history)
    return [-math.inf if math.isnan(value) else sign * value for value in values]
