"""What was taken for what, and the scores of each class, against a matrix counted naively."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric
from nnfs_cli.nn.metrics.confusion import Confusion, class_counts, scores_of

MANY = 20_000


def naive(targets: Array, guesses: Array, classes: int) -> list[list[int]]:
    counts = [[0] * classes for _ in range(classes)]
    for true, guess in zip(targets.tolist(), guesses.tolist(), strict=True):
        counts[true][guess] += 1
    return counts


@pytest.mark.parametrize(("samples", "classes"), [(1, 2), (50, 3), (400, 4), (30, 40)])
def test_the_pairs_are_the_cells_of_the_matrix_that_are_not_empty(
    samples: int, classes: int
) -> None:
    generator = np.random.default_rng(samples)
    targets, guesses = generator.integers(0, classes, (2, samples))
    found, counts = Confusion.of(targets, guesses, classes), naive(targets, guesses, classes)
    assert found.matrix().tolist() == counts
    cells = [[i, j, n] for i, row in enumerate(counts) for j, n in enumerate(row) if n]
    assert found.pairs.tolist() == cells
    wrong = [(-n, i, j) for i, j, n in cells if i != j]
    assert found.commonest(5) == [(i, j, -n) for n, i, j in sorted(wrong)[:5]]
    right, there, predicted = class_counts(targets, guesses, classes).tolist()
    assert right == [counts[i][i] for i in range(classes)]
    assert there == [sum(row) for row in counts]
    assert predicted == [sum(column) for column in zip(*counts, strict=True)]


def test_scores_by_hand() -> None:
    targets, guesses = np.array([0, 1, 1, 0, 0]), np.array([0, 0, 1, 2, 0])
    first, second, third, fourth = scores_of(*class_counts(targets, guesses, 4))
    assert (first.precision, first.recall, first.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert (second.precision, second.recall, second.f1) == pytest.approx((1.0, 0.5, 2 / 3))
    assert (third.precision, third.samples, third.predicted) == (0.0, 0, 1)
    assert math.isnan(third.recall)
    assert math.isnan(fourth.f1)


def test_of_no_samples_there_is_no_pair() -> None:
    nothing = np.zeros(0, np.int64)
    found = Confusion.of(nothing, nothing, 3)
    assert (found.commonest(5), found.matrix().tolist()) == ([], [[0] * 3] * 3)


@pytest.mark.parametrize("word", ["precision", "recall", "f1"])
@pytest.mark.parametrize("average", ["macro", "weighted", "micro"])
@pytest.mark.parametrize("classes", [2, 3, 4, 7])
def test_an_epoch_goes_on_from_the_matrix_that_earlier_versions_kept(
    word: str, average: str, classes: int
) -> None:
    generator = np.random.default_rng(classes)
    targets, guesses = generator.integers(0, classes, (2, 60))
    rows = np.eye(classes)[guesses]
    whole, resumed = (Metric.read({"type": word, "average": average}) for _ in range(2))
    whole.reset(classes)
    whole.update(rows, targets)
    resumed.reset(classes)
    assert resumed.take_up(np.ravel(naive(targets[:40], guesses[:40], classes)).tolist())
    resumed.update(rows[40:], targets[40:])
    assert resumed.sums.tolist() == whole.sums.tolist()
    assert resumed.result() == whole.result()
    assert not resumed.take_up([1.0] * (classes**2 + 2))


def test_memory_grows_with_the_classes_and_not_with_their_pairs() -> None:
    """A matrix of so many classes would be 3 GB."""
    targets = np.arange(MANY)
    guesses, metric = targets[::-1].copy(), Metric.read("f1")
    tracemalloc.start()
    found = Confusion.of(targets, guesses, MANY)
    class_counts(targets, guesses, MANY)
    metric.reset(MANY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.pairs) == MANY
    assert metric.sums.size < 4 * MANY
    assert peak < 200 * MANY
