"""Monitoring against loops that any reader can follow."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import pytest

from nnfs_cli.errors import UsageError
from nnfs_cli.nn.metric import Metric
from nnfs_cli.training.early_stopping import Watch, choose_monitor

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
    min_delta = (seed % 3) * 1e-4
    worst = -math.inf if monitor == "val_accuracy" else math.inf
    best, number = worst, None
    reference, waited = worst, 0
    for epoch, record in enumerate(history, start=1):
        if better(record[monitor], best, monitor):
            best, number = record[monitor], epoch
        if math.isnan(record[monitor]):
            continue
        if better(record[monitor], reference, monitor, min_delta):
            reference, waited = record[monitor], 0
        else:
            waited += 1
    assert Watch(monitor).best_epoch(history) == number
    assert Watch(monitor, min_delta).epochs_without_improvement(history) == waited
    grown, best_so_far, patience = [], Watch(monitor), Watch(monitor, min_delta)
    for record in history:
        grown.append(record)
        best_so_far.best_epoch(grown)
        patience.epochs_without_improvement(grown)
    assert best_so_far.best_epoch(grown) == number
    assert patience.epochs_without_improvement(grown) == waited


def test_an_epoch_costs_the_same_however_many_there_were() -> None:
    class Counted(list[dict[str, float]]):
        reads = 0

        def __iter__(self) -> Iterator[dict[str, float]]:
            self.reads += len(self)
            return super().__iter__()

        def __getitem__(self, index: Any) -> Any:
            self.reads += 1
            return super().__getitem__(index)

    history, watch = Counted(), Watch("val_loss")
    for epoch in range(500):
        history.append({"val_loss": 1 / (1 + epoch)})
        assert watch.best_epoch(history) == epoch + 1
    assert history.reads == 500


def test_another_or_a_shorter_history_is_read_from_its_beginning() -> None:
    watch = Watch("val_loss")
    history = [{"val_loss": value} for value in (1.0, 0.5, 0.25)]
    assert watch.best_epoch(history) == 3
    del history[1:]
    assert watch.best_epoch(history) == 1
    assert watch.best_epoch([{"val_loss": 2.0}, {"val_loss": 1.0}]) == 2


def test_a_column_that_is_missing_is_never_best() -> None:
    assert Watch("val_loss").best_epoch([{"train_loss": 1.0}]) is None
    assert Watch("val_loss").best_epoch([]) is None


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
        (
            "val_loss",
            False,
            "monitor 'val_loss' needs a validation split, and data.validation is 0",
        ),
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
