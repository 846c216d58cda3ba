"""McNemar's test against SciPy and against every outcome counted; the bootstrap against a loop."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.reports.comparing.paired import EXACT, bootstrap, mcnemar, mcnemar_p

GOLDEN = Path(__file__).parents[2] / "golden/scipy.json"


def test_mcnemar_is_that_of_scipy() -> None:
    cases = json.loads(GOLDEN.read_text())["mcnemar"]
    for case in cases:
        b, c = case["b"], case["c"]
        expected = case["exact"] if b + c <= EXACT else case["chi_squared"]
        assert mcnemar_p(b, c) == pytest.approx(expected, rel=1e-9)
        assert mcnemar_p(b, c) == mcnemar_p(c, b)
    many = [case for case in cases if case["b"] + case["c"] > EXACT]
    assert many
    assert all(case["exact"] == pytest.approx(case["chi_squared"], abs=5e-4) for case in many)


@pytest.mark.parametrize(("b", "c"), [(0, 3), (2, 7), (5, 5), (1, 9)])
def test_mcnemar_counts_the_outcomes_that_are_as_odd(b: int, c: int) -> None:
    outcomes = [sum(coins) for coins in itertools.product((0, 1), repeat=b + c)]
    odd = sum(abs(2 * heads - (b + c)) >= abs(b - c) for heads in outcomes)
    assert mcnemar_p(b, c) == odd / len(outcomes)


def test_mcnemar_counts_who_is_right_alone() -> None:
    first = np.array([1, 1, 1, 0, 0, 1], bool)
    second = np.array([1, 0, 0, 1, 0, 0], bool)
    found = mcnemar(first, second)
    assert (found.first_alone, found.second_alone, found.samples) == (3, 1, 6)
    assert found.p_value == mcnemar_p(3, 1) == 0.625
    assert found.is_noise


def test_bootstrap_is_that_of_a_loop() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.exponential(1.5, 40), generator.exponential(1.0, 40)
    found, apart = bootstrap(first, second), []
    for _ in range(4_000):
        drawn = [int(index) for index in generator.integers(0, 40, 40)]
        means = (sum(errors[index] for index in drawn) / 40 for errors in (first, second))
        one, other = means
        apart.append(one**0.5 - other**0.5)
    apart.sort()
    assert (found.low, found.high) == pytest.approx((apart[100], apart[3_900]), abs=0.03)
    assert found.first == pytest.approx((sum(first) / 40) ** 0.5)
    assert found.second == pytest.approx((sum(second) / 40) ** 0.5)
    assert bootstrap(first, second) == found, "it says the same each time"


def test_weighted_samples_are_drawn_with_their_weights() -> None:
    generator = np.random.default_rng(2)
    first, second = generator.exponential(1.5, 40), generator.exponential(1.0, 40)
    weights = generator.integers(0, 4, 40).astype(np.float32)
    found, apart = bootstrap(first, second, weights), []
    kept = [*np.flatnonzero(weights)]
    for _ in range(4_000):
        drawn = [kept[index] for index in generator.integers(0, len(kept), len(kept))]
        total = sum(weights[index] for index in drawn)
        one, other = (sum(w[i] * weights[i] for i in drawn) / total for w in (first, second))
        apart.append(one**0.5 - other**0.5)
    apart.sort()
    assert (found.low, found.high) == pytest.approx((apart[100], apart[3_900]), abs=0.03)
    for errors, own in ((first, found.first), (second, found.second)):
        assert own == pytest.approx(np.repeat(errors, weights.astype(int)).mean() ** 0.5)
    assert (found.samples, found.weighted) == (len(kept), True)
    even = bootstrap(first, second, np.full(40, 0.5))
    assert even.low == pytest.approx(bootstrap(first, second).low)


def test_errors_are_drawn_in_pairs() -> None:
    """A network that is worse by the same everywhere is surely worse, however the errors vary."""
    errors = np.random.default_rng(0).exponential(1.0, 200)
    assert not bootstrap(errors * 1.02, errors).is_noise
    assert bootstrap(errors, errors[::-1].copy()).is_noise
