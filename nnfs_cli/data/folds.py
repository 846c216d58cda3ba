"""Folds: cross-validation keeps each of K parts of the samples for validation once.

Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and model selection",
IJCAI 1995.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.errors import DataError

FOLD = re.compile(r"([0-9]{1,3})/([0-9]{1,3})", re.ASCII)
FOLDS = 3
"""The stream of Purpose.SPLIT that folds are drawn from."""


class Fold(NamedTuple):
    """One of so many ``folds``, numbered from 1: that whose samples are the validation split."""

    number: int
    folds: int

    @classmethod
    def parsed(cls, text: str) -> Fold:
        """``2/5`` as the second of five. Raises ValueError."""
        found = FOLD.fullmatch(text)
        if found is None or not 1 <= int(found[1]) <= int(found[2]) or int(found[2]) < 2:
            raise ValueError("expects one of at least two folds, such as 2/5")
        return cls(int(found[1]), int(found[2]))

    def of(self, targets: Array, seed: int, groups: Array | None = None) -> Array:
        """A mask over the samples: those of this fold. ``groups`` (N,) stay whole.

        Raises DataError if there are not as many samples, or groups, as folds.
        """
        generator = stream(seed, Purpose.SPLIT, FOLDS)
        if groups is None:
            numbers = stratified(targets, self.folds, generator)
        else:
            numbers = grouped(groups, targets, self.folds, generator)
        return np.asarray(numbers == self.number - 1)


def stratified(targets: Array, count: int, generator: np.random.Generator) -> Array:
    """The fold of each sample, from 0: sizes, and those of each class, differ by one at most.

    Samples are dealt out like cards, class by class; values (N, k) in any order.
    """
    _require(len(targets), "samples", count)
    order = generator.permutation(len(targets))
    if targets.ndim == 1:
        order = order[np.argsort(targets[order], kind="stable")]
    folds = np.empty(len(targets), dtype=np.int64)
    folds[order] = np.arange(len(targets)) % count
    return folds


def grouped(groups: Array, targets: Array, count: int, generator: np.random.Generator) -> Array:
    """The fold of each sample, from 0: those of a group are in the same one.

    The largest groups first, each goes where the classes stay most even: where the sum of
    (n_fc / n_c)^2 over the folds f and the classes c grows least, n_fc samples of c being in f.
    """
    _, groups = np.unique(groups, return_inverse=True)
    _require(int(groups.max()) + 1, "different groups", count)
    classes = targets if targets.ndim == 1 else np.zeros(len(targets), dtype=np.int64)
    own = np.zeros((groups.max() + 1, classes.max() + 1))
    np.add.at(own, (groups, classes), 1)
    weights = 1 / np.maximum(own.sum(axis=0), 1) ** 2
    order = generator.permutation(len(own))
    order = order[np.argsort(-own[order].sum(axis=1), kind="stable")]
    held, fold_of = np.zeros((count, own.shape[1])), np.empty(len(own), dtype=np.int64)
    for group in order:
        growth = held @ (own[group] * weights)
        fold = int(np.lexsort((held.sum(axis=1), growth))[0])
        held[fold] += own[group]
        fold_of[group] = fold
    return np.asarray(fold_of[groups])


def _require(there: int, what: str, count: int) -> None:
    if there < count:
        raise DataError(
            f"too few {what} for {count} folds: there are {there:,}", "take fewer folds"
        )
