"""Losses, metrics, times and cells as people read them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from nnfs_cli.formatting import (
    cell_text,
    cut,
    duration,
    figure,
    interval_text,
    number,
    percent,
    significant,
    some,
)
from nnfs_cli.statistics import Estimate, estimate


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0.04, "0.0 s"), (21.6, "21.6 s"), (99.94, "99.9 s"), (99.96, "1:40"), (185, "3:05")),
        *((3599.4, "59:59"), (3600, "1:00:00"), (3725, "1:02:05"), (360_000, "100:00:00")),
    ],
)
def test_times(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, ""), (math.nan, "-"), (math.inf, "-"), (0.5, "0.5000"), (1234567, "1,234,567")),
        *((-3, "-3"), ("word", "word"), (1e12, "1e+12")),
    ],
)
def test_cells(value: Any, text: str) -> None:
    assert cell_text(value) == text


def test_figures_by_their_name() -> None:
    assert figure("accuracy", 0.98314) == figure("top_3", 0.98314) == "98.31 %"
    assert figure("loss", 0.98314) == figure("r2", 0.98314) == "0.9831"
    assert percent(math.nan) == figure("roc_auc", math.nan) == figure("r2", math.nan) == "undefined"
    assert figure("loss", math.nan) == "nan"
    assert number(-12345678.9) == "-1.23457e+07"
    assert number(-123456.789) == "-123456.7890"
    assert [significant(v) for v in (0.012344, 123.44, 12346.0, 0.1, 9.9996)] == [
        "0.01234", "123.4", "1.235e4", "0.1000", "10.00",
    ]  # fmt: skip


def test_what_is_too_long_fills_the_room_and_says_that_it_goes_on() -> None:
    for room in (4, 40, 60):
        assert cut("x" * room, room) == "x" * room
        assert cut("x" * room + "y", room) == "x" * (room - 3) + "..."
    assert some(list("abcdefgh")) == "a, b, c, d, e, f, g, h"
    assert some(list("abcdefghi")) == "a, b, c, d, e, f, g, h, ..."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("test_accuracy", "0.9600 to 1.0000"), ("val_top_3", "0.9600 to 1.0000")),
        *(("roc_auc", "0.9600 to 1.0000"), ("val_loss", "0.9600 to 1.0200")),
        *(("test_r2", "0.9600 to 1.0200"), ("train_mae", "0.9600 to 1.0200")),
    ],
)
def test_the_interval_of_a_fraction_ends_at_one(name: str, text: str) -> None:
    assert interval_text(name, Estimate(0.99, 0.1, 0.96, 1.02, 3)) == text
    assert interval_text("f1", Estimate(0.1, 0.1, -0.1, 0.2, 3)) == "0.0000 to 0.2000"


@pytest.mark.parametrize(
    ("name", "values", "begins"),
    [
        *(("val_loss", (0.0, 0.1, 1.0), "0.0000"), ("test_rmse", (0.1, 2.0), "0.0000")),
        *(("val_loss", (-0.5, 1.0), "-9."), ("test_r2", (0.1, 0.9), "-4."), ("mae", (3, 4), "0.")),
    ],
)
def test_the_interval_of_what_cannot_be_negative_begins_at_zero(
    name: str, values: tuple[float, ...], begins: str
) -> None:
    """A loss of a plugin may be below."""
    assert interval_text(name, estimate(values)).startswith(begins)
    assert interval_text(name, estimate(values[:1])) == interval_text(name, None) == "-"
