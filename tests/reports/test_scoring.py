"""Calibration against a loop; the interval of a fraction against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.reports.scoring import calibration, effective_count, fraction_interval


def test_calibration_is_that_of_a_loop() -> None:
    generator = np.random.default_rng(0)
    probabilities = np.append(generator.random(300), [0.0, 1.0, 0.5]).astype(np.float32)
    is_true = generator.random(303) < probabilities**2
    error, told = 0.0, []
    for low in range(10):
        own = [
            (float(p), bool(t))
            for p, t in zip(probabilities, is_true, strict=True)
            if low / 10 <= p < (low + 1) / 10 or (p == 1 and low == 9)
        ]
        mean, share = (sum(column) / len(own) for column in zip(*own, strict=True))
        told.append((mean, share, len(own)))
        error += len(own) / 303 * abs(mean - share)
    found = calibration(probabilities, is_true)
    assert found.error == pytest.approx(error)
    for mine, expected in zip((found.probabilities, found.shares, found.counts),
                              zip(*told, strict=True), strict=True):  # fmt: skip
        assert mine == pytest.approx(expected)


def test_empty_bins_are_left_out() -> None:
    found = calibration(np.array([0.25, 0.26]), np.array([True, False]))
    assert (found.counts, found.shares) == ((2,), (0.5,))


@pytest.mark.parametrize(("fraction", "count"), [(0.0, 10), (1.0, 30), (0.9577, 355), (0.5, 4)])
def test_the_interval_has_the_fractions_that_are_no_surprise(fraction: float, count: int) -> None:
    """Its ends are 1.96 of their own standard deviations away from what was seen."""
    for end in fraction_interval(fraction, count):
        assert -1e-12 <= end <= 1 + 1e-12
        spread = (max(end * (1 - end), 0) / count) ** 0.5
        assert abs(fraction - end) == pytest.approx(1.959964 * spread, abs=1e-6)


def test_a_weighted_accuracy_is_known_as_surely_as_that_of_fewer_samples() -> None:
    """The variance of sum w x / sum w, for x right half of the time, is that of so many samples."""
    generator = np.random.default_rng(0)
    weights = np.array([1.0, 10.0] * 24)
    right = generator.random((20_000, 48)) < 0.5
    variance = np.var(right @ weights / weights.sum())
    assert effective_count(weights) == pytest.approx(0.25 / variance, rel=0.03)
    assert effective_count(np.full(7, 3.0, np.float32)) == 7


def test_weighted_calibration_is_that_of_samples_that_are_there_so_often() -> None:
    generator = np.random.default_rng(4)
    probabilities = generator.random(200)
    is_true, weights = generator.random(200) < probabilities**2, generator.integers(0, 4, 200)
    found = calibration(probabilities, is_true, weights.astype(np.float32))
    often = np.repeat(np.arange(200), weights)
    expected = calibration(probabilities[often], is_true[often])
    assert found.error == pytest.approx(expected.error)
    assert found.probabilities == pytest.approx(expected.probabilities)
    assert found.shares == pytest.approx(expected.shares)
    assert sum(found.counts) == np.count_nonzero(weights)
