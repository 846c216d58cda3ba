"""Statistics of a few repetitions: mean, deviation, interval, and whether two means differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

CONFIDENCE = 0.95
POWER = 0.8
"""How often a difference is to be found where there is one."""
SHARED = (
    "folds share training samples: their intervals and tests allow for it (Nadeau and Bengio 2003)"
)
"""What is said with what :func:`over_folds` and :func:`difference_by_fold` find."""
LARGEST = 1e75
"""Of a figure: the fourth power of a difference of two still is a number."""
HALVINGS = 200
"""Of the interval that a quantile lies in: more than a float has bits."""


@dataclass(frozen=True)
class Estimate:
    """What n values say of their mean; the interval needs two of them.

    ``low`` and ``high`` are mean -+ t s sqrt(1/n + q), where s^2 = sum (x - mean)^2 / (n - 1) and t
    is the 97.5 % quantile of Student's distribution with n - 1 degrees of freedom. Of independent
    values q is 0, see :func:`over_folds` for others.
    """

    mean: float
    std: float | None
    low: float | None
    high: float | None
    count: int
    least: float = -math.inf
    """The smallest value: what none was below 0 may be no loss that can be."""

    def to_json(self) -> dict[str, float | int | None]:
        """The estimate for programs."""
        return {name: value for name, value in vars(self).items() if name != "least"}


def can_be_estimated(value: float) -> bool:
    """Whether it is a number, and no absurd one: at most 1e75."""
    return abs(value) <= LARGEST


def estimate(values: Sequence[float], overlap: float = 0.0) -> Estimate:
    """The estimate from at least one value, all of which can be estimated; ``overlap`` is q."""
    n, mean = len(values), math.fsum(values) / len(values)
    if n < 2:
        return Estimate(mean, None, None, None, n, min(values))
    std = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = student_quantile((1 + CONFIDENCE) / 2, n - 1) * std * math.sqrt(1 / n + overlap)
    return Estimate(mean, std, mean - half, mean + half, n, min(values))


def over_folds(values: Mapping[Any, Sequence[float]], folds: int) -> Estimate:
    """What cross-validation says, from the values of each fold, of which there are ``folds`` = K.

    A fold counts once, with the mean of its values, which are those of several seeds. As any two
    folds' training samples are largely the same, their values are not independent, and no estimate
    of their variance is without bias; q = 1 / (K - 1), the samples of validation for each one of
    training, makes it about right (Nadeau and Bengio 2003, "Inference for the generalization
    error", Machine Learning 52).
    """
    return estimate([math.fsum(each) / len(each) for each in values.values()], 1 / (folds - 1))


@dataclass(frozen=True)
class Difference:
    """How far the means of two sets of independent values are apart, by Welch's t-test.

    t = d / e, where d = mean a - mean b and e^2 = s_a^2 / n_a + s_b^2 / n_b, with
    e^4 / ((s_a^2 / n_a)^2 / (n_a - 1) + (s_b^2 / n_b)^2 / (n_b - 1)) degrees of freedom (Welch
    1947), rounded down. ``p_value`` is P(abs T >= abs t) if there were no difference, ``low`` and
    ``high`` bound it with the confidence of 95 %.

    ``enough`` values of each would find such a difference in 80 % of all cases, at 5 %:
    n = (z_0.975 + z_0.8)^2 (s_a^2 + s_b^2) / d^2 + z_0.975^2 / 4 (Guenther 1981); None where no
    number would, as there is no difference.
    """

    value: float
    low: float
    high: float
    p_value: float
    enough: int | None
    folds: int | None = None
    """In how many folds the two were compared, see :func:`difference_by_fold`."""

    @property
    def is_noise(self) -> bool:
        """Whether so large a difference is no surprise if there is none."""
        return self.p_value > 1 - CONFIDENCE

    def to_json(self) -> dict[str, float | int | None]:
        """The difference for programs."""
        return asdict(self)


def difference(a: Estimate, b: Estimate) -> Difference:
    """Of two estimates that have a standard deviation each: of two values or more."""
    assert a.std is not None
    assert b.std is not None
    value, parts = a.mean - b.mean, (a.std**2 / a.count, b.std**2 / b.count)
    error = math.sqrt(sum(parts))
    if error == 0:
        return Difference(value, value, value, float(value == 0), 2 if value else None)
    spread = parts[0] ** 2 / (a.count - 1) + parts[1] ** 2 / (b.count - 1)
    freedom = max(int(error**4 / spread), 1) if spread > 0 else a.count + b.count - 2
    half = student_quantile((1 + CONFIDENCE) / 2, freedom) * error
    p_value = 1 - _central(math.atan(abs(value) / error / math.sqrt(freedom)), freedom)
    return Difference(value, value - half, value + half, p_value, _enough(value, a.std, b.std))


def difference_by_fold(values: Sequence[float], folds: int) -> Difference:
    """Of two or more differences d of two networks, each of a fold of which there are ``folds``.

    The corrected t-test of Nadeau and Bengio (2003): t = mean d / (s sqrt(1/n + q)) with n - 1
    degrees of freedom, where s is the standard deviation of the n differences and q that of
    :func:`over_folds`. No number of seeds makes the folds more.
    """
    found = over_folds({at: [value] for at, value in enumerate(values)}, folds)
    assert found.std is not None
    assert found.low is not None
    assert found.high is not None
    freedom, error = len(values) - 1, found.std * math.sqrt(1 / len(values) + 1 / (folds - 1))
    if error == 0:
        p_value = float(found.mean == 0)
    else:
        t = abs(found.mean) / error
        p_value = 1 - _central(math.atan(t / math.sqrt(freedom)), freedom)
    return Difference(found.mean, found.low, found.high, p_value, None, len(values))


def _enough(value: float, *deviations: float) -> int | None:
    ends, power = map(NormalDist().inv_cdf, ((1 + CONFIDENCE) / 2, POWER))
    try:
        needed = (ends + power) ** 2 * sum(s**2 for s in deviations) / value**2 + ends**2 / 4
    except ZeroDivisionError:
        return None
    return max(math.ceil(needed), 2) if math.isfinite(needed) else None


@cache
def student_quantile(probability: float, freedom: int) -> float:
    """The t below which a share of Student's distribution lies: 0.5 <= probability < 1."""
    low, high = 0.0, math.pi / 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _central(middle, freedom) < 2 * probability - 1:
            low = middle
        else:
            high = middle
    return math.tan((low + high) / 2) * math.sqrt(freedom)


def _central(angle: float, freedom: int) -> float:
    """P(|T| <= tan(angle) sqrt(freedom)), a finite sum for whole degrees of freedom.

    Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for k in range(2 + odd, freedom, 2):
        term *= cosine**2 * (k - 1) / k
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
