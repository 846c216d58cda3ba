"""Monitoring against loops that any reader can follow."""

from __future__ import annotations

import math
import random

import pytest

from nnfs_cli.errors import UsageError
from nnfs_cli.metrics.metric import Metric
from nnfs_cli.monitoring import best_epoch, choose_monitor, should_stop

VALUES = [0.1, 0.2, 0.3, 0.30001, 0.5, 0.5, math.nan, math.inf, -math.inf]


def histories(seed: int, monitor: str) -> list[dict[str, float]]:
    chance = random.Random(seed)
    return [{monitor: chance.choice(VALUES)} for _ in range(chance.randrange(12))]


def better(new: float, old: float, monitor: str, by: float = 0.0) -> bool:
    if math.isnan(new):
        return False
    return new > old + by if monitor.endswith("accuracy") else new < old - by


@pytest.mark.parametrize("monitor", ["val_accuracy", "val_loss", "train_loss"])
@pytest.mark.parametrize("seed", range(40))
def test_against_a_plain_loop(seed: int, monitor: str) -> None:
    history = histories(seed, monitor)
    patience, min_delta = 1 + seed % 4, (seed % 3) * 1e-4
    worst = -math.inf if monitor == "val_accuracy" else math.inf
    best, number = worst, None
    reference, waited = worst, 0
    for epoch, record in enumerate(history, start=1):
        if better(record[monitor], best, monitor):
            best, number = record[monitor], epoch
        if better(record[monitor], reference, monitor, min_delta):
            reference, waited = record[monitor], 0
        else:
            waited += 1
    assert best_epoch(history, monitor) == number
    assert should_stop(history, monitor, patience, min_delta) == (waited >= patience)


def test_a_column_that_is_missing_is_never_best() -> None:
    assert best_epoch([{"train_loss": 1.0}], "val_loss") is None
    assert best_epoch([], "val_loss") is None


@pytest.mark.parametrize(
    ("monitor", "validated", "chosen"),
    [
        (None, True, "val_loss"),
        (None, False, "train_loss"),
        ("train_accuracy", False, "train_accuracy"),
        ("val_roc_auc", True, "val_roc_auc"),
        ("val_loss", True, "val_loss"),
    ],
)
def test_choosing(monitor: str | None, validated: bool, chosen: str) -> None:
    metrics = [Metric.read("accuracy"), Metric.read("roc_auc")]
    assert choose_monitor(monitor, metrics, validated) == chosen


@pytest.mark.parametrize(
    ("monitor", "validated", "message"),
    [
        ("val_loss", False, "monitor 'val_loss' needs a validation part, and data.validation is 0"),
        (
            "val_acuracy",
            True,
            "monitor 'val_acuracy' is not measured; did you mean 'val_accuracy'?",
        ),
        ("f1", True, "known are train_loss, train_accuracy, val_loss, val_accuracy, val_roc_auc"),
        ("train_roc_auc", False, "monitor 'train_roc_auc' is not measured"),
        ("test_accuracy", True, "monitor 'test_accuracy' is not measured"),
    ],
)
def test_monitors_that_are_not_measured(monitor: str, validated: bool, message: str) -> None:
    metrics = [Metric.read("accuracy"), Metric.read("roc_auc")]
    with pytest.raises(UsageError) as caught:
        choose_monitor(monitor, metrics, validated)
    assert message in str(caught.value)
