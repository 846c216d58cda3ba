"""What every registered metric must do; a new one is tested by being there."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnfs_cli.components.described import describe
from nnfs_cli.components.registry import registry
from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric, higher_is_better

WORDS = sorted({member.word for member in registry()["metric"].values()})
every_metric = pytest.mark.parametrize("word", WORDS)


def data(metric: Metric, size: int) -> tuple[Array, Array]:
    generator = np.random.default_rng(size)
    if metric.targets == "values":
        return generator.random((size, 2), dtype=np.float32), generator.random((size, 2))
    shape = (size, 2) if metric.targets == "labels" else (size,)
    return generator.random((size, 2), dtype=np.float32), generator.integers(0, 2, shape)


def result(metric: Metric, batches: list[slice], predictions: Array, targets: Array) -> float:
    metric.reset(2)
    for batch in batches:
        metric.update(predictions[batch], targets[batch])
    return metric.result()


@every_metric
def test_batches_make_no_difference(word: str) -> None:
    metric = Metric.read(word)
    predictions, targets = data(metric, 50)
    whole = result(metric, [slice(None)], predictions, targets)
    assert type(whole) is float
    assert math.isfinite(whole)
    parts = [slice(0, 1), slice(1, 20), slice(20, 20), slice(20, 50)]
    assert result(metric, parts, predictions, targets) == pytest.approx(whole, rel=1e-12)


@every_metric
def test_nothing_seen_is_not_a_number(word: str) -> None:
    metric = Metric.read(word)
    metric.reset(2)
    assert math.isnan(metric.result())


@every_metric
def test_sums_carry_everything_a_checkpoint_needs(word: str) -> None:
    metric, resumed = Metric.read(word), Metric.read(word)
    if not metric.in_training:
        pytest.skip("computed in evaluations alone")
    predictions, targets = data(metric, 50)
    whole = result(metric, [slice(0, 30), slice(30, 50)], predictions, targets)
    metric.reset(2)
    metric.update(predictions[:30], targets[:30])
    assert metric.sums.dtype == np.float64
    resumed.reset(2)
    resumed.sums[...] = metric.sums
    resumed.update(predictions[30:], targets[30:])
    assert resumed.result() == whole


@every_metric
def test_what_is_given_is_not_written(word: str) -> None:
    metric = Metric.read(word)
    predictions, targets = data(metric, 20)
    predictions.flags.writeable = targets.flags.writeable = False
    assert math.isfinite(result(metric, [slice(None)], predictions, targets))


@every_metric
def test_undefined_predictions_never_look_good(word: str) -> None:
    metric = Metric.read(word)
    predictions, targets = data(metric, 20)
    targets = targets if metric.targets == "values" else np.ones_like(targets)
    value = result(metric, [slice(None)], np.full_like(predictions, np.nan), targets)
    assert math.isnan(value) or value == 0.0 or word == "top_k"


@every_metric
def test_description_round_trip(word: str) -> None:
    full = describe(Metric.read(word))
    assert describe(Metric.read(full)) == full


def test_directions() -> None:
    better = ["val_accuracy", "train_top_3", "val_top_5", "r2", "test_f1", "val_roc_auc"]
    assert all(map(higher_is_better, better))
    assert not any(map(higher_is_better, ["val_loss", "train_loss", "val_rmse", "mae", "val_mse"]))
