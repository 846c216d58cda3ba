"""Samples as points: which are drawn, how far the axes reach, where the classes are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.reports.plots.canvas import shown
from nnfs_cli.reports.plots.theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import PathCollection
    from matplotlib.colors import Normalize

MAX_POINTS = 1500
"""Of a split."""
MAX_COMPARED = 800
"""Points among which a place for the names of the classes is looked for."""
MAX_NAMED = 12
"""Classes whose names are written."""
VALUES, BANDS = "viridis", 14
"""The colours of values, which the colour-blind can read on light and on dark; and how many, about,
a map has."""
MARGIN = 0.08
PLACES = 400
"""Inputs along a curve."""


def thinned(samples: Samples, most: int = MAX_POINTS) -> Samples:
    """So many of the samples, evenly chosen."""
    if len(samples) <= most:
        return samples
    return samples.pick(np.linspace(0, len(samples) - 1, most).round().astype(np.int64))


def count_text(samples: Samples, what: str) -> str:
    """How many points are drawn of how many samples."""
    if len(samples) <= MAX_POINTS:
        return f"{len(samples):,} {what} samples"
    return f"{MAX_POINTS:,} of {len(samples):,} {what} samples"


def reach(values: Array) -> tuple[float, float]:
    """From where to where an axis goes for these values."""
    low, high = float(values.min()), float(values.max())
    room = MARGIN * (high - low) or 0.5
    return low - room, high + room


def line(inputs: Array) -> Array:
    """Places (PLACES, 1) along the reach of one feature."""
    return np.linspace(*reach(inputs), PLACES, dtype=np.float32)[:, None]


def plane(inputs: Array, places: int) -> Array:
    """A grid (places², 2) over the reach of two features, from the lower left, row by row."""
    x, y = (np.linspace(*reach(inputs[:, axis]), places, dtype=np.float32) for axis in (0, 1))
    return np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)


def feature_names(preprocessing: Preprocessing) -> list[str]:
    """The names of the features: those of a table's columns of numbers, or x1 and x2."""
    kinds = [column for column in preprocessing.columns if column["kind"] in ("number", "category")]
    count = preprocessing.input_shape[0]
    names = [str(column["name"] or "") for column in kinds if column["kind"] == "number"]
    if len(names) == len(kinds) == count and all(names):
        return [shown(name) for name in names]
    return ["x"] if count == 1 else [f"x{number}" for number in range(1, count + 1)]


def named_places(inputs: Array, targets: Array, classes: int) -> dict[int, Array]:
    """For each class one of its points (2,), the one with most room around it.

    That is the one farthest from all points of other classes, in units of the axes.
    """
    few = thinned(Samples(inputs, targets), MAX_COMPARED)
    spans = np.ptp(few.inputs.astype(np.float64), axis=0)
    scaled = few.inputs / np.where(spans > 0, spans, 1)
    apart = np.linalg.norm(scaled[:, None] - scaled[None], axis=2)
    apart[few.targets[:, None] == few.targets[None]] = np.inf
    room = apart.min(axis=1)
    found = {}
    for label in range(classes):
        own = np.flatnonzero(few.targets == label)
        if len(own):
            found[label] = few.inputs[own[np.argmax(room[own])]]
    return found


def scatter(axes: Axes, theme: Theme, samples: Samples, gid: str, outlined: bool = False) -> None:
    """Draw samples of classes as points in the colours of these; outlined ones are larger."""
    colours = [theme.colour(int(target)) for target in samples.targets]
    x, y = samples.inputs.T.astype(np.float64)
    axes.scatter(
        x, y, c=colours, s=30 if outlined else 9, gid=gid,
        edgecolors=theme.ink if outlined else "none", linewidths=0.8, zorder=4 if outlined else 3,
    )  # fmt: skip


def value_bands(targets: Array) -> tuple[Array, Normalize]:
    """Round numbers (k,) over the reach of values, and the place of each on a colour map."""
    from matplotlib.colors import Normalize
    from matplotlib.ticker import MaxNLocator

    bands: Array = np.asarray(MaxNLocator(BANDS).tick_values(*reach(targets)))
    return bands, Normalize(bands[0], bands[-1])


def scatter_values(
    axes: Axes, theme: Theme, samples: Samples, norm: Normalize, gid: str, outlined: bool = False
) -> PathCollection:
    """Draw samples as points in the colours of their values; outlined ones are larger."""
    x, y = samples.inputs.T.astype(np.float64)
    return axes.scatter(
        x, y, c=samples.targets[:, 0], cmap=VALUES, norm=norm, s=48 if outlined else 24, gid=gid,
        edgecolors=theme.ink if outlined else theme.ground, linewidths=0.9 if outlined else 0.4,
        zorder=4 if outlined else 3,
    )  # fmt: skip


def add_bar(axes: Axes, coloured: ScalarMappable, name: str) -> None:
    """Say beside the axes which colour is which value."""
    bar = axes.figure.colorbar(coloured, ax=axes, pad=0.02)
    bar.set_label(name, parse_math=False)
    bar.outline.set_visible(False)


def rows_of(samples: Samples) -> Array:
    """For each sample the row (N,) of its class, from 1; rows repeat, as colours do."""
    rows: Array = 1 + samples.targets % MAX_NAMED
    return rows


def draw_ticks(
    axes: Axes, theme: Theme, samples: Samples, gid: str, top: float, row: float, long: bool = False
) -> None:
    """Draw samples of one feature as ticks below ``top``, a row of this height for each class."""
    middle, half = top - row * rows_of(samples), row * (0.475 if long else 0.275)
    colours = [theme.colour(int(target)) for target in samples.targets]
    axes.vlines(
        samples.inputs[:, 0], middle - half, middle + half, colors=colours, linewidth=0.9,
        zorder=3, gid=gid,
    )  # fmt: skip


def name_classes(axes: Axes, theme: Theme, samples: Samples, labels: tuple[str, ...]) -> None:
    """Write the name of each class where it has most room."""
    from matplotlib.patheffects import withStroke

    if len(labels) > MAX_NAMED:
        return
    for label, place in named_places(samples.inputs, samples.targets, len(labels)).items():
        x, y = place.tolist()
        text = axes.text(
            x, y, shown(labels[label]), color=theme.colour(label),
            fontweight="bold", fontsize=11, ha="center", va="center", zorder=6, parse_math=False,
        )  # fmt: skip
        text.set_path_effects([withStroke(linewidth=3.5, foreground=theme.ground)])


def fit_axes(axes: Axes, inputs: Array, names: list[str]) -> None:
    """Let the axes reach as far as the points, and name them."""
    axes.set_xlim(*reach(inputs[:, 0]))
    axes.set_ylim(*reach(inputs[:, 1]))
    axes.set_xlabel(names[0], parse_math=False)
    axes.set_ylabel(names[1], parse_math=False)
