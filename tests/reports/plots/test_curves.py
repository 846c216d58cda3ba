"""Curves: what the figures hold is what metrics.csv says."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from nnfs_cli.reports.plots import canvas, class_curves
from nnfs_cli.reports.plots.canvas import spread
from nnfs_cli.reports.plots.curves import figure_of, of_runs
from nnfs_cli.reports.plots.points import reach
from nnfs_cli.reports.plots.theme import Theme

ROWS = [
    {"epoch": n, "train_loss": 2.0 / n, "val_loss": 0.5 + (n - 6) ** 2 / 50}
    for n in range(1, 13)
]  # fmt: skip


def lines(axes: object) -> list[np.ndarray]:
    return [np.asarray(line.get_xydata()) for line in axes.lines]  # type: ignore[attr-defined]


def best_mark(axes: object) -> tuple[float, float]:
    (mark,) = [line for line in axes.lines if line.get_gid() == "best"]  # type: ignore[attr-defined]
    ((x, y),) = mark.get_xydata()
    return float(x), float(y)


def test_lines_and_the_best_epoch(theme: Theme) -> None:
    axes = figure_of(theme, ROWS, "loss", "about", kept=9).axes[0]
    train, val, *_ = lines(axes)
    assert train.tolist() == [[row["epoch"], row["train_loss"]] for row in ROWS]
    assert val.tolist() == [[row["epoch"], row["val_loss"]] for row in ROWS]
    assert best_mark(axes) == (6.0, 0.5)
    texts = [text.get_text() for text in axes.texts]
    assert {"training", "validation", "epoch 6", "best.npz"} == {*texts}
    assert axes.get_legend() is None
    kept = [line for line in lines(axes) if len(line) == 2 and (line[:, 0] == 9).all()]
    assert kept


def test_what_is_not_finite_is_a_gap(theme: Theme) -> None:
    rows = [row | {"val_loss": bad} for row, bad in zip(
        ROWS, [1e308, math.inf, -math.inf, math.nan, *[1.0] * 8], strict=True
    )]  # fmt: skip
    figure = figure_of(theme, rows, "loss", "")
    canvas.drawn(figure, "png", dpi=30)
    drawn = lines(figure.axes[0])[1][:, 1]
    assert np.isnan(drawn[:4]).all()
    assert (drawn[4:] == 1).all()


def test_one_epoch_is_a_dot(theme: Theme) -> None:
    axes = figure_of(theme, ROWS[:1], "loss", "", kept=1).axes[0]
    assert {line.get_marker() for line in axes.lines} == {"o"}


def test_a_loss_that_falls_far_has_a_logarithmic_scale(theme: Theme) -> None:
    assert figure_of(theme, ROWS, "loss", "").axes[0].get_yscale() == "linear"
    far = [{"epoch": n, "train_loss": 10.0**-n} for n in range(1, 5)]
    assert figure_of(theme, far, "loss", "").axes[0].get_yscale() == "log"
    negative = [{"epoch": n, "train_loss": -(10.0**n)} for n in range(1, 5)]
    assert figure_of(theme, negative, "loss", "").axes[0].get_yscale() == "linear"


def test_runs_have_a_line_and_a_name_each(theme: Theme) -> None:
    runs = {
        f"lr={rate}": [{"epoch": n, "train_accuracy": 0.1, "val_accuracy": rate * n / 10}
                       for n in range(1, length)]
        for rate, length in ((0.5, 6), (0.8, 5), (0.2, 12))
    }  # fmt: skip
    figure = of_runs(theme, runs, "accuracy", "3 runs")
    assert figure.get_suptitle() == "Validation accuracy is highest in lr=0.8 (32.00 %, epoch 4)"
    axes = figure.axes[0]
    assert sorted(text.get_text() for text in axes.texts) == sorted(runs)
    drawn = [line for line in axes.lines if line.get_gid() != "best"]
    names = {text.get_text(): text.get_color() for text in axes.texts}
    for name, rows in runs.items():
        (line,) = [line for line in drawn if line.get_color() == names[name]]
        assert line.get_ydata().tolist() == [row["val_accuracy"] for row in rows]


def test_many_runs_name_the_best(theme: Theme) -> None:
    runs = {f"run {n}": [{"epoch": 1, "train_loss": 1.0 + n}] for n in range(40)}
    axes = of_runs(theme, runs, "loss", "").axes[0]
    assert {text.get_text() for text in axes.texts} == {f"run {n}" for n in range(12)}


@pytest.mark.parametrize("places", [[0.5] * 5, [0.1, 0.12, 0.5, 0.9, 0.91], [0.0, 1.0], []])
def test_labels_are_moved_apart(places: list[float]) -> None:
    found = spread(places, 0.05)
    assert len(found) == len(places)
    assert all(b - a >= 0.05 - 1e-9 for a, b in pairwise(found))
    assert np.mean(found or [0]) == pytest.approx(np.mean(places or [0]))


def test_axes_reach_over_all_epochs_of_all_runs(theme: Theme) -> None:
    runs = {
        f"run {length}": [{"epoch": n, "train_loss": 1.0 / n} for n in range(first, length)]
        for first, length in ((1, 6), (1, 30), (2, 4))
    }
    low, high = of_runs(theme, runs, "loss", "").axes[0].get_xlim()
    assert (low, high) == pytest.approx((1 - 0.02 * 28, 29 + 0.02 * 28))
    assert figure_of(theme, ROWS[:1], "loss", "").axes[0].get_xlim() == (0.5, 1.5)


@pytest.mark.parametrize(
    ("name", "values", "shown"),
    [
        ("accuracy", (0.25, 0.75), {0.5: "50%"}),
        ("roc_auc", (0.0, 1.0), {0.5: "50%"}),
        ("accuracy", (0.25, 1.75), {0.5: "0.5"}),
        ("r2", (-0.5, 0.75), {0.5: "0.5"}),
        ("loss", (0.001, 5.0), {0.001: "0.001", 10.0: "10"}),
    ],
)
def test_fractions_are_in_percent_and_others_plain(
    theme: Theme, name: str, values: tuple[float, float], shown: dict[float, str]
) -> None:
    rows = [{"epoch": n, f"val_{name}": value} for n, value in enumerate(values, 1)]
    axes = figure_of(theme, rows, name, "").axes[0]
    canvas.drawn(axes.figure, "png", dpi=30)
    formatter = axes.yaxis.get_major_formatter()
    for value, text in shown.items():
        found = formatter(value)
        assert found == text or float(found) == float(text), found


def test_curves_of_which_nothing_is_a_number_have_axes_too() -> None:
    nothing = np.full((2, 5), np.nan)
    assert class_curves.limits(nothing) == (0.0, 1.0)
    assert class_curves.limits(np.array([[0.25, np.nan, 4.0], [0.5, np.inf, -1.0]])) == reach(
        np.array([-1.0, 4.0])
    )
