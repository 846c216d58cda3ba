"""Student's quantiles against printed tables and against an integral of the density."""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.statistics import (
    Estimate,
    difference,
    difference_by_fold,
    estimate,
    over_folds,
    student_quantile,
)

GOLDEN = Path(__file__).parent / "golden/scipy.json"

TABLE = {
    1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262,
    10: 2.228, 15: 2.131, 20: 2.086, 25: 2.060, 30: 2.042, 40: 2.021, 60: 2.000, 120: 1.980,
}  # fmt: skip
"""The column for 97.5 % of any printed table, by degrees of freedom."""
OTHERS = {(0.9, 5): 1.476, (0.95, 10): 1.812, (0.99, 3): 4.541, (0.995, 20): 2.845}


@pytest.mark.parametrize("freedom", TABLE)
def test_quantiles_are_those_of_the_tables(freedom: int) -> None:
    assert round(student_quantile(0.975, freedom), 3) == TABLE[freedom]


def test_other_quantiles() -> None:
    for (probability, freedom), value in OTHERS.items():
        assert round(student_quantile(probability, freedom), 3) == value
    assert student_quantile(0.5, 7) < 1e-12
    assert student_quantile(0.975, 9_999) == pytest.approx(1.96020, abs=1e-5)


@pytest.mark.parametrize("freedom", [1, 2, 3, 8, 33])
def test_quantiles_bound_their_share_of_the_density(freedom: int) -> None:
    t = student_quantile(0.975, freedom)
    x = np.linspace(-t, t, 200_001)
    ratio = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    scale = math.exp(ratio) / math.sqrt(freedom * math.pi)
    density = scale * (1 + x**2 / freedom) ** (-(freedom + 1) / 2)
    assert np.trapezoid(density, x) == pytest.approx(0.95, abs=1e-6)


def test_an_estimate() -> None:
    values = [0.91, 0.93, 0.92, 0.95, 0.90]
    found = estimate(values)
    assert found.mean == pytest.approx(statistics.mean(values))
    assert found.std == pytest.approx(statistics.stdev(values))
    half = 2.776 * statistics.stdev(values) / math.sqrt(5)
    assert (found.low, found.high) == pytest.approx(
        (found.mean - half, found.mean + half), abs=1e-5
    )
    one = estimate([0.5])
    assert (one.mean, one.std, one.low, one.high, one.count) == (0.5, None, None, None, 1)


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    samples = np.random.default_rng(0).normal(3.0, 2.0, (4_000, 4))
    held = 0
    for row in samples.tolist():
        found = estimate(row)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 3.0 <= found.high
    assert held / 4_000 == pytest.approx(0.95, abs=0.015)


def test_folds_are_compared_as_scipy_does_where_its_error_is_corrected() -> None:
    for case in json.loads(GOLDEN.read_text())["folds"]:
        apart = [b - a for a, b in zip(case["a"], case["b"], strict=True)]
        found = difference_by_fold(apart, case["folds"])
        assert (found.low, found.high) == pytest.approx((case["low"], case["high"]), rel=1e-9)
        assert found.p_value == pytest.approx(case["p"], rel=1e-9)
        assert found.value == pytest.approx(statistics.mean(apart))
        assert (found.folds, found.enough) == (len(apart), None)
    assert difference_by_fold([0.0, 0.0], 5).p_value == 1.0
    assert difference_by_fold([0.1, 0.1], 5).p_value == 0.0


def test_a_fold_counts_once_however_many_seeds_it_has() -> None:
    one = over_folds({"1/3": [1.0], "2/3": [2.0], "3/3": [4.5]}, 3)
    seeds = over_folds({"1/3": [0.5, 1.5], "2/3": [2.0], "3/3": [4.0, 4.5, 5.0]}, 3)
    assert seeds == one
    assert (one.mean, one.count) == (2.5, 3)
    half = 4.302653 * statistics.stdev([1.0, 2.0, 4.5]) * math.sqrt(1 / 3 + 1 / 2)
    assert (one.low, one.high) == pytest.approx((2.5 - half, 2.5 + half), abs=1e-5)


def test_folds_of_equal_classifiers_are_told_apart_as_seldom_as_promised() -> None:
    """Nearest neighbours by one of two columns, which tell equally much of the class: a t-test that
    takes folds for independent finds a difference far more often than once in twenty."""
    generator, k = np.random.default_rng(3), 5
    wrong = {"corrected": 0, "plain": 0}
    for _ in range(1_000):
        classes = generator.integers(0, 2, 40)
        x = classes[:, None] * 0.5 + generator.normal(size=(40, 2))
        errors = np.empty((k, 2))
        for fold, column in np.ndindex(k, 2):
            test, own = np.arange(40) % k == fold, x[:, column]
            nearest = abs(own[test][:, None] - own[~test]).argmin(axis=1)
            errors[fold, column] = np.mean(classes[~test][nearest] != classes[test])
        apart = (errors[:, 0] - errors[:, 1]).tolist()
        plain = estimate(apart)
        assert plain.low is not None
        assert plain.high is not None
        wrong["corrected"] += not difference_by_fold(apart, k).is_noise
        wrong["plain"] += not plain.low <= 0 <= plain.high
    assert 25 < wrong["corrected"] < 65
    assert wrong["plain"] > 100


def test_welchs_test_is_that_of_scipy() -> None:
    for case in json.loads(GOLDEN.read_text())["welch"]:
        found = difference(estimate(case["a"]), estimate(case["b"]))
        assert found.p_value == pytest.approx(case["p"], abs=1e-12)
        assert found.value == pytest.approx(statistics.mean(case["a"]) - statistics.mean(case["b"]))
        assert found.high - found.value == pytest.approx(case["half"])
        assert found.value - found.low == pytest.approx(case["half"])
        assert found.is_noise == (found.low < 0 < found.high)


def test_so_many_seeds_would_tell() -> None:
    """With the number that is told, eight of ten repetitions find the difference."""
    generator, seen = np.random.default_rng(0), []
    for shift in (0.5, 1.0, 2.0):
        told = difference(Estimate(0, 1.0, None, None, 3), Estimate(shift, 1.0, None, None, 3))
        assert told.enough is not None
        pairs = generator.normal(0, 1, (300, 2, told.enough))
        pairs[:, 1] += shift
        found = [difference(estimate(a), estimate(b)).is_noise for a, b in pairs.tolist()]
        seen.append(1 - np.mean(found))
    assert 0.72 < min(seen) < max(seen) < 0.9


def test_values_that_never_vary() -> None:
    same, other = (Estimate(value, 0.0, value, value, 3) for value in (0.5, 0.6))
    assert difference(same, same).is_noise
    assert difference(same, same).enough is None
    assert not difference(same, other).is_noise
    assert difference(same, other).enough == 2


def test_a_difference_too_small_to_square_is_found_by_no_number() -> None:
    a, b = (Estimate(mean, 1.0, None, None, 3) for mean in (1e-200, 0.0))
    told = difference(a, b)
    assert told.value == 1e-200
    assert told.enough is None
