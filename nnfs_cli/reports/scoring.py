"""How far a network's probabilities can be believed, and how surely an accuracy is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.statistics import CONFIDENCE

BINS = 10


@dataclass(frozen=True)
class Calibration:
    """In bins of equal width from 0 to 1: the mean probability, the share that is true, how many.

    ``error`` is the expected calibration error: the sum of n_b / N abs(p_b - t_b) over the bins b
    (Naeini and others 2015). Where samples have weights, means, shares and n_b / N are of these.
    """

    probabilities: Sequence[float]
    shares: Sequence[float]
    counts: Sequence[int]
    error: float


def calibration(probabilities: Array, is_true: Array, weights: Array | None = None) -> Calibration:
    """Of answers with a probability each, (N,), and whether they are true; a sample of weight 0 is
    none."""
    bins = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    each = np.ones(len(bins)) if weights is None else weights.astype(np.float64)
    found, gaps = [], 0.0
    for number in range(BINS):
        own = (bins == number) & (each > 0)
        if own.any():
            mean = float(np.average(probabilities[own].astype(np.float64), weights=each[own]))
            share = float(np.average(is_true[own], weights=each[own]))
            found.append((mean, share, int(own.sum())))
            gaps += float(each[own].sum()) * abs(mean - share)
    means, shares, counts = zip(*found, strict=True)
    return Calibration(means, shares, counts, gaps / float(each.sum()))


def effective_count(weights: Array) -> float:
    """So many samples of equal weight tell as much as these: (sum w)^2 / sum w^2 (Kish 1965)."""
    total = float(np.sum(weights, dtype=np.float64))
    return total**2 / float(np.sum(np.square(weights, dtype=np.float64)))


def fraction_interval(fraction: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a fraction that was seen in ``count`` samples (Wilson 1927).

    (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n), with z = 1.96.
    """
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    middle = fraction + z**2 / (2 * count)
    half = z * math.sqrt(fraction * (1 - fraction) / count + z**2 / (4 * count**2))
    return (middle - half) / (1 + z**2 / count), (middle + half) / (1 + z**2 / count)
