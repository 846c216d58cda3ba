"""Sums along one axis of a matrix, as products with ones: a third of the time of np.sum."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from nnfs_cli.compute.arrays import Array


def column_sums(rows: Array, out: Array | None = None) -> Array:
    """1ᵀ rows: the sum of each column."""
    sums: Array = ones(len(rows), rows.dtype).dot(rows, out=out)
    return sums


def row_sums(rows: Array) -> Array:
    """Rows 1: the sum of each row, or along the last axis of any array."""
    sums: Array = rows.dot(ones(rows.shape[-1], rows.dtype))
    return sums


def all_finite(*arrays: Array) -> bool:
    """Whether no number is infinite or NaN: the sum of their squares is finite, or overflows."""
    for array in arrays:
        if not math.isfinite(np.vdot(array, array)) and not np.isfinite(array).all():
            return False
    return True


@lru_cache(64)
def ones(count: int, dtype: npt.DTypeLike) -> Array:
    """A read-only vector of ones."""
    array = np.ones(count, dtype)
    array.flags.writeable = False
    return array
