"""Products of matrices, cut into pieces where the pieces are faster than the whole.

OpenBLAS copies ("packs") its operands before it multiplies, which pays for large matrices. Where
its processor-specific part has kernels for small ones, which do without, they take up to a third
less time as long as a product has at most a million multiplications; NumPy hands them a stack of
pieces one by one.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.blas import has_small_kernels

SMALL = 1_000_000
"""Multiplications up to which OpenBLAS takes the kernels for small matrices."""
FEW, MANY = 5, 64
"""A second matrix of so few rows, transposed in memory, is sooner copied than read by so many."""
SHORTEST = 8
"""Pieces with fewer rows would read the second matrix too often."""
LARGEST = (SMALL, 64)
"""Rows and columns of a piece: as many columns of the second matrix stay in the nearest cache."""
LARGEST_TRANSPOSED = (64, 16)
"""The same where the second matrix is transposed in memory."""


def matmul(a: Array, b: Array, out: Array) -> Array:
    """a b for matrices, or stacks of them: (..., rows, inner) and (..., inner, columns)."""
    rows, inner = a.shape[-2:]
    columns = b.shape[-1]
    small = rows * inner * columns <= SMALL
    if 1 < inner <= FEW and rows >= MANY and b.strides[-1] != b.itemsize:
        b = np.ascontiguousarray(b)
    if (inner == 1 or (small and rows > 1 < columns)) and is_plain(a, b, out):
        return a.dot(b, out=out)
    if small:
        return np.matmul(a, b, out=out)
    largest = LARGEST if b.strides[-1] == b.itemsize else LARGEST_TRANSPOSED
    high, wide = size_of_a_piece(rows, inner, columns, largest)
    if high == rows and wide == columns:
        return np.matmul(a, b, out=out)
    stack = a.shape[:-2]
    # All along the stack: a piece of b times every piece of a, then the next of b.
    above = a.reshape(*stack, 1, -1, high, inner)
    beside = b.reshape(*stack, inner, -1, 1, wide).swapaxes(-4, -3).swapaxes(-3, -2)
    pieces = out.reshape(*stack, -1, high, columns // wide, wide)
    np.matmul(above, beside, out=pieces.swapaxes(-3, -2).swapaxes(-4, -3))
    return out


def is_plain(a: Array, b: Array, out: Array) -> bool:
    """Whether `dot` may multiply them: it makes the same call of BLAS, with less ado.

    Of one sample it makes an outer product. A single row or column it would add up in another order
    than np.matmul does.
    """
    return out.ndim == 2 and a.dtype is b.dtype is out.dtype and out.flags.c_contiguous


@cache
def size_of_a_piece(
    rows: int, inner: int, columns: int, largest: tuple[int, int] = LARGEST
) -> tuple[int, int]:
    """Rows and columns of the pieces to compute one by one; the whole where that is best."""
    if rows * inner * columns <= SMALL or not has_small_kernels():
        return rows, columns
    wide = largest_divisor(columns, largest[1])
    high = largest_divisor(rows, min(largest[0], SMALL // (inner * wide)))
    return (high, wide) if high >= SHORTEST and wide >= SHORTEST else (rows, columns)


def largest_divisor(number: int, most: int) -> int:
    """The largest divisor of a number that is at most ``most``; 0 if ``most`` is."""
    return next((n for n in range(min(number, most), 0, -1) if number % n == 0), 0)
