"""The penalty of weight decay and l1 at the end of every epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnfs_cli.formatting import significant
from nnfs_cli.nn.optimizer import PENALTY
from nnfs_cli.reports.plots.canvas import new_figure
from nnfs_cli.reports.plots.conclusions import History
from nnfs_cli.reports.plots.curves import draw_line, scale_axes, values
from nnfs_cli.reports.plots.theme import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def conclusion(history: History) -> str:
    """How the penalty went, in the words of a title."""
    first, last = history[0][PENALTY], history[-1][PENALTY]
    if len(history) == 1:
        return f"the penalty is {significant(last)} after one epoch"
    return f"the penalty is {significant(first)} after one epoch and ends at {significant(last)}"


def figure_of(theme: Theme, history: History, about: str) -> Figure:
    """The penalty over the epochs."""
    figure, axes = new_figure(theme, conclusion(history), about)
    line = values(history, PENALTY)
    scale_axes(axes, history, PENALTY, [line])
    draw_line(axes, history, line, theme.training)
    return figure
