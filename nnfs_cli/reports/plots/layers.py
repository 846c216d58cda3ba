"""What every layer did over a training, as layers.csv tells it: a line for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from nnfs_cli.formatting import percent
from nnfs_cli.reports.plots.canvas import End, label_ends, new_figure, shown
from nnfs_cli.reports.plots.curves import HUGE, log_scale
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.runs.layer_rows import LayerRows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_NAMED = 7
"""Lines of a panel that are named; of more, the first and the last."""


class Panel(NamedTuple):
    """One of the small plots: its title, the figure of layers.csv, and its scale."""

    title: str
    column: str
    logarithmic: bool


PANELS = (
    Panel("norm of the weights", "norm", False),
    Panel("norm of the gradient", "gradient_norm", True),
    Panel("step by weights", "update_ratio", True),
    Panel("std of the outputs", "std", False),
)
IDLE = Panel("dead or saturated fraction", "idle", False)


def figure_of(theme: Theme, rows: LayerRows, about: str) -> Figure | None:
    """The courses of all layers, in panels; None where there is not one measured epoch."""
    panels = [(panel, courses(rows, panel.column)) for panel in PANELS]
    idle = courses(rows, IDLE.column)
    panels = [(panel, found) for panel, found in panels if found]
    if idle:
        panels.append((IDLE, idle))
    if not panels:
        return None
    height = 2.5 * math.ceil(len(panels) / 2) + 0.8
    figure, grid = new_figure(
        theme, conclusion(idle, rows), about, (9.5, height),
        nrows=math.ceil(len(panels) / 2), ncols=2, squeeze=False,
    )  # fmt: skip
    places = grid.flat
    for axes, (panel, found) in zip(places, panels, strict=False):
        _draw(axes, theme, panel, found)
    for axes in grid[-1]:
        axes.set_xlabel("epoch")
    for axes in places[len(panels) :]:
        axes.set_visible(False)
    return figure


Courses = dict[str, list[tuple[int, float]]]
"""Of each layer or parameter, epochs and values."""


def courses(rows: LayerRows, column: str) -> Courses:
    """A column of layers.csv for each layer that has it; biases are left out."""
    found: Courses = {}
    for epoch in sorted(rows):
        for row in rows[epoch]:
            value = (
                row.dead if row.dead is not None else row.saturated
            ) if column == "idle" else getattr(row, column)  # fmt: skip
            if value is not None and not row.name.endswith((".bias", ".beta", ".shift")):
                found.setdefault(row.name, []).append((epoch, value))
    return found


def conclusion(idle: Courses, rows: LayerRows) -> str:
    """The worst of the dead or saturated layers, or that there is none."""
    last = max(rows)
    ends = {name: course[-1][1] for name, course in idle.items()}
    worst = max(ends, key=ends.__getitem__, default=None)
    if worst is None:
        return f"what every layer did until epoch {last}"
    dies = any(row.name == worst and row.dead is not None for row in rows[last])
    if not ends[worst]:
        return f"no unit is {'dead' if dies else 'saturated'} after epoch {last}"
    how = "of the units of {} are dead" if dies else "of the outputs of {} are saturated"
    return f"{percent(ends[worst])} {how.format(shown(worst))} after epoch {last}"


def _draw(axes: Axes, theme: Theme, panel: Panel, found: Courses) -> None:
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    axes.set_title(panel.title, color=theme.ink)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    drawn = {name: [(x, y) for x, y in course if _fits(panel, y)] for name, course in found.items()}
    drawn = {name: course for name, course in drawn.items() if course}
    colours = _colours(theme, len(drawn))
    for (_, course), colour in zip(drawn.items(), colours, strict=True):
        marker = "o" if len(course) == 1 else None
        axes.plot(*zip(*course, strict=True), color=colour, linewidth=1.5, marker=marker)
    if panel is IDLE:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_ylim(-0.02, 1.02)
    elif panel.logarithmic and drawn:
        log_scale(axes)
    elif drawn:
        axes.set_ylim(bottom=0)
    ends = [
        End(*course[-1], shown(name.removesuffix(".weight")), colour)
        for (name, course), colour in zip(drawn.items(), colours, strict=True)
    ]
    label_ends(axes, ends if len(ends) <= MAX_NAMED else [ends[0], ends[-1]], 1.7)


def _fits(panel: Panel, value: float) -> bool:
    return (value > 0 or not panel.logarithmic) and abs(value) < HUGE


def _colours(theme: Theme, count: int) -> Sequence[str]:
    """From the first layer to the last: named colours for few, shades between two for many."""
    from matplotlib.colors import to_hex

    if count <= len(theme.series):
        return theme.series[:count]
    shades = theme.blend(theme.training, theme.validation)
    return [to_hex(shades(place / (count - 1))) for place in range(count)]
