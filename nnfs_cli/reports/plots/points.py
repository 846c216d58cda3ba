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

MAX_POINTS = 1500
"""Of a split."""
MAX_COMPARED = 800
"""Points among which a place for the names of the classes is looked for."""
MAX_NAMED = 12
"""Classes whose names are written."""
MARGIN = 0.08


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
