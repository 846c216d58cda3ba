"""Curves as text: a chart of several, and a line of blocks for one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from nnfs_cli.formatting import significant

MARKS, ASCII_MARKS = "·•", ".o"
BLOCKS, ASCII_BLOCKS = "▁▂▃▄▅▆▇█", "_.-=+*#@"
AXIS = 9
"""Columns of the numbers beside a chart."""


def chart(
    curves: Mapping[str, Sequence[float]], width: int, height: int, ascii_only: bool = False
) -> list[str]:
    """Up to two curves over the same epochs, each at its end called by its name.

    The upper line stands for the largest value, the lowest for the smallest; a column for one
    epoch, or for the mean of some where there are more epochs than columns.
    """
    names = sum(len(name) + 3 for name in curves)  # they may all end in one line
    across = max(width - AXIS - 1 - names, 4)
    points = {name: resampled(values, across) for name, values in curves.items()}
    finite = [value for values in points.values() for value in values if math.isfinite(value)]
    if not finite:
        return []
    low, high = min(finite), max(finite)
    grid = [[" "] * across for _ in range(height)]
    ends: dict[int, list[str]] = {}
    marks = ASCII_MARKS if ascii_only else MARKS
    for mark, (name, values) in zip(marks, points.items(), strict=False):
        row = height - 1
        for column, value in enumerate(values):
            if math.isfinite(value):
                row = height - 1 - round((value - low) / ((high - low) or 1.0) * (height - 1))
                grid[row][column] = mark
        ends.setdefault(row, []).append(f"{mark} {name}")
    return [_line(number, row, grid, ends, (low, high)) for number, row in enumerate(grid)]


def _line(
    number: int,
    row: list[str],
    grid: list[list[str]],
    ends: dict[int, list[str]],
    limits: tuple[float, float],
) -> str:
    label = significant(limits[1]) if number == 0 else ""
    label = significant(limits[0]) if number == len(grid) - 1 else label
    return f"{label:>{AXIS}} {''.join(row)} {' '.join(ends.get(number, []))}".rstrip()


def blocks(values: Sequence[float], width: int, ascii_only: bool = False) -> str:
    """One curve as a line of blocks, from its smallest to its largest value."""
    points = resampled(values, width)
    finite = [value for value in points if math.isfinite(value)]
    if not finite:
        return ""
    low, spread = min(finite), (max(finite) - min(finite)) or 1.0
    shades = ASCII_BLOCKS if ascii_only else BLOCKS
    return "".join(
        shades[round((value - low) / spread * (len(shades) - 1))] if math.isfinite(value) else " "
        for value in points
    )


def resampled(values: Sequence[float], width: int) -> list[float]:
    """At most so many values: the means of stretches as equal as can be."""
    if len(values) <= width:
        return list(values)
    edges = [round(place * len(values) / width) for place in range(width + 1)]
    return [math.fsum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
