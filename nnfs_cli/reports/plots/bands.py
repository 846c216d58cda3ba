"""Several trainings of one config as a band: mean, lowest and highest value at each epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnfs_cli.reports.plots.canvas import End, label_ends, new_figure, printable, shown
from nnfs_cli.reports.plots.conclusions import SPLITS, History, of_several
from nnfs_cli.reports.plots.curves import MAX_RUNS, draw_line, rank, scale_axes, values
from nnfs_cli.reports.plots.theme import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Band:
    """Over the epochs that all of ``count`` trainings have."""

    epochs: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]
    count: int


def band_of(histories: Sequence[History], column: str) -> Band | None:
    """The band of a column; where a value is not finite the band has a gap. None of no training."""
    known = [rows for rows in histories if rows and column in rows[0]]
    if not known:
        return None
    length = min(map(len, known))
    epochs = [row["epoch"] for row in known[0][:length]]
    columns = [[rows[at][column] for rows in known] for at in range(length)]
    means = [math.fsum(v) / len(v) if all(map(math.isfinite, v)) else math.nan for v in columns]
    lows, highs = [min(each) for each in columns], [max(each) for each in columns]
    return Band(epochs, means, lows, highs, len(known))


def figure_of(theme: Theme, bands: Mapping[str, Band], column: str, about: str) -> Figure:
    """A line for each config, the mean of its trainings, and their range as a band."""
    split, _, name = column.partition("_")
    rows = {
        label: [{"epoch": e, column: y} for e, y in zip(band.epochs, band.mean, strict=True)]
        for label, band in bands.items()
    }
    ranked = sorted(bands, key=lambda label: rank(rows[label], column))
    what = f"{SPLITS[split]} {name}"
    title = of_several(what, ranked[0], rows[ranked[0]], column, "mean ")
    told = f"mean and range {about}"
    figure, axes = new_figure(theme, printable(title), told, size=(8.0, 4.6))
    drawn = ranked[:MAX_RUNS]
    edges = [edge for label in drawn for edge in (bands[label].low, bands[label].high)]
    scale_axes(axes, max(rows.values(), key=len), name, edges)
    axes.set_ylabel(f"{shown(what)}{' (log scale)' if axes.get_yscale() == 'log' else ''}")
    ends = []
    for number, label in reversed([*enumerate(ranked)]):
        colour = theme.colour(number) if number < MAX_RUNS else theme.faint
        band = bands[label]
        if number < MAX_RUNS and band.count > 1:
            axes.fill_between(band.epochs, band.low, band.high, color=colour, alpha=0.18, lw=0)
        end = draw_line(axes, rows[label], values(rows[label], column), colour)
        ends += [End(*end, shown(label), colour)] if end and number < MAX_RUNS else []
    label_ends(axes, ends, 3.0)
    return figure
