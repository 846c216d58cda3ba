"""A fitted curve: what a network with one feature predicts for every value of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.prepare import Data
from nnfs_cli.formatting import significant
from nnfs_cli.reports.plots.canvas import shown
from nnfs_cli.reports.plots.judged import Judged, judged_samples
from nnfs_cli.reports.plots.points import feature_names, line, reach, thinned
from nnfs_cli.reports.plots.subject import Size
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.training.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Predicted(NamedTuple):
    """Predictions along the curve, and of the judged samples."""

    curve: Array
    judged: Array


@dataclass
class FittedCurve(Judged[Predicted]):
    """One value over one feature."""

    feature: str
    target: str
    name: str = "curve"
    size: Size = (7.0, 4.6)

    @classmethod
    def of(cls, data: Data) -> FittedCurve | None:
        """The curve of data with one feature and one value to predict; None for other data."""
        known = data.preprocessing
        if known.input_shape != (1,) or known.labels or data.train.targets.shape[1] != 1:
            return None
        split, judged = judged_samples(data)
        (feature,) = feature_names(known)
        return cls(data.train, judged, split, feature, shown(known.target or "y"))

    def look(self, network: Network) -> Predicted:
        """What the network predicts along the curve, and for the judged samples."""
        return Predicted(
            network.answer(line(self.train.inputs))[:, 0], network.answer(self.judged.inputs)
        )

    def title(self, seen: Predicted) -> str:
        """How much of the variance is explained, and by how much predictions are off."""
        return self.error_text(seen.judged, "the curve")

    def score(self, seen: Predicted) -> str:
        """The root of the mean squared error."""
        return f"rmse {significant(self.rmse(seen.judged))}"

    def draw(self, axes: Axes, theme: Theme, seen: Predicted) -> None:
        """Samples as points, the curve through them."""
        train, judged = thinned(self.train), thinned(self.judged)
        place = line(self.train.inputs)[:, 0]
        if self.split != "training":
            axes.scatter(
                judged.inputs[:, 0], judged.targets[:, 0], s=22, facecolors="none",
                edgecolors=theme.faint, linewidths=0.7, gid=self.split, zorder=2,
            )  # fmt: skip
        axes.scatter(
            train.inputs[:, 0], train.targets[:, 0], s=7, color=theme.training, gid="training",
            linewidths=0, zorder=3,
        )  # fmt: skip
        axes.plot(place, seen.curve, color=theme.validation, linewidth=2.5, zorder=4)
        axes.set_xlim(*reach(self.train.inputs))
        axes.set_ylim(*reach(np.concatenate([self.train.targets, self.judged.targets])))
        axes.set_xlabel(self.feature, parse_math=False)
        axes.set_ylabel(self.target, parse_math=False)
