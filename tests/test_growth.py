"""The benchmark of growth: its slopes are those of curves whose growth is known."""

from __future__ import annotations

import importlib
import math
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "benchmarks"))
growth = importlib.import_module("growth")

SIZES = [10, 20, 40, 80]


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_the_slope_of_a_known_growth(power: float) -> None:
    """Above a start-up that costs more than all sizes."""
    costs = [100.0 + 0.1 * (size - SIZES[0]) ** power for size in SIZES]
    assert growth.slope(SIZES, costs) == pytest.approx(power)
    quadratic = growth.slope(SIZES, [100.0 + size**2 for size in SIZES])
    assert quadratic == pytest.approx(math.log(6300 / 1500) / math.log(70 / 30))


def test_there_is_no_slope_of_costs_that_do_not_grow() -> None:
    assert math.isnan(growth.slope(SIZES, [1.0] * 4))


def test_the_least_of_the_rounds_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    told = {1: [(3.0, 70.0), (2.0, 90.0)], 2: [(5.0, 80.0), (6.0, 75.0)]}

    def cost(command: tuple[str, ...]) -> tuple[float, float]:
        return told[int(command[0])][int(command[1])] if len(command) == 2 else (9.0, 9.0)

    monkeypatch.setattr(growth, "cost", cost)
    work = growth.Growing((1, 2), made.append, lambda size, number: (str(size), str(number)))
    assert growth.measure(work, 2) == [(1, 2.0, 70.0), (2, 5.0, 75.0)]
    assert made == [1, 2]
