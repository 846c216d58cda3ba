"""Weights of samples: what each counts for in the loss and in the metrics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.arrays import is_finite
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.tables.cell_faults import at
from nnfs_cli.data.tables.cells import has_decimal_commas
from nnfs_cli.data.tables.columns import Column, match, numbers
from nnfs_cli.data.tables.table import Table
from nnfs_cli.errors import DataError

HINT = "a weight is 0 or more: 0 leaves a sample out, 2 counts it twice"
LEAST = 1e-30
"""Above 0: a mean by weights that are smaller is no number of float32."""
TOO_SMALL = "multiply all weights by as much, or make it 0"


def weights_of_rows(columns: Sequence[Column], table: Table) -> Array | None:
    """The column of weights as float32 (N,); None if there is none.

    Raises DataError with row and column for what is no weight.
    """
    for column, position in zip(columns, match(list(columns), table), strict=True):
        if not column.get("weight") or position is None:
            continue
        commas = table.cells.dtype == object and has_decimal_commas({*table.texts(position)})
        values = numbers(table, position, "," if commas else None, HINT)
        negative = np.flatnonzero(values < 0)
        if len(negative):
            row = int(negative[0])
            raise at(table, row, position, f"{values[row]:g} is a negative weight", HINT)
        tiny = np.flatnonzero(is_tiny(values))
        if len(tiny):
            row = int(tiny[0])
            raise at(table, row, position, f"{values[row]:g} is too small a weight", TOO_SMALL)
        return values.astype(np.float32)
    return None


def as_weights(given: Array, count: int, name: str) -> Array:
    """An array of weights as float32 (N,). Raises DataError for what is no weight."""
    weights = given.reshape(-1) if given.ndim == 2 and given.shape[1] == 1 else given
    if weights.shape != (count,) or weights.dtype.kind not in "biuf":
        raise DataError(
            f"{name} is {given.dtype} of shape {given.shape}", f"give {count:,} numbers, one each"
        )
    wrong = np.flatnonzero(~(is_finite(weights) & (weights >= 0)))
    if len(wrong):
        value = f"{name}[{wrong[0]}] is {weights[wrong[0]]:g}"
        if np.isfinite(weights[wrong[0]]) and weights[wrong[0]] > 0:
            raise DataError(f"{value}, which float32 cannot hold", "divide all weights by as much")
        raise DataError(f"{value}, which is no weight", HINT)
    tiny = np.flatnonzero(is_tiny(weights))
    if len(tiny):
        value = f"{name}[{tiny[0]}] is {weights[tiny[0]]:g}"
        raise DataError(f"{value}, which is too small a weight", TOO_SMALL)
    return weights.astype(np.float32)


def is_tiny(weights: Array) -> Array:
    """Which of them are so small that the arithmetic of float32 loses them, but not 0."""
    tiny: Array = (weights > 0) & (weights < LEAST)
    return tiny


def require_some_weight(splits: dict[str, Samples]) -> None:
    """Raise DataError for a split of which no sample has a weight above 0."""
    for name, samples in splits.items():
        if samples.weights is not None and not samples.weights.any():
            raise DataError(
                f"all {len(samples):,} {name} samples have the weight 0",
                "give some of them a weight above 0",
            )
