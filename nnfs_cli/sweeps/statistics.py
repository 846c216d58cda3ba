"""Statistics of a few repetitions: mean, standard deviation, and an interval for the mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

CONFIDENCE = 0.95
HALVINGS = 200
"""Of the interval that a quantile lies in: more than a float has bits."""


@dataclass(frozen=True)
class Estimate:
    """What n independent values say of their mean; the interval needs two of them.

    ``low`` and ``high`` are mean -+ t s / sqrt(n), where s^2 = sum (x - mean)^2 / (n - 1) and t is
    the 97.5 % quantile of Student's distribution with n - 1 degrees of freedom.
    """

    mean: float
    std: float | None
    low: float | None
    high: float | None
    count: int

    def to_json(self) -> dict[str, float | int | None]:
        """The estimate for programs."""
        return asdict(self)


def estimate(values: Sequence[float]) -> Estimate:
    """The estimate from at least one value, all of them finite."""
    n, mean = len(values), math.fsum(values) / len(values)
    if n < 2:
        return Estimate(mean, None, None, None, n)
    std = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = student_quantile((1 + CONFIDENCE) / 2, n - 1) * std / math.sqrt(n)
    return Estimate(mean, std, mean - half, mean + half, n)


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
