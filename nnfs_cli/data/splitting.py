"""Drawing some of the samples, stratified by class: for validation, tests and limits."""

from __future__ import annotations

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.data.dataset import Samples
from nnfs_cli.errors import DataError

LIMIT, VALIDATION, TEST = 0, 1, 2
"""The streams of Purpose.SPLIT, one for each draw."""


def draw(targets: Array, count: int, generator: np.random.Generator, spare: int = 0) -> Array:
    """Positions of ``count`` samples, ascending; classes (N,) int are stratified.

    Of every class at least ``spare`` samples are left over. Values (N, k) are drawn evenly.
    Raises ValueError if there are not so many.
    """
    if targets.ndim > 1:
        groups = [np.arange(len(targets))]
    else:
        groups = [np.flatnonzero(targets == label) for label in np.unique(targets)]
    sizes = np.array([len(group) for group in groups])
    most = np.maximum(sizes - spare, 0)
    least = np.minimum(most, int(spare == 0 and count >= len(groups)))
    counts = quotas(sizes, count, least, most)
    drawn = [generator.permutation(g)[:n] for g, n in zip(groups, counts, strict=True)]
    return np.sort(np.concatenate(drawn))


def quotas(sizes: Array, count: int, least: Array, most: Array) -> Array:
    """Whole numbers near ``count · sizes / Σ sizes``, within limits, that add up to ``count``."""
    if not least.sum() <= count <= most.sum():
        raise ValueError(f"cannot take {count} of {sizes.sum()}")
    ideal = count * sizes / sizes.sum()
    counts: Array = np.clip(np.floor(ideal).astype(int), least, most)
    while counts.sum() < count:
        counts[np.argmax(np.where(counts < most, ideal - counts, -np.inf))] += 1
    while counts.sum() > count:
        counts[np.argmax(np.where(counts > least, counts - ideal, -np.inf))] -= 1
    return counts


def split_test(samples: Samples, fraction: float) -> tuple[Samples, Samples | None]:
    """Training and test samples of a set that does not come divided, always the same division."""
    if not fraction:
        return samples, None
    generator = stream(0, Purpose.SPLIT, TEST)
    try:
        test = draw(samples.targets, max(1, round(fraction * len(samples))), generator, spare=1)
    except ValueError:
        raise DataError(
            f"too few samples: {len(samples):,} cannot spare {fraction:g} of them for testing",
            "at least one of each class must stay for training: lower test, or set it to 0",
        ) from None
    kept = np.delete(np.arange(len(samples)), test)
    return samples.pick(kept), samples.pick(test)
