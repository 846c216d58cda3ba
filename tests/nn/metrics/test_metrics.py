"""Metrics by hand and by naive loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric
from nnfs_cli.nn.metrics.accuracy import Accuracy
from nnfs_cli.nn.metrics.precision import F1, Precision
from nnfs_cli.nn.metrics.r2 import R2
from nnfs_cli.nn.metrics.roc_auc import RocAuc
from nnfs_cli.nn.metrics.top_k import TopK


def measure(metric: Metric, classes: int, predictions: Array, targets: Array) -> float:
    metric.reset(classes)
    metric.update(predictions, targets)
    return metric.result()


def test_accuracy_of_one_output_is_at_one_half() -> None:
    predictions = np.array([[0.5], [0.4999], [0.9], [0.1]])
    assert measure(Accuracy(), 2, predictions, np.array([1, 1, 1, 0])) == 0.75


def test_top_k_by_sorting() -> None:
    generator = np.random.default_rng(0)
    predictions, targets = np.round(generator.random((200, 6)), 1), generator.integers(0, 6, 200)
    for k in range(1, 8):
        order = np.argsort(-predictions, axis=1, kind="stable")[:, :k]
        naive = np.mean([target in row for target, row in zip(targets, order, strict=True)])
        assert measure(TopK(k=k), 6, predictions, targets) == pytest.approx(naive)
    assert TopK(k=3).key == "top_3"
    assert measure(TopK(k=1), 6, predictions, targets) == measure(
        Accuracy(), 6, predictions, targets
    )


def test_top_k_of_one_output_knows_both_classes() -> None:
    predictions, targets = np.array([[0.9], [0.2], [0.7], [0.4]]), np.array([1, 1, 0, 0])
    assert measure(TopK(k=1), 2, predictions, targets) == 0.5
    assert measure(TopK(k=2), 2, predictions, targets) == 1.0


def test_top_k_does_not_count_nan_as_found() -> None:
    assert measure(TopK(k=2), 3, np.full((4, 3), np.nan), np.array([0, 1, 2, 0])) == 0.0


def test_roc_auc_by_all_pairs() -> None:
    generator = np.random.default_rng(0)
    scores, targets = np.round(generator.random(80), 1), generator.integers(0, 2, 80)
    pairs = [(a, b) for a in scores[targets == 1] for b in scores[targets == 0]]
    naive = np.mean([1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs])
    assert measure(RocAuc(), 2, scores[:, np.newaxis], targets) == pytest.approx(naive)
    both = np.stack([1.0 - scores, scores], axis=1)
    assert measure(RocAuc(), 2, both, targets) == pytest.approx(naive)


def test_roc_auc_is_undefined_with_one_class_or_three() -> None:
    assert math.isnan(measure(RocAuc(), 2, np.ones((3, 1)), np.ones(3, dtype=np.int64)))
    assert math.isnan(measure(RocAuc(), 3, np.ones((3, 3)), np.array([0, 1, 2])))


def test_averages_by_hand() -> None:
    guesses, targets = np.eye(4)[[0, 0, 1, 2, 0]], np.array([0, 1, 1, 0, 0])
    assert measure(Precision(), 4, guesses, targets) == pytest.approx((2 / 3 + 1 + 0) / 3)
    weighted = Precision(average="weighted")
    assert measure(weighted, 4, guesses, targets) == pytest.approx((3 * 2 / 3 + 2 * 1) / 5)
    assert measure(F1(), 4, guesses, targets) == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)


def test_one_output_has_two_classes() -> None:
    predictions, targets = np.array([[0.9], [0.2], [0.8]]), np.array([1, 0, 0])
    assert measure(Precision(), 2, predictions, targets) == pytest.approx((0.5 + 1.0) / 2)


def test_r2_far_from_zero_and_of_constants() -> None:
    generator = np.random.default_rng(0)
    t = 1e6 + generator.standard_normal((500, 1))
    y = t + 0.1 * generator.standard_normal((500, 1))
    exact = 1.0 - np.square(y - t).sum() / np.square(t - t.mean()).sum()
    metric = R2()
    metric.reset(1)
    for start in range(0, 500, 7):
        metric.update(y[start : start + 7], t[start : start + 7])
    assert metric.result() == pytest.approx(exact, rel=1e-9)
    assert math.isnan(measure(R2(), 1, y, np.ones_like(t)))
