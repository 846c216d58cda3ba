"""Parallel coordinates: a line for each run, through its values of all keys to its metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnfs_cli.reports.plots.canvas import new_figure, printable, shown
from nnfs_cli.reports.plots.conclusions import value_text
from nnfs_cli.reports.plots.key_values import Trials, scale_of, short_names
from nnfs_cli.reports.plots.theme import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_KEYS = 9
MAX_LINES = 1_000
"""Runs that are drawn, the best ones."""
BEST = 0.1
"""The fraction of the runs, at least one, that is drawn in the colour of the best."""


def figure_of(theme: Theme, trials: Trials, keys: list[str], about: str) -> Figure:
    """The better half in shades of one colour, the best on top."""
    keys = keys[:MAX_KEYS]
    scales = [scale_of(trials.values[key]) for key in keys]
    last = scale_of(trials.found)
    best = trials.best
    value = value_text(trials.metric, trials.found[best])
    title = (
        f"best of {len(trials.found):,} runs: {trials.told(best, keys)} ({trials.metric} {value})"
    )
    size = (max(2.0 + 1.35 * len(keys), 6.5), 4.4)
    figure, axes = new_figure(theme, printable(title), about, size=size)
    sign = -1 if trials.is_growing else 1
    ranked = sorted(range(len(trials.found)), key=lambda at: sign * trials.found[at])[:MAX_LINES]
    shades, golden = theme.shades(theme.training), max(round(BEST * len(ranked)), 1)
    for place, at in reversed([*enumerate(ranked)]):
        among = 1 - place / max(len(ranked) - 1, 1)
        colour = theme.validation if place < golden else shades(0.15 + 0.75 * among)
        ys = [scale.places[at] for scale in scales] + [last.places[at]]
        axes.plot(
            range(len(ys)), ys, color=colour, alpha=0.9, linewidth=1.6 if place < golden else 1
        )
    for x, scale in enumerate([*scales, last]):
        axes.axvline(x, color=theme.faint, linewidth=1, zorder=1)
        for height, text in scale.ticks:
            axes.annotate(
                shown(text), (x, height), xytext=(4, 0), textcoords="offset points", fontsize=7.5,
                va="center", color=theme.ink, parse_math=False, zorder=5,
                bbox={"facecolor": theme.ground, "alpha": 0.7, "linewidth": 0, "pad": 1},
            )  # fmt: skip
    named = short_names([*trials.values])
    names = [*(named[key] for key in keys), trials.metric]
    axes.set_xticks(range(len(names)), map(shown, names), parse_math=False)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.margins(x=0.02)
    axes.set_xlim(-0.1, len(names) - 0.5)
    return figure
