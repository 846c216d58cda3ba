"""Numbers of a tensor as lines of text: small ones whole, large ones as a summary and a corner."""

from __future__ import annotations

import math
from textwrap import wrap

import numpy as np

from nnfs_cli.compute.arrays import Array, shape_text

MAX_WHOLE = 64
"""Numbers of a tensor that is shown whole."""
CORNER = (3, 4)
"""Rows and columns of a large tensor that are shown."""
INDENT = "  "
CELL = 13
"""Columns that a number takes."""


def tensor_lines(name: str, array: Array, width: int | None = None) -> list[str]:
    """``name (shape)``, then the numbers to six digits, in lines of at most ``width`` columns."""
    head = f"{INDENT}{name} ({shape_text(array.shape)})" if array.ndim else f"{INDENT}{name}"
    if array.size <= 1:
        return [f"{head} = {digits(float(array.reshape(-1)[0]))}" if array.size else head]
    if array.size <= MAX_WHOLE:
        return [head, *_rows(_matrix(array), width)]
    corner = _matrix(array)[: CORNER[0], : CORNER[1]]
    return [head, *_summary_lines(array, width), *_rows(corner, width, " ..."), f"{INDENT * 2}..."]


def digits(value: float) -> str:
    """Six digits that count."""
    if value == 0:
        return "0"
    return f"{value:.6g}" if math.isfinite(value) else str(value)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # the numbers show it
def summary(array: Array) -> dict[str, float]:
    """``min``, ``mean``, ``max``, ``std``, ``norm`` (Euclidean) and the fraction of ``zeros``."""
    return {
        "min": float(array.min()),
        "mean": float(array.mean()),
        "max": float(array.max()),
        "std": float(array.std()),
        "norm": float(np.linalg.norm(array)),
        "zeros": float(np.count_nonzero(array == 0) / array.size),
    }


@np.errstate(over="ignore", invalid="ignore")
def stretched(pixels: Array) -> Array:
    """Numbers from 0, their smallest, to 1, their largest; NaN is 0, and infinity the end."""
    low, high = limits(pixels)
    return np.clip(np.nan_to_num((pixels - low) / ((high - low) or 1.0)), 0.0, 1.0)


def limits(array: Array) -> tuple[float, float]:
    """The smallest and the largest finite number; zeros if there is none."""
    finite = array[np.isfinite(array)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _summary_lines(array: Array, width: int | None) -> list[str]:
    figures = summary(array)
    zeros = f"zeros {100 * figures.pop('zeros'):.3g} %"
    texts = [*(f"{name} {digits(value)}" for name, value in figures.items()), zeros]
    within = (width or 10_000) - 2 * len(INDENT)
    return [INDENT * 2 + line for line in wrap(",  ".join(texts), max(within, 20))]


def _matrix(array: Array) -> Array:
    """The array as rows along its last axis."""
    return array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)


def _rows(matrix: Array, width: int | None, more: str = "") -> list[str]:
    """Aligned rows, each broken where a line would be too long."""
    across = max(1, ((width or 10_000) - 2 * len(INDENT) - len(more)) // CELL)
    lines = []
    for row in matrix:
        cells = [digits(float(value)).rjust(CELL) for value in row]
        parts = ["".join(cells[at : at + across]) for at in range(0, len(cells), across)]
        lines += [INDENT * 2 + part for part in parts]
        lines[-1] += more
    return lines
