"""A loss or a metric over the epochs, of one run or of several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nnfs_cli.formatting import is_fraction
from nnfs_cli.nn.metric import higher_is_better
from nnfs_cli.reports.plots.canvas import End, label_ends, new_figure, printable, shown
from nnfs_cli.reports.plots.conclusions import (
    SPLITS,
    History,
    best_row,
    measured,
    of_figure,
    of_several,
)
from nnfs_cli.reports.plots.theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 30.0
"""A loss that falls by such a factor is drawn on a logarithmic scale."""
HUGE = 1e100
"""Values beyond are not drawn: no axis has room for them."""
MAX_RUNS = 12
"""So many of several runs are coloured and named, the best ones; others are faint."""


def figure_of(
    theme: Theme, history: History, name: str, about: str, kept: int | None = None
) -> Figure:
    """One figure of a run: training and validation, and the best epoch of what is measured.

    ``kept`` is the epoch of best.npz.
    """
    figure, axes = new_figure(theme, printable(of_figure(history, name)), about)
    colours = {"train": theme.training, "val": theme.validation}
    there = {f"{split}_{name}": split for split in SPLITS if f"{split}_{name}" in history[0]}
    lines = {column: values(history, column) for column in there}
    scale_axes(axes, history, name, [*lines.values()])
    ends = []
    for column, split in there.items():
        line = draw_line(axes, history, lines[column], colours[split])
        ends += [End(*line, SPLITS[split], colours[split])] if line else []
    if kept is not None and len(history) > 1:
        axes.axvline(kept, color=theme.faint, linewidth=1, linestyle=":", zorder=1)
        axes.annotate(
            "best.npz", (kept, 1), xycoords=("data", "axes fraction"), xytext=(3, -8),
            textcoords="offset points", fontsize=7.5, color=theme.faint,
        )  # fmt: skip
    mark_best(axes, theme, history, measured(history[0], name))
    label_ends(axes, ends, 3.0)
    return figure


def of_runs(theme: Theme, histories: Mapping[str, History], name: str, about: str) -> Figure:
    """The same figure of several runs, a line each; ``histories`` are by what the runs are called.

    It is that of the validation samples, unless a run has none.
    """
    split = "val" if all(f"val_{name}" in rows[0] for rows in histories.values()) else "train"
    column = f"{split}_{name}"
    ranked = sorted(histories, key=lambda run: rank(histories[run], column))
    what = f"{SPLITS[split]} {name}"
    title = of_several(what, ranked[0], histories[ranked[0]], column)
    figure, axes = new_figure(theme, printable(title), about, size=(8.0, 4.6))
    lines = {run: values(histories[run], column) for run in ranked}
    longest = max(histories.values(), key=len)
    scale_axes(axes, longest, name, [*lines.values()])
    axes.set_ylabel(f"{shown(what)}{' (log scale)' if axes.get_yscale() == 'log' else ''}")
    ends = []
    for number, run in reversed([*enumerate(ranked)]):
        colour = theme.colour(number) if number < MAX_RUNS else theme.faint
        end = draw_line(axes, histories[run], lines[run], colour)
        mark_best(axes, theme, histories[run], column, colour, words=False)
        ends += [End(*end, shown(run), colour)] if end and number < MAX_RUNS else []
    label_ends(axes, ends, 3.0)
    return figure


def rank(history: History, column: str) -> float:
    """Lower is better; runs without a value come last."""
    best = best_row(history, column)
    if best is None:
        return math.inf
    return -best[column] if higher_is_better(column) else best[column]


def values(history: History, column: str) -> list[float]:
    """A column as it can be drawn: a gap where it is not finite."""
    return [row[column] if abs(row[column]) < HUGE else math.nan for row in history]


def scale_axes(axes: Axes, history: History, name: str, lines: Sequence[Sequence[float]]) -> None:
    """Name the axes, and choose a logarithmic one for a loss that falls far."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    known = [value for line in lines for value in line if not math.isnan(value)]
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel(shown(name), parse_math=False)
    if is_fraction(name) and known and min(known) >= 0 and max(known) <= 1:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    axes.margins(y=0.12)
    if not higher_is_better(name) and known and min(known) > 0 and max(known) > WIDE * min(known):
        log_scale(axes)
        axes.set_ylabel(f"{shown(name)} (log scale)", parse_math=False)
    if history:
        first, last = history[0]["epoch"], history[-1]["epoch"]
        room = 0.02 * (last - first) or 0.5
        axes.set_xlim(first - room, last + room)


def log_scale(axes: Axes) -> None:
    """A logarithmic scale with plain numbers."""
    from matplotlib.ticker import FuncFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def draw_line(
    axes: Axes, history: History, line: Sequence[float], colour: str
) -> tuple[float, float] | None:
    """Draw values over their epochs; returns the last point, None if there is none."""
    known = [(row["epoch"], y) for row, y in zip(history, line, strict=True) if not math.isnan(y)]
    dots = "o" if len(known) < 2 else None
    axes.plot([row["epoch"] for row in history], line, color=colour, marker=dots, zorder=3)
    return known[-1] if known else None


def mark_best(
    axes: Axes, theme: Theme, history: History, column: str, colour: str = "", words: bool = True
) -> None:
    """A dot on the best epoch of a line."""
    best = best_row(history, column)
    if best is None or abs(best[column]) >= HUGE:
        return
    colour = colour or (theme.training if column.startswith("train_") else theme.validation)
    place = (best["epoch"], best[column])
    axes.plot(
        *place, "o", color=colour, markersize=7, markeredgecolor=theme.ground,
        markeredgewidth=1.5, zorder=4, gid="best",
    )  # fmt: skip
    if words and best is not history[-1]:
        above = higher_is_better(column)
        axes.annotate(
            f"epoch {best['epoch']:.0f}", place, xytext=(0, 8 if above else -8),
            textcoords="offset points", ha="center", va="bottom" if above else "top",
            color=colour, fontsize=8.5,
        )  # fmt: skip
