"""Decision regions: which class a network with two features answers, everywhere in the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.prepare import Data
from nnfs_cli.formatting import percent
from nnfs_cli.nn.metric import predicted_classes
from nnfs_cli.reports.plots.judged import Judged, judged_samples
from nnfs_cli.reports.plots.points import (
    feature_names,
    fit_axes,
    name_classes,
    plane,
    reach,
    scatter,
    thinned,
)
from nnfs_cli.reports.plots.subject import Size
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.training.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAINTEST, FULLEST = 0.10, 0.5
"""How much of its class's colour a place has where the network wavers, and where it is sure."""


class Answers(NamedTuple):
    """The classes of a grid's places (rows, columns), how sure each is, and the judged samples'."""

    classes: Array
    sure: Array
    judged: Array


@dataclass
class Regions(Judged[Answers]):
    """The plane of two features."""

    labels: tuple[str, ...]
    features: list[str]
    places: int = 300
    """Of the grid, along each axis."""
    name: str = "regions"
    size: Size = (6.4, 6.4)

    @classmethod
    def of(cls, data: Data, places: int = 300) -> Regions | None:
        """The regions of data with two features and classes; None for other data."""
        if data.preprocessing.input_shape != (2,) or not data.preprocessing.labels:
            return None
        split, judged = judged_samples(data)
        features = feature_names(data.preprocessing)
        return cls(data.train, judged, split, data.preprocessing.labels, features, places)

    def grid(self) -> Array:
        """The inputs (places², 2) of the grid, from the lower left, row by row."""
        return plane(self.train.inputs, self.places)

    def look(self, network: Network) -> Answers:
        """What the network answers on the grid, and of the judged samples."""
        both = network.of_answers(
            self.grid(), lambda a: np.stack([predicted_classes(a), certainty(a)], axis=1)
        )
        classes, sure = both.T.reshape(2, self.places, self.places)
        return Answers(
            classes.astype(np.int32),
            sure.astype(np.float16),
            network.of_answers(self.judged.inputs, predicted_classes),
        )

    def title(self, seen: Answers) -> str:
        """The accuracy, and how many are wrong."""
        return self.accuracy_text(seen.judged)

    def score(self, seen: Answers) -> str:
        """The accuracy."""
        return f"accuracy {percent(self.accuracy(seen.judged))}"

    def about(self) -> str:
        """Which samples are drawn, and how."""
        return super().about() + ("; ×: wrong" if self.split != "training" else "")

    def draw(self, axes: Axes, theme: Theme, seen: Answers) -> None:
        """Regions in the colours of their classes, samples on them, crosses on wrong ones."""
        corners = [reach(self.train.inputs[:, axis]) for axis in (0, 1)]
        axes.imshow(
            shaded(theme, seen), extent=(*corners[0], *corners[1]), origin="lower",
            aspect="auto", interpolation="bilinear", zorder=1,
        )  # fmt: skip
        scatter(axes, theme, thinned(self.train), "training")
        if self.split != "training":
            scatter(axes, theme, thinned(self.judged), self.split, outlined=True)
        wrong = thinned(self.judged.pick(np.flatnonzero(seen.judged != self.judged.targets)))
        x, y = wrong.inputs.T.astype(np.float64)
        axes.scatter(
            x, y, marker="x", s=70, color=theme.ink, linewidths=1.8, zorder=5, gid="wrong",
        )  # fmt: skip
        axes.grid(visible=False)
        fit_axes(axes, self.train.inputs, self.features)
        name_classes(axes, theme, self.train, self.labels)


def certainty(answers: Array) -> Array:
    """How far each best answer (N, k) is ahead of the next one, from 0 to 1."""
    if answers.shape[1] == 1:
        ahead = np.abs(2 * answers[:, 0] - 1)
    else:
        best = np.partition(answers, -2, axis=1)
        ahead = best[:, -1] - best[:, -2]
    sure: Array = np.clip(np.nan_to_num(ahead), 0, 1)
    return sure


def shaded(theme: Theme, seen: Answers) -> Array:
    """The colour of each place of the grid, (rows, columns, 3)."""
    from matplotlib.colors import to_rgb

    count = int(seen.classes.max()) + 1
    colours = np.array([to_rgb(theme.colour(label)) for label in range(count)])[seen.classes]
    strength = FAINTEST + (FULLEST - FAINTEST) * seen.sure.astype(np.float64)[..., None]
    blank = np.full_like(colours, to_rgb(theme.ground))
    found: Array = blank * (1 - strength) + colours * strength
    return found
