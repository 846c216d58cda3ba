"""The look of every plot: two themes, colours that the colour-blind tell apart, one style sheet."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnfs_cli.errors import MachineError

if TYPE_CHECKING:
    from matplotlib.colors import Colormap


@dataclass(frozen=True)
class Theme:
    """Colours of a plot. Okabe and Ito, "Color Universal Design", 2008, lighter on dark."""

    ground: str
    ink: str
    faint: str
    """Of axes, grids and what is said beside."""
    training: str
    validation: str
    series: tuple[str, ...]
    """Of classes and runs."""

    def colour(self, number: int) -> str:
        """The colour of a class or a run; they repeat where there are more."""
        return self.series[number % len(self.series)]

    def shades(self, colour: str) -> Colormap:
        """From the ground to a colour."""
        return self.blend(self.ground, colour)

    def signs(self) -> Colormap:
        """From negative to positive, zero as the ground."""
        return self.blend(self.training, self.ground, self.validation)

    @staticmethod
    def blend(*colours: str) -> Colormap:
        """A colour map through these colours."""
        from matplotlib.colors import LinearSegmentedColormap

        return LinearSegmentedColormap.from_list("nnfs", colours)


THEMES = {
    "light": Theme(
        ground="#ffffff",
        ink="#1f2328",
        faint="#6e7781",
        training="#0072b2",
        validation="#d55e00",
        series=(
            "#0072b2",
            "#e69f00",
            "#009e73",
            "#cc79a7",
            "#56b4e9",
            "#d55e00",
            "#8c6d31",
            "#7f3c8d",
            "#808080",
            "#a3b300",
        ),
    ),
    "dark": Theme(
        ground="#14171c",
        ink="#e6e9ed",
        faint="#8d96a0",
        training="#56b4e9",
        validation="#f08a4b",
        series=(
            "#56b4e9",
            "#f0b429",
            "#2cc295",
            "#e094c0",
            "#9aa7f7",
            "#f08a4b",
            "#c9b37e",
            "#b58ae0",
            "#a0a0a0",
            "#d4dd5a",
        ),
    ),
}
GRID = 0.25
"""How much of the faint colour a line of the grid has."""


@contextmanager
def themed(theme: Theme) -> Iterator[None]:
    """Draw in this theme, whatever a matplotlibrc says. Raises MachineError without matplotlib."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # of folders and fonts
    try:
        import matplotlib as mpl
        from matplotlib import style
    except ImportError:
        raise MachineError(
            "plotting needs matplotlib", "install the extra: pip install 'nnfs-cli[plot]'"
        ) from None
    mpl.use("Agg")
    with style.context(["default", sheet(theme)]):
        yield


def sheet(theme: Theme) -> dict[str, Any]:
    """The style sheet: matplotlib's settings."""
    from cycler import cycler

    text: Sequence[str] = ("text.color", "axes.titlecolor")
    faint: Sequence[str] = ("axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    ground: Sequence[str] = ("figure.facecolor", "axes.facecolor", "savefig.facecolor")
    return {
        **dict.fromkeys(text, theme.ink),
        **dict.fromkeys([*faint, "grid.color"], theme.faint),
        **dict.fromkeys(ground, theme.ground),
        "axes.prop_cycle": cycler(color=theme.series),
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "axes.titlelocation": "left",
        "axes.titlesize": 9,
        "font.size": 9.5,
        "font.family": ["DejaVu Sans"],
        "grid.alpha": GRID,
        "grid.linewidth": 0.6,
        "lines.linewidth": 2.0,
        "lines.solid_capstyle": "round",
        "svg.hashsalt": "nnfs",
    }
