"""A heat map of two keys: the mean of a metric at each pair of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnfs_cli.reports.plots.canvas import new_figure, printable, shown
from nnfs_cli.reports.plots.conclusions import value_text
from nnfs_cli.reports.plots.confusion import LUMA
from nnfs_cli.reports.plots.key_values import Trials, bins_of, short_names
from nnfs_cli.reports.plots.theme import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_VALUES = 30
"""Of a key: more have no room."""


def figure_of(theme: Theme, trials: Trials, across: str, up: str, about: str) -> Figure | None:
    """Better is darker; None where a key has too many values, or too few pairs were tried."""
    (columns, names), (rows, others) = bins_of(trials.values[across]), bins_of(trials.values[up])
    if max(len(names), len(others)) > MAX_VALUES:
        return None
    cells: list[list[list[float]]] = [[[] for _ in names] for _ in others]
    for column, row, value in zip(columns, rows, trials.found, strict=True):
        cells[row][column].append(value)
    means = np.array([[np.mean(own) if own else np.nan for own in row] for row in cells])
    best = np.nanargmax(means) if trials.is_growing else np.nanargmin(means)
    row, column = divmod(int(best), len(names))
    most = "highest" if trials.is_growing else "lowest"
    named = short_names([*trials.values])
    place = f"{named[across]}={names[column]}, {named[up]}={others[row]}"
    title = (
        f"{trials.metric} is {most} at {place} ({value_text(trials.metric, means[row, column])})"
    )
    size = (2.6 + 0.75 * len(names), 1.9 + 0.5 * len(others))
    figure, axes = new_figure(
        theme, printable(title), f"means; {about}", size=(max(size[0], 5.5), max(size[1], 3.2))
    )
    good = means if trials.is_growing else -means
    ranks = (good - np.nanmin(good)) / ((np.nanmax(good) - np.nanmin(good)) or 1.0)
    colours = theme.shades(theme.training)(np.nan_to_num(0.05 + 0.9 * ranks))
    axes.imshow(colours, aspect="auto", origin="lower")
    for y, x in np.argwhere(~np.isnan(means)).tolist():
        ink = "black" if colours[y, x, :3] @ LUMA > 0.5 else "white"
        text = value_text(trials.metric, float(means[y, x]))
        axes.text(x, y, text, ha="center", va="center", color=ink, fontsize=8)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    turned = 90 if sum(map(len, names)) > 9 * size[0] else 0
    axes.set_xticks(range(len(names)), map(shown, names), parse_math=False, rotation=turned)
    axes.set_yticks(range(len(others)), map(shown, others), parse_math=False)
    axes.set_xlabel(shown(across), parse_math=False)
    axes.set_ylabel(shown(up), parse_math=False)
    return figure
