"""Products in pieces are the products, whatever the sizes and the memory's order."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from nnfs_cli.compute import matmul as products
from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.matmul import (
    LARGEST_TRANSPOSED,
    SMALL,
    largest_divisor,
    matmul,
    size_of_a_piece,
)


@pytest.fixture(autouse=True)
def as_with_small_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "has_small_kernels", lambda: True)
    size_of_a_piece.cache_clear()


def numbers(*shape: int) -> Array:
    return np.random.default_rng(len(shape)).integers(-4, 5, shape).astype(np.float32)


@pytest.mark.parametrize("stack", [(), (3,), (2, 3)])
@pytest.mark.parametrize(
    ("rows", "inner", "columns"),
    [(128, 784, 128), (784, 128, 128), (96, 300, 640), (127, 800, 64), (4, 5, 6), (64, 2000, 10)],
)
def test_the_pieces_are_the_whole(
    stack: tuple[int, ...], rows: int, inner: int, columns: int
) -> None:
    a, b = numbers(*stack, rows, inner), numbers(*stack, inner, columns)
    expected = np.einsum("...ij,...jk->...ik", a.astype(np.float64), b.astype(np.float64))
    out = np.empty((*stack, rows, columns), np.float32)
    assert matmul(a, b, out=out) is out
    np.testing.assert_array_equal(out, expected)  # whole numbers: sums are exact in any order


def test_views_of_every_kind() -> None:
    a, b = numbers(256, 600).T, numbers(256, 300)[:, 100:228]
    expected = a.astype(np.float64) @ b.astype(np.float64)
    whole = np.zeros((600, 3, 128), np.float32)
    matmul(a, b, out=whole[:, 1])
    np.testing.assert_array_equal(whole[:, 1], expected)
    assert not whole[:, [0, 2]].any()
    out = np.empty((600, 128), np.float32)
    np.testing.assert_array_equal(matmul(a, np.asfortranarray(b), out=out), expected)
    a, b = numbers(128, 256), numbers(48, 256).T
    out = np.empty((128, 48), np.float32)
    np.testing.assert_array_equal(matmul(a, b, out=out), a.astype(np.float64) @ b)
    assert size_of_a_piece(128, 256, 48, LARGEST_TRANSPOSED) == (64, 16)


def test_a_piece_is_small_and_divides_the_whole() -> None:
    for rows, inner, columns in [(128, 784, 128), (2048, 144, 16), (60, 5000, 7), (512, 512, 512)]:
        high, wide = size_of_a_piece(rows, inner, columns)
        assert rows % high == 0
        assert columns % wide == 0
        assert high * inner * wide <= SMALL or (high, wide) == (rows, columns)
    assert size_of_a_piece(10, 10, 10) == (10, 10)


def test_without_such_kernels_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "has_small_kernels", lambda: False)
    assert size_of_a_piece(128, 784, 128) == (128, 128)


def test_largest_divisor() -> None:
    assert [largest_divisor(12, most) for most in (0, 1, 5, 7, 12, 99)] == [0, 1, 4, 6, 12, 12]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True)])
def test_small_products_are_the_bytes_of_numpys(turned: tuple[bool, bool], dtype: type) -> None:
    rng = np.random.default_rng(0)
    for rows, inner, columns in product((1, 2, 7, 10, 40), (2, 3, 30, 784), (1, 2, 10, 30)):
        a, b = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
        a, b = (np.asarray(m, dtype, order="CF"[t]) for m, t in zip((a, b), turned, strict=True))
        found = matmul(a, b, out=np.empty((rows, columns), dtype))
        assert found.tobytes() == np.matmul(a, b).tobytes()
