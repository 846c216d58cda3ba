"""Training samples as points in a plane: what `nnfs data show` draws of data without images."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.data.prepare import Data
from nnfs_cli.reports.plots.canvas import drawn, new_figure, printable, shown
from nnfs_cli.reports.plots.fonts import give_letters
from nnfs_cli.reports.plots.points import (
    MAX_POINTS,
    feature_names,
    fit_axes,
    name_classes,
    reach,
    scatter,
)
from nnfs_cli.reports.plots.theme import Theme, themed

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image


def are_points(data: Data) -> bool:
    """Whether samples are points of a plane: of two features, or of one feature and one value."""
    if data.preprocessing.labels:
        return data.preprocessing.input_shape == (2,)
    return data.preprocessing.input_shape == data.train.targets.shape[1:] == (1,)


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
    labels, names = data.preprocessing.labels, feature_names(data.preprocessing)
    of_all = f"{len(samples):,} of " if len(samples) < len(data.train) else ""
    title = f"{of_all}{len(data.train):,} training samples of {printable(data.name)}"
    if labels:
        figure, axes = new_figure(theme, f"{title} in {len(labels)} classes", size=(6.4, 6.2))
        scatter(axes, theme, samples, "training")
        fit_axes(axes, data.train.inputs, names)
        name_classes(axes, theme, samples, labels)
        return figure, len(samples)
    figure, axes = new_figure(theme, title)
    axes.scatter(samples.inputs[:, 0], samples.targets[:, 0], s=9, color=theme.training)
    axes.set_xlim(*reach(data.train.inputs))
    axes.set_ylim(*reach(data.train.targets))
    axes.set_xlabel(names[0], parse_math=False)
    axes.set_ylabel(shown(data.preprocessing.target or "y"), parse_math=False)
    return figure, len(samples)
