"""Names that would be mathematics to matplotlib are drawn as they are, wherever a plot has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli import Dense, train
from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.source import Source
from nnfs_cli.reports.plots import confusion, curves, layers
from nnfs_cli.reports.plots.canvas import drawn
from nnfs_cli.reports.plots.data_points import points_figure
from nnfs_cli.reports.plots.fitted_curve import FittedCurve
from nnfs_cli.reports.plots.regions import Regions
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.training.layer_statistics import LayerRow

NAME = r"$\frac{$"
"""Mathematics that cannot be drawn."""


def figures(theme: Theme, folder: Path) -> Iterator[Any]:
    rows = "".join(f"{n % 7},{n % 5},{NAME if n % 2 else 'b'}\n" for n in range(40))
    (folder / "classes.csv").write_text(f"{NAME},b,y\n{rows}")
    data = prepare(Csv(path=str(folder / "classes.csv"), target="y"), Source())
    network = train([Dense(2)], data, loss="cross_entropy", optimizer="adam", epochs=1)
    regions = Regions.of(data, places=5)
    assert regions is not None
    yield regions.figure(theme, regions.look(network), NAME, NAME)
    yield points_figure(theme, data, 0, None)[0]
    rows = "".join(f"{n},{n / 7:.2f}\n" for n in range(40))
    (folder / "values.csv").write_text(f"{NAME},{NAME}y\n{rows}")
    data = prepare(Csv(path=str(folder / "values.csv"), target=f"{NAME}y"), Source())
    network = train([Dense(1)], data, loss="mse", optimizer="adam", epochs=1)
    curve = FittedCurve.of(data)
    assert curve is not None
    yield curve.figure(theme, curve.look(network), NAME, NAME)
    yield points_figure(theme, data, 0, None)[0]
    yield confusion.figure_of(theme, [NAME, "b"], [[1, 2], [3, 4]], NAME, NAME)
    history = [{"epoch": n, f"train_{NAME}": 9.0**-n, f"val_{NAME}": 1 / n} for n in (1.0, 2.0)]
    yield curves.figure_of(theme, history, NAME, NAME)
    yield curves.of_runs(theme, {NAME: history, "b": history}, NAME, NAME)
    found = layers.figure_of(theme, {1: [LayerRow(NAME, norm=1.0, dead=0.5)]}, NAME)
    assert found is not None
    yield found


@pytest.mark.parametrize("theme", ["light"], indirect=True)
def test_names_are_no_mathematics(theme: Theme, tmp_path: Path) -> None:
    from matplotlib.text import Text

    for figure in figures(theme, tmp_path):
        drawn(figure, "png", dpi=30)
        assert sum(NAME in text.get_text() for text in figure.findobj(Text)) >= 2
