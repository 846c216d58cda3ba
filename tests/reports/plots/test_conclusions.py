"""Titles: what they say of courses whose shape is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnfs_cli.reports.plots.conclusions import of_confusion, of_figure


def course(train: list[float], val: list[float], name: str = "loss") -> list[dict[str, float]]:
    return [
        {"epoch": epoch, f"train_{name}": a, f"val_{name}": b}
        for epoch, (a, b) in enumerate(zip(train, val, strict=True), 1)
    ]


FALLING = [1.0, 0.6, 0.4, 0.3, 0.2, 0.1]


@pytest.mark.parametrize(
    ("train", "val", "expected"),
    [
        (FALLING, [1.0, 0.5, 0.08123, 0.2, 0.3, 0.4],
         "validation loss is lowest in epoch 3 (0.08123), then rises to 0.4000: overfitting"),
        ([1, 2, 3, 4, 5, 6], [1.0, 0.5, 0.1, 0.2, 0.3, 0.4],
         "validation loss is lowest in epoch 3 (0.1000), then rises to 0.4000"),
        (FALLING, [1.0, 0.5, 0.1, 0.13, 0.14, 0.14],
         "validation loss is lowest in epoch 3 (0.1000), then rises to 0.1400"),
        (FALLING, [9.0, 0.5, 0.1, 0.13, 0.14, 0.2],
         "validation loss is lowest in epoch 3 (0.1000), then rises to 0.2000"),
        (FALLING, [1.0, 0.5, 0.1, 0.11, 0.1, 0.11],
         "validation loss is lowest in epoch 3 (0.1000)"),
        (FALLING, FALLING, "validation loss is lowest in the last epoch (0.1000) and still falls"),
        (FALLING, [1, 0.5, 0.2, 0.2, 0.2, 0.199],
         "validation loss is lowest in the last epoch (0.1990)"),
        (FALLING, [math.nan] * 6, "validation loss is not defined in any epoch"),
        (FALLING, [math.nan, 0.3, 0.4, math.nan, 0.5, math.nan],
         "validation loss is lowest in epoch 2 (0.3000)"),
        ([0.5], [0.25], "validation loss is 0.2500 after one epoch"),
    ],
)  # fmt: skip
def test_the_course_of_a_loss(train: list[float], val: list[float], expected: str) -> None:
    assert of_figure(course(train, val), "loss") == expected


def test_a_metric_has_its_own_direction_and_its_own_figures() -> None:
    rows = course([0.1] * 4, [0.5, 0.9851, 0.9, 0.95], "accuracy")
    assert of_figure(rows, "accuracy") == "validation accuracy is highest in epoch 2 (98.51 %)"
    rows = course([0.1] * 4, [0.5, 0.25, 0.9, 0.95], "rmse")
    assert of_figure(rows, "rmse") == "validation rmse is lowest in epoch 2 (0.2500)"


def test_without_validation_the_training_counts() -> None:
    rows = [{"epoch": n, "train_loss": 1 / n} for n in (1, 2)]
    assert of_figure(rows, "loss") == "training loss is lowest in the last epoch (0.5000)"


def test_the_pair_that_is_confused_most() -> None:
    generator = np.random.default_rng(0)
    labels = ["a", "b", "c", "d"]
    for _ in range(50):
        counts = generator.integers(0, 9, (4, 4))
        both = {
            (labels[i], labels[j]): int(counts[i, j] + counts[j, i])
            for i in range(4)
            for j in range(i + 1, 4)
        }
        text = of_confusion(labels, counts.tolist(), "test samples")
        found, _, pair = text.partition("; ")
        accuracy = 100 * np.trace(counts) / counts.sum()
        assert found == f"accuracy {accuracy:.2f} % on {counts.sum()} test samples"
        one, _, other, *_, times, _ = pair.split()
        assert both[one, other] == max(both.values()) == int(times.strip("("))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([[3, 0], [0, 4]], "accuracy 100.00 % on 7 test samples: all are right"),
        ([[3, 1], [0, 4]], "accuracy 87.50 % on 8 test samples: 1 is wrong"),
        ([[0, 0], [0, 0]], "there are no test samples"),
        ([[5]], "accuracy 100.00 % on 5 test samples: all are right"),
    ],
)
def test_few_classes(counts: list[list[int]], expected: str) -> None:
    assert of_confusion(["a", "b"][: len(counts)], counts, "test samples") == expected
