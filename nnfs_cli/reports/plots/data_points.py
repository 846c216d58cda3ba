"""Training samples as points in a plane: what `nnfs data show` draws of data without images."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.prepare import Data
from nnfs_cli.reports.plots.canvas import drawn, new_figure, printable, shown
from nnfs_cli.reports.plots.fonts import give_letters
from nnfs_cli.reports.plots.points import (
    MAX_NAMED,
    MAX_POINTS,
    add_bar,
    draw_ticks,
    feature_names,
    fit_axes,
    name_classes,
    reach,
    scatter,
    scatter_values,
    value_bands,
)
from nnfs_cli.reports.plots.theme import Theme, themed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image


def are_points(data: Data) -> bool:
    """Whether samples can be drawn as points: of one or two features, and a class or a value."""
    one_answer = bool(data.preprocessing.labels) or data.train.targets.shape[1:] == (1,)
    return one_answer and data.preprocessing.input_shape in ((1,), (2,))


def draw_points(data: Data, seed: int, count: int | None, theme: Theme) -> tuple[Image, int]:
    """The first samples of the first epoch, and how many there are. Raises MachineError."""
    from PIL import Image

    with themed(theme):
        figure, number = points_figure(theme, data, seed, count)
        give_letters(figure)
        return Image.open(BytesIO(drawn(figure, "png"))), number


def points_figure(theme: Theme, data: Data, seed: int, count: int | None) -> tuple[Figure, int]:
    """The figure of these samples, and how many there are."""
    order = stream(seed, Purpose.ORDER, 0).permutation(len(data.train))
    samples = data.train.pick(order[: count or MAX_POINTS])
    known = data.preprocessing
    of_all = f"{len(samples):,} of " if len(samples) < len(data.train) else ""
    classes = f" in {len(known.labels)} classes" if known.labels else ""
    title = f"{of_all}{len(data.train):,} training samples of {printable(data.name)}{classes}"
    draw, size = {
        (True, 2): (_classes_of_two, (6.4, 6.2)),
        (True, 1): (_classes_of_one, (7.0, 3.2)),
        (False, 2): (_values_of_two, (7.2, 6.2)),
        (False, 1): (_values_of_one, (7.0, 4.2)),
    }[bool(known.labels), known.input_shape[0]]
    figure, axes = new_figure(theme, title, size=size)
    draw(axes, theme, data, samples)
    return figure, len(samples)


def _classes_of_two(axes: Axes, theme: Theme, data: Data, samples: Samples) -> None:
    scatter(axes, theme, samples, "training")
    fit_axes(axes, data.train.inputs, feature_names(data.preprocessing))
    name_classes(axes, theme, samples, data.preprocessing.labels)


def _values_of_two(axes: Axes, theme: Theme, data: Data, samples: Samples) -> None:
    _, norm = value_bands(data.train.targets)
    add_bar(axes, scatter_values(axes, theme, samples, norm, "training"), _target(data))
    fit_axes(axes, data.train.inputs, feature_names(data.preprocessing))


def _classes_of_one(axes: Axes, theme: Theme, data: Data, samples: Samples) -> None:
    labels = data.preprocessing.labels
    rows = min(len(labels), MAX_NAMED)
    draw_ticks(axes, theme, samples, "training", 0.0, 1.0)
    axes.set_xlim(*reach(data.train.inputs))
    axes.set_ylim(-rows - 0.6, -0.4)
    named = len(labels) <= MAX_NAMED
    axes.set_yticks(range(-1, -rows - 1, -1) if named else [])
    if named:
        names = axes.set_yticklabels([shown(label) for label in labels], parse_math=False)
        for label, name in enumerate(names):
            name.set_color(theme.colour(label))
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(feature_names(data.preprocessing)[0], parse_math=False)


def _values_of_one(axes: Axes, theme: Theme, data: Data, samples: Samples) -> None:
    axes.scatter(samples.inputs[:, 0], samples.targets[:, 0], s=9, color=theme.training)
    axes.set_xlim(*reach(data.train.inputs))
    axes.set_ylim(*reach(data.train.targets))
    axes.set_xlabel(feature_names(data.preprocessing)[0], parse_math=False)
    axes.set_ylabel(_target(data), parse_math=False)


def _target(data: Data) -> str:
    return shown(data.preprocessing.target or "y")
