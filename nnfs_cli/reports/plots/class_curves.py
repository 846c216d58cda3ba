"""Probability curves: how likely a network with one feature takes each class to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.prepare import Data
from nnfs_cli.formatting import percent
from nnfs_cli.nn.metric import class_probabilities, predicted_classes
from nnfs_cli.reports.plots.canvas import End, label_ends, shown
from nnfs_cli.reports.plots.judged import Judged, judged_samples
from nnfs_cli.reports.plots.points import (
    MAX_NAMED,
    draw_ticks,
    feature_names,
    line,
    reach,
    rows_of,
    thinned,
)
from nnfs_cli.reports.plots.subject import Size
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.training.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 0.06
"""Of the height of the curves: a row of ticks, one for each sample of a class."""


class Odds(NamedTuple):
    """What is answered along the curves (PLACES, classes), and which classes of the judging."""

    curves: Array
    judged: Array
    probabilities: bool


@dataclass
class ClassCurves(Judged[Odds]):
    """The probability of each class over one feature."""

    labels: tuple[str, ...]
    feature: str
    name: str = "probabilities"
    size: Size = (7.0, 4.8)

    @classmethod
    def of(cls, data: Data) -> ClassCurves | None:
        """The curves of data with one feature and classes; None for other data."""
        known = data.preprocessing
        if known.input_shape != (1,) or not known.labels:
            return None
        split, judged = judged_samples(data)
        (feature,) = feature_names(known)
        return cls(data.train, judged, split, known.labels, feature)

    def look(self, network: Network) -> Odds:
        """What the network answers along the curves, and for the judging samples."""
        return Odds(
            class_probabilities(network.answer(line(self.train.inputs))),
            network.of_answers(self.judged.inputs, predicted_classes),
            network.gives_probabilities,
        )

    def title(self, seen: Odds) -> str:
        """The accuracy, and how many are wrong."""
        return self.accuracy_text(seen.judged)

    def score(self, seen: Odds) -> str:
        """The accuracy."""
        return f"accuracy {percent(self.accuracy(seen.judged))}"

    def about(self) -> str:
        """Which samples are drawn, and how."""
        told = super().about().replace("dots", "ticks").replace("outlined", "longer ticks")
        return told + ("; ×: wrong" if self.split != "training" else "")

    def draw(self, axes: Axes, theme: Theme, seen: Odds) -> None:
        """A curve for each class; below them its samples as ticks, in a row of its own."""
        from matplotlib.ticker import MaxNLocator

        low, high = (0.0, 1.0) if seen.probabilities else limits(seen.curves)
        row, place = ROW * (high - low), line(self.train.inputs)[:, 0]
        ends = []
        for label, name in enumerate(self.labels):
            colour, curve = theme.colour(label), seen.curves[:, label]
            axes.plot(place, curve, color=colour, linewidth=2.5, zorder=4)
            ends.append(End(float(place[-1]), float(curve[-1]), shown(name), colour))
        axes.set_xlim(*reach(self.train.inputs))
        bottom = low - row * (min(len(self.labels), MAX_NAMED) + 0.5)
        axes.set_ylim(bottom, high + row)
        draw_ticks(axes, theme, thinned(self.train), "training", low, row)
        if self.split != "training":
            draw_ticks(axes, theme, thinned(self.judged), self.split, low, row, long=True)
        wrong = thinned(self.judged.pick(np.flatnonzero(seen.judged != self.judged.targets)))
        axes.scatter(
            wrong.inputs[:, 0], low - row * rows_of(wrong), marker="x", s=30, color=theme.ink,
            linewidths=1.3, zorder=5, gid="wrong",
        )  # fmt: skip
        axes.set_yticks([t for t in MaxNLocator(5).tick_values(low, high) if low <= t <= high])
        axes.set_xlabel(self.feature, parse_math=False)
        axes.set_ylabel("probability" if seen.probabilities else "output")
        if len(self.labels) <= MAX_NAMED:
            label_ends(axes, ends, self.size[1] * 0.7)


def limits(scores: Array) -> tuple[float, float]:
    """From where to where curves of scores go."""
    finite = scores[np.isfinite(scores)]
    return reach(finite) if len(finite) else (0.0, 1.0)
