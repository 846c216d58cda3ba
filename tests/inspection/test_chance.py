"""The losses by which others are judged, against sums over the samples one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.inspection import chance
from nnfs_cli.inspection.chance import Chance, chance_of
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.losses.hinge import Hinge
from nnfs_cli.nn.losses.mae import MAE
from nnfs_cli.nn.losses.mse import MSE

CLASSES = np.array([0, 0, 0, 0, 0, 1, 1, 2])
SHARES = (5 / 8, 2 / 8, 1 / 8)


def entropy(shares: Sequence[float]) -> float:
    return -sum(p * math.log(p) for p in shares if p)


def test_classes() -> None:
    found = chance_of(CrossEntropy(), CLASSES, 3)
    assert found.even == pytest.approx(math.log(3), rel=1e-6)
    assert found.constant == pytest.approx(entropy(SHARES), rel=1e-6)
    assert found.floor == 0.0


def test_smoothed_classes() -> None:
    """What is left where every answer is the smoothed target, and the best constant answer."""
    found = chance_of(CrossEntropy(label_smoothing=0.3), CLASSES, 3)
    smoothed = [0.7 * share + 0.1 for share in SHARES]
    assert found.constant == pytest.approx(entropy(smoothed), rel=1e-6)
    assert found.floor == pytest.approx(entropy([0.8, 0.1, 0.1]), rel=1e-9)
    assert found.even == pytest.approx(math.log(3), rel=1e-6)


def test_weighted_classes_are_judged_by_no_more_than_an_even_guess() -> None:
    """The shares are not the best constant where a rare class weighs a hundred times as much."""
    found = chance_of(CrossEntropy(class_weights=[1.0, 1.0, 100.0]), CLASSES, 3)
    assert found.even == found.constant == pytest.approx(math.log(3), rel=1e-6)


@pytest.mark.parametrize("loss", [CrossEntropy(), CrossEntropy(class_weights=[1.0, 2.0, 9.0])])
def test_of_many_outputs_some_samples_at_a_time(
    loss: CrossEntropy, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = chance_of(loss, CLASSES, 3)
    monkeypatch.setattr(chance, "AT_ONCE", 7)
    pieces = chance_of(loss, CLASSES, 3)
    assert (pieces.even, pieces.constant) == pytest.approx((whole.even, whole.constant), rel=1e-6)


def test_probabilities_as_targets_have_a_floor() -> None:
    rows = np.array([[0.5, 0.5], [0.9, 0.1], [1.0, 0.0]], np.float32)
    found = chance_of(CrossEntropy(), rows, 2)
    assert found.floor == pytest.approx(np.mean([entropy(row) for row in rows.tolist()]), rel=1e-5)
    assert found.constant == pytest.approx(entropy([0.8, 0.2]), rel=1e-5)
    assert chance_of(CrossEntropy(class_weights=[1.0, 2.0]), rows, 2).floor == 0.0


def test_labels() -> None:
    rows = np.array([[1, 0], [1, 1], [1, 0], [0, 0]], np.float32)
    found = chance_of(BinaryCrossEntropy(), rows, 2)
    each = [entropy([0.75, 0.25])] * 2
    assert found.constant == pytest.approx(np.mean(each), rel=1e-5)
    assert (found.even, found.floor) == (pytest.approx(math.log(2), rel=1e-6), 0.0)


@pytest.mark.parametrize("targets", [CLASSES, CLASSES * 0])
def test_a_class_that_never_or_always_occurs_leaves_it_finite(targets: Array) -> None:
    found = chance_of(CrossEntropy(), targets, 4)
    assert math.isfinite(found.constant)
    assert found.constant <= found.even


def test_values() -> None:
    values = np.array([[1.0, 2.0], [3.0, -2.0], [5.0, 0.0]])
    squares = chance_of(MSE(), values, 2)
    assert squares.constant == squares.even == pytest.approx((8 / 3 + 8 / 3) / 2)
    assert chance_of(MAE(), values, 2) == Chance(*[pytest.approx(4 / 3)] * 2, 0.0)


@pytest.mark.parametrize(
    "loss", [MAE(), MSE(), MSE(class_targets=[-1, 1]), Hinge(), Hinge(margin=2.5)]
)
def test_a_constant_is_the_best_that_there_is(loss: Loss) -> None:
    """Of one output, tried on a grid: four of five samples are of the second class."""
    one_output = MSE() if isinstance(loss, MAE) else loss
    encoded = one_output.encode_targets(np.array([0, 1, 1, 1, 1]), 2, (1,))
    tried = np.linspace(-4, 4, 1601, dtype=np.float32)
    best = min(loss.value_and_grad(np.full_like(encoded, each), encoded)[0] for each in tried)
    found = chance_of(loss, encoded, 1)
    assert found.constant == pytest.approx(best, rel=1e-4)
    assert found.even >= found.constant


def test_of_a_hinge_the_commonest_class_a_margin_ahead() -> None:
    found = chance_of(Hinge(margin=2.0), CLASSES, 3)
    assert found.even == pytest.approx(2.0 * 2 / 3)
    assert found.constant == pytest.approx((5 / 8 * 0 + 3 / 8 * (4.0 + 2.0)) / 3)


def test_how_much_has_been_learnt() -> None:
    chance = Chance(3.0, 2.0, 0.5)
    assert [chance.learnt(loss) for loss in (2.0, 0.5, 1.25, 5.0)] == [0.0, 1.0, 0.5, -2.0]
    assert chance.learnt(math.nan) == chance.learnt(math.inf) == -math.inf
    assert Chance(1.0, 1.0, 1.0).learnt(1.0) == 0.0
