"""Fitting x' = x · scale - shift to the training inputs, without a float copy of them all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnfs_cli.compute.arrays import Array

BLOCK = 1 << 18
"""How many numbers are converted to float64 at a time: few enough to stay in the cache."""


def fit_scaling(inputs: Array, normalize: str, white: int | None) -> tuple[Array, Array]:
    """Return ``scale`` and ``shift`` as float32, one number a channel (images) or feature.

    none:      x
    unit:      x / white for pixels, else (x - min) / (max - min)
    symmetric: 2 u - 1 for the u of unit
    standard:  (x - mean) / deviation
    init_from: nothing is fitted; the scaling is replaced by the other run's

    A constant feature is only shifted (its scale is 1), so it becomes 0 and never NaN.
    """
    if normalize in ("none", "init_from"):
        scale, shift = np.ones(()), np.zeros(())
    elif normalize == "standard":
        mean, deviation = moments(inputs)
        scale = _reciprocal(deviation)
        shift = mean * scale
    elif white is not None and normalize == "symmetric":
        scale, shift = np.asarray(2 / white), np.ones(())
    elif white is not None:
        scale, shift = np.asarray(1 / white), np.zeros(())
    else:
        axes = tuple(range(inputs.ndim - 1))
        low, high = inputs.min(axis=axes).astype(float), inputs.max(axis=axes).astype(float)
        symmetric = normalize == "symmetric"
        scale = _reciprocal((high - low) / 2 if symmetric else high - low)
        shift = ((low + high) / 2 if symmetric else low) * scale
    return scale.astype(np.float32), shift.astype(np.float32)


def moments(inputs: Array) -> tuple[Array, Array]:
    """Mean and standard deviation over all axes but the last, in float64: two passes.

    mean = Σ x / N, deviation = sqrt(Σ (x - mean)² / N)
    """
    rows = inputs.reshape(-1, inputs.shape[-1])
    mean = sum(block.sum(axis=0) for block in _blocks(rows)) / len(rows)
    squares = np.zeros_like(mean)
    for block in _blocks(rows):
        block -= mean
        squares += np.einsum("nf,nf->f", block, block)
    return mean, np.sqrt(squares / len(rows))


def _blocks(rows: Array) -> Iterator[Array]:
    height = max(1, BLOCK // rows.shape[1])
    for start in range(0, len(rows), height):
        yield rows[start : start + height].astype(np.float64)


def _reciprocal(spread: Array) -> Array:
    """1 / spread, and 1 where there is no spread (or less than rounding makes)."""
    flat = spread <= 1e-12 * max(1.0, float(spread.max(initial=0.0)))
    return 1 / np.where(flat, 1, spread)
