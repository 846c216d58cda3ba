"""A learning-rate range test as a plot: the loss of each step over its rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from nnfs_cli.atomic import require_own_file, write_bytes_atomically
from nnfs_cli.errors import UsageError
from nnfs_cli.reports.plots.canvas import FORMATS, drawn, new_figure
from nnfs_cli.reports.plots.theme import Theme, themed

HEADROOM = 1.15
"""How far above the largest loss of the beginning the plot goes."""
AUTHOR = "nnfs lr-find"


def require_free(path: Path, force: bool) -> None:
    """Raise UsageError unless such a plot can be written: no other file is at the path."""
    require_format(path)
    require_own_file(path, AUTHOR, "a plot of nnfs lr-find's", force)


def require_format(path: Path) -> str:
    """The format that a file's name asks for. Raises UsageError."""
    form = path.suffix.removeprefix(".").lower()
    if form not in FORMATS:
        raise UsageError(
            f"{path} is to be a plot, and its name does not end in .svg or .png",
            "name it so",
        )
    return form


def draw_rate_test(
    theme: Theme,
    path: Path,
    rates: Sequence[float],
    losses: Sequence[float],
    averages: Sequence[float],
    proposal: float,
    about: str,
) -> None:
    """Draw into ``path``, in the format of its name. Raises UsageError, MachineError."""
    form = require_format(path)
    with themed(theme):
        figure, axes = new_figure(theme, f"The learning rate {proposal:g} is proposed", about)
        axes.plot(rates, losses, color=theme.faint, linewidth=0.8, alpha=0.6)
        axes.plot(rates, averages, color=theme.training)
        axes.axvline(proposal, color=theme.validation, linewidth=1.2)
        axes.annotate(
            f"{proposal:g}", (proposal, 1.0), xycoords=("data", "axes fraction"), xytext=(4, -10),
            textcoords="offset points", color=theme.validation,
        )  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss of a step, and its running average")
        top = max(averages[: max(len(averages) // 2, 1)]) * HEADROOM
        axes.set_ylim(0.0, top if math.isfinite(top) and top > 0 else None)
        write_bytes_atomically(path, drawn(figure, form, AUTHOR))
