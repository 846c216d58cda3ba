"""A map of values: what a network with two features predicts, everywhere in the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.prepare import Data
from nnfs_cli.formatting import significant
from nnfs_cli.reports.plots.canvas import shown
from nnfs_cli.reports.plots.judged import Judged, judged_samples
from nnfs_cli.reports.plots.points import (
    VALUES,
    add_bar,
    feature_names,
    fit_axes,
    plane,
    scatter_values,
    thinned,
    value_bands,
)
from nnfs_cli.reports.plots.subject import Size
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.training.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Heights(NamedTuple):
    """Predictions at a grid's places (rows, columns), and of the judging samples (N, 1)."""

    grid: Array
    judged: Array


@dataclass
class ValueMap(Judged[Heights]):
    """One value over the plane of two features."""

    features: list[str]
    target: str
    places: int = 200
    """Of the grid, along each axis."""
    name: str = "map"
    size: Size = (7.2, 6.2)

    @classmethod
    def of(cls, data: Data) -> ValueMap | None:
        """The map of data with two features and one value to predict; None for other data."""
        known = data.preprocessing
        if known.input_shape != (2,) or known.labels or data.train.targets.shape[1] != 1:
            return None
        split, judged = judged_samples(data)
        target = shown(known.target or "y")
        return cls(data.train, judged, split, feature_names(known), target)

    def look(self, network: Network) -> Heights:
        """What the network predicts on the grid, and for the judging samples."""
        grid = network.answer(plane(self.train.inputs, self.places))
        return Heights(grid.reshape(self.places, self.places), network.answer(self.judged.inputs))

    def title(self, seen: Heights) -> str:
        """How much of the variance is explained, and by how much predictions are off."""
        return self.error_text(seen.judged, "the map")

    def score(self, seen: Heights) -> str:
        """The root of the mean squared error."""
        return f"rmse {significant(self.rmse(seen.judged))}"

    def about(self) -> str:
        """How to read it."""
        return f"{super().about()}; ground: predicted {self.target}, dots: true"

    def draw(self, axes: Axes, theme: Theme, seen: Heights) -> None:
        """Bands of the predicted value, samples on them in the colour of their true one."""
        bands, norm = value_bands(np.concatenate([self.train.targets, self.judged.targets]))
        x, y = plane(self.train.inputs, self.places).T.reshape(2, self.places, self.places)
        ground = axes.contourf(
            x, y, seen.grid, bands, cmap=VALUES, norm=norm, extend="both", zorder=1
        )
        scatter_values(axes, theme, thinned(self.train), norm, "training")
        if self.split != "training":
            scatter_values(axes, theme, thinned(self.judged), norm, self.split, outlined=True)
        axes.grid(visible=False)
        fit_axes(axes, self.train.inputs, self.features)
        add_bar(axes, ground, self.target)
