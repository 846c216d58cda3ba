"""Sums as products with ones."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.compute.sums import all_finite, column_sums, ones, row_sums


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (200, 7), (0, 4)])
def test_they_are_the_sums(shape: tuple[int, int], dtype: type) -> None:
    rows = np.random.default_rng(0).integers(-9, 10, shape).astype(dtype)
    assert column_sums(rows).tolist() == rows.sum(axis=0).tolist()
    assert row_sums(rows).tolist() == rows.sum(axis=1).tolist()
    out = np.empty(shape[1], dtype)
    assert column_sums(rows, out=out) is out
    assert column_sums(rows).dtype == row_sums(rows).dtype == dtype


def test_the_ones_stay_ones() -> None:
    with pytest.raises(ValueError, match="read-only"):
        ones(3, np.dtype(np.float32))[0] = 2.0


def test_rows_of_any_array_lie_along_the_last_axis() -> None:
    rows = np.random.default_rng(0).integers(-9, 10, (2, 3, 4, 5)).astype(np.float32)
    assert row_sums(rows).tolist() == rows.sum(axis=-1).tolist()


@pytest.mark.parametrize("shape", [(0,), (7,), (3, 5), (4, 1000)])
@pytest.mark.parametrize("others", [[], [3e38, -3e38], [1e-45, 1e-30]])
@pytest.mark.parametrize("odd", [0.0, np.inf, -np.inf, np.nan])
def test_one_number_that_is_not_finite_is_found(
    shape: tuple[int, ...], others: list[float], odd: float
) -> None:
    numbers = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    numbers.reshape(-1)[: len(others)] = others[: numbers.size]
    numbers.reshape(-1)[-1:] = odd
    assert all_finite(numbers) == bool(np.isfinite(numbers).all())
    assert all_finite(np.ones(3), numbers, np.ones(2)) == all_finite(numbers)
