"""Two networks on the same samples: McNemar's test, and a bootstrap of paired errors."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from fractions import Fraction

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.statistics import CONFIDENCE

EXACT = 1_000
"""Up to so many samples on which one network alone is right the binomial sum is computed."""
RESAMPLES = 2_000
BLOCK = 2**22
"""Numbers drawn at a time."""


@dataclass(frozen=True)
class McNemar:
    """How often one of two networks alone is right, and how surprising that is."""

    first_alone: int
    second_alone: int
    p_value: float
    samples: int
    weighted: bool = False
    """Whether the samples have weights, of which the test knows nothing."""

    @property
    def is_noise(self) -> bool:
        """Whether it is no surprise if both are equally good."""
        return self.p_value > 1 - CONFIDENCE

    def to_json(self) -> dict[str, object]:
        """The test for programs."""
        return {"test": "mcnemar", **asdict(self)}


def mcnemar(first: Array, second: Array, weighted: bool = False) -> McNemar:
    """McNemar's test of two networks that are right, or not, on the same samples: (N,) booleans.

    Of b samples only the first network is right, of c only the second. If both are equally good,
    each of these b + c samples is a coin thrown: p = min(1, 2 sum_{k <= min(b, c)} C(b + c, k) /
    2^(b + c)). Above a thousand such samples z = (abs(b - c) - 1) / sqrt(b + c) is as good as
    normal (McNemar 1947, with the correction of Edwards 1948).
    """
    b, c = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    return McNemar(b, c, mcnemar_p(b, c), len(first), weighted)


def mcnemar_p(b: int, c: int) -> float:
    """The p-value, see :func:`mcnemar`."""
    n = b + c
    if n > EXACT:
        return math.erfc(max(abs(b - c) - 1, 0) / math.sqrt(2 * n))
    tail: int = sum(math.comb(n, k) for k in range(min(b, c) + 1))
    return min(1.0, float(Fraction(2 * tail, 1 << n)))


@dataclass(frozen=True)
class Bootstrap:
    """By how much the root mean squared errors of two networks differ, and its interval."""

    first: float
    second: float
    low: float
    high: float
    samples: int
    weighted: bool = False

    @property
    def is_noise(self) -> bool:
        """Whether other samples might say the contrary."""
        return self.low <= 0 <= self.high

    def to_json(self) -> dict[str, object]:
        """The test for programs."""
        return {"test": "bootstrap", **asdict(self)}


def bootstrap(
    first: Array, second: Array, weights: Array | None = None, seed: int = 0
) -> Bootstrap:
    """The difference of the RMSE of two networks, from their squared errors on the same samples.

    The N samples are drawn with replacement 2,000 times, each with both its errors; 95 % of the
    differences sqrt(mean a) - sqrt(mean b) lie between ``low`` and ``high`` (Efron's percentiles).
    With ``weights`` (N,) each is drawn with its weight, and the means are sum w a / sum w; a sample
    of weight 0 is none.
    """
    if weights is not None:
        first, second, weights = (each[weights > 0] for each in (first, second, weights))
    generator, n = np.random.default_rng(seed), len(first)
    found, rows = [], max(BLOCK // n, 1)
    for start in range(0, RESAMPLES, rows):
        drawn = generator.integers(0, n, (min(rows, RESAMPLES - start), n))
        own = None if weights is None else weights[drawn]
        found.append(_rmse(first[drawn], own) - _rmse(second[drawn], own))
    low, high = np.quantile(np.concatenate(found), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    one, other = (float(_rmse(errors, weights)) for errors in (first, second))
    return Bootstrap(one, other, float(low), float(high), n, weights is not None)


def _rmse(squares: Array, weights: Array | None) -> Array:
    """The root of the mean of the last axis."""
    return np.asarray(np.sqrt(np.average(squares, axis=-1, weights=weights)))
