"""Metrics of several labels a sample, beside a loop that follows their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric, higher_is_better

GENERATOR = np.random.default_rng(5)
TRUTH = (GENERATOR.random((60, 4)) < [0.5, 0.3, 0.1, 0.0]).astype(np.float32)
SCORES = np.round(GENERATOR.random((60, 4)), 1).astype(np.float32)
THRESHOLDS = (0.5, 0.3, 0.7, 0.9)


def measured(described: object) -> float:
    metric = Metric.read(described)
    metric.decide_at(THRESHOLDS)
    metric.reset(4)
    for rows in (slice(0, 7), slice(7, 60)):
        metric.update(SCORES[rows], TRUTH[rows])
    return metric.result()


def counted() -> list[tuple[int, int, int]]:
    """Of each label: right, there, answered."""
    found = []
    for k, threshold in enumerate(THRESHOLDS):
        answers = [np.float32(s) >= np.float32(threshold) for s in SCORES[:, k]]
        truth = [t == 1 for t in TRUTH[:, k]]
        right = sum(a and t for a, t in zip(answers, truth, strict=True))
        found.append((right, sum(truth), sum(map(bool, answers))))
    return found


def test_sets_and_answers_are_counted() -> None:
    answers = [
        [np.float32(s) >= np.float32(t) for s, t in zip(row, THRESHOLDS, strict=True)]
        for row in SCORES
    ]
    truth = [[t == 1 for t in row] for row in TRUTH]
    same = [a == t for a, t in zip(answers, truth, strict=True)]
    assert measured("subset_accuracy") == sum(same) / 60
    wrong = sum(
        x != y for a, t in zip(answers, truth, strict=True) for x, y in zip(a, t, strict=True)
    )
    assert measured("hamming_loss") == wrong / 240


def test_f1_is_averaged_over_all_labels_or_all_answers() -> None:
    each = [2 * r / (t + a) if t + a else 0.0 for r, t, a in counted()]
    assert measured("f1") == pytest.approx(sum(each) / 4)
    right, there, answered = map(sum, zip(*counted(), strict=True))
    micro = measured({"type": "f1", "average": "micro"})
    assert micro == pytest.approx(2 * right / (there + answered))
    weighted = sum(f * t for f, (_, t, _) in zip(each, counted(), strict=True)) / there
    assert measured({"type": "f1", "average": "weighted"}) == pytest.approx(weighted)


def by_thresholds(scores: Array, truth: Array) -> float:
    """The area, from precision and recall at every score from the highest down."""
    area = recall_before = 0.0
    for score in sorted({*scores.tolist()}, reverse=True):
        answered = scores >= score
        right = np.count_nonzero(answered & (truth == 1))
        recall = right / np.count_nonzero(truth) if truth.any() else 0.0
        area += (recall - recall_before) * right / np.count_nonzero(answered)
        recall_before = recall
    return area


def test_average_precision_is_the_area_over_all_thresholds() -> None:
    each = [by_thresholds(SCORES[:, k], TRUTH[:, k]) for k in range(4)]
    assert measured("average_precision") == pytest.approx(np.mean(each))
    micro = measured({"type": "average_precision", "average": "micro"})
    assert micro == pytest.approx(by_thresholds(SCORES.reshape(-1), TRUTH.reshape(-1)))


def test_micro_of_classes_is_the_accuracy() -> None:
    targets = GENERATOR.integers(0, 4, 60)
    for word in ("f1", "precision", "recall"):
        metric = Metric.read({"type": word, "average": "micro"})
        metric.reset(4)
        metric.update(SCORES, targets)
        assert metric.result() == pytest.approx(np.mean(SCORES.argmax(axis=1) == targets))


def test_directions() -> None:
    assert higher_is_better("val_f1_micro")
    assert higher_is_better("val_average_precision_micro")
    assert not higher_is_better("val_hamming_loss")
