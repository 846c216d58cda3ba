"""A confusion matrix: what is right in one colour, what is wrong in another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.reports.plots.canvas import new_figure, shown
from nnfs_cli.reports.plots.conclusions import of_confusion
from nnfs_cli.reports.plots.theme import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WRITTEN = 40
"""Up to so many classes labels are written, and numbers where they are not 0."""
UNWRITTEN = 9.0
"""Inches of a matrix of more classes: a dot for each cell of a thousand."""
POWER = 0.35
"""So that few errors among a thousand samples are seen."""
LUMA = (0.299, 0.587, 0.114)
"""How bright red, green and blue are."""


def figure_of(
    theme: Theme,
    labels: Sequence[str],
    counts: Sequence[Sequence[int]],
    samples: str,
    about: str,
) -> Figure:
    """Counts (true, predicted) of ``samples``, such as "test samples".

    A shade is the fraction of its true class to the ``POWER``.
    """
    names = [shown(label) for label in labels]
    size = 2.9 + 0.46 * len(counts) if len(counts) <= WRITTEN else UNWRITTEN
    title = of_confusion(names, counts, samples)
    figure, axes = new_figure(theme, title, about, size=(max(size, 5.2), size + 0.6))
    shades = [[(n / max(sum(row), 1)) ** POWER for n in row] for row in counts]
    cells = colours(theme, shades)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    if len(counts) > WRITTEN:
        axes.imshow(cells)
        return figure
    edges = np.arange(len(counts) + 1) - 0.5
    axes.pcolormesh(edges, edges, cells)  # imshow takes sixteen times the memory of a large PNG
    axes.set(aspect="equal", ylim=(edges[-1], edges[0]))
    axes.tick_params(length=0)
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            colour = "black" if cells[y, x, :3] @ LUMA > 0.5 else "white"
            text = f"{count}" if count else ""
            axes.text(x, y, text, ha="center", va="center", color=colour, fontsize=8)
    turned = 90 if max(map(len, names)) > 4 and len(names) > 3 else 0
    axes.set_xticks(range(len(counts)), names, parse_math=False, rotation=turned)
    axes.set_yticks(range(len(counts)), names, parse_math=False)
    return figure


def colours(theme: Theme, shades: Sequence[Sequence[float]]) -> Array:
    """Each cell's colour, (classes, classes, 4): the diagonal's is another."""
    level = np.asarray(shades)
    found: Array = theme.shades(theme.validation)(level)
    diagonal = np.arange(len(level))
    found[diagonal, diagonal] = theme.shades(theme.training)(level[diagonal, diagonal])
    return found
