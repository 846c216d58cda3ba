"""Charts: round ticks, values in their places, gaps, and never too many points."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import numpy as np
import pytest

from nnfs_cli.reports.pages.charts import (
    HEIGHT,
    MAX_POINTS,
    WIDTH,
    Axis,
    Line,
    axis_of,
    line_chart,
    thinned,
)  # fmt: skip


def corners(chart: str) -> list[list[float]]:
    (path,) = re.findall(r'<path class="line"[^>]* d="([^"]*)"', chart)
    return [[float(n) for n in point.split()] for point in re.split("[ML]", path)[1:]]


@pytest.mark.parametrize("seed", range(20))
def test_ticks_are_round_and_on_the_axis(seed: int) -> None:
    generator = np.random.default_rng(seed)
    log = bool(seed % 2)
    low = float(10 ** generator.uniform(-6, 4))
    axis = Axis(low, low * float(10 ** generator.uniform(0.5, 6)), log)
    ticks = axis.ticks()
    assert 1 < len(ticks) <= 11
    assert all(axis.low <= tick * (1 + 1e-9) and tick <= axis.high * (1 + 1e-9) for tick in ticks)
    if log:
        firsts = {f"{tick:.0e}"[0] for tick in ticks}
        assert firsts <= {"1", "2", "5"}
    else:
        steps = np.diff(ticks)
        assert steps == pytest.approx([steps[0]] * len(steps))
        assert f"{steps[0]:.0e}"[0] in "125"


def test_a_line_goes_through_its_values() -> None:
    ys = [1.0, 3.0, 2.0]
    points = corners(line_chart("t", [Line("a", [1, 2, 3], ys, "train")], ""))
    assert len({round(b[0] - a[0]) for a, b in pairwise(points)}) == 1
    heights = [HEIGHT - point[1] for point in points]
    assert (heights[2] - heights[0]) / (heights[1] - heights[0]) == pytest.approx(0.5, abs=0.01)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_a_logarithmic_line() -> None:
    points = corners(
        line_chart("t", [Line("", [1, 2, 3, 4], [1.0, 10, 0, 100], "train")], "", log=True)
    )
    assert len(points) == 3, "zero has no place"
    assert points[0][1] - points[1][1] == pytest.approx(points[1][1] - points[2][1], abs=0.2)


def test_what_is_not_finite_is_a_gap() -> None:
    ys = [1.0, math.nan, 2.0, math.inf, 1e200, 3.0, 4.0]
    chart = line_chart("<t>", [Line("a&b", [*range(7)], ys, "train")], "")
    assert len(corners(chart)) == 4
    assert chart.count("M") - chart.count('class="grid" d="M') == 3
    assert "nan" not in chart
    assert "<t>" not in chart
    assert "a&amp;b" in chart
    assert line_chart("t", [Line("a", [1], [math.nan], "train")], "") == ""


def test_a_long_line_keeps_its_extremes() -> None:
    ys = np.random.default_rng(0).normal(size=20_000).tolist()
    ys[777], ys[15_000], ys[300] = 99.0, -99.0, math.nan
    kept = thinned(ys)
    assert len(kept) <= MAX_POINTS + 2
    assert {0, 777, 15_000, 19_999} <= {*kept}
    assert kept == sorted(kept)
    assert thinned([1.0, 2.0]) == [0, 1]


def test_an_axis_of_one_value() -> None:
    for value in (0.0, 5.0, -2.0):
        axis = axis_of([value])
        assert axis.low < value < axis.high
        assert axis.ticks()


@pytest.mark.parametrize(
    ("low", "high", "fractions"),
    [
        (3.2e17, 5.2e17, False),
        (-4.5e-13, 1e-13, False),
        (1_234_567.001, 1_234_567.002, False),
        (0.99991, 0.99996, True),
        (0.5, 1.0, True),
        (1e-7, 3e-7, True),
    ],
)
def test_labels_are_whole_and_differ(low: float, high: float, fractions: bool) -> None:
    """A label that is cut off, or rounded to the same as its neighbour, tells a wrong value."""
    lines = [Line("a", [1, 2], [low, high], "train")]
    chart = line_chart("t", lines, "", fractions=fractions)
    (left,) = [float(n) for n in re.findall(r'viewBox="(\S+) 0 ', chart)]
    found = re.findall(r'<text x="(\S+)" y="\S+" text-anchor="end">([^<]*)</text>', chart)
    ticks = axis_of([low, high]).ticks()
    step = ticks[1] - ticks[0]
    for tick, (end, label) in zip(ticks, found, strict=True):
        assert float(end) - 7.7 * len(label) >= left, "7.7: of a digit in the widest usual font"
        value = float(label.removesuffix("%")) / (100 if fractions else 1)
        assert value == pytest.approx(tick, abs=step / 3)
    assert len({label for _, label in found}) == len(found)


@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 400])
def test_epochs_are_whole(epochs: int) -> None:
    ys = np.linspace(1, 2, epochs).tolist()
    chart = line_chart("t", [Line("a", range(1, epochs + 1), ys, "train")], "")
    found = re.findall(r'text-anchor="middle">([^<]*)</text>', chart)
    assert found.pop() == "epoch"
    assert found
    assert all(0 <= int(label) <= epochs for label in found)
