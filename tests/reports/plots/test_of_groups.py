"""Plots of many runs: what is drawn where, against the figures that were put in."""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.errors import MachineError
from nnfs_cli.reports.comparing.groups import Comparison, Group, Member
from nnfs_cli.reports.plots import bands, heat_map, importance, parallel
from nnfs_cli.reports.plots.bands import band_of
from nnfs_cli.reports.plots.key_values import (
    Trials,
    bins_of,
    scale_of,
    short_names,
    spread,
    trials_of,
)  # fmt: skip
from nnfs_cli.reports.plots.theme import Theme

LRS, UNITS = (0.001, 0.01, 0.1), (4, 16)


@pytest.fixture
def trials() -> Trials:
    """Of which the rate decides most, and the units a little."""
    pairs = [(lr, units) for lr in LRS for units in UNITS for _ in range(2)]
    found = [abs(math.log10(lr) + 2) + units / 100 for lr, units in pairs]
    lrs, units = map(list, zip(*pairs, strict=True))
    return Trials("val_loss", {"optimizer.lr": lrs, "layers.0.units": units}, found)


def texts(figure: Any) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_a_band_is_mean_and_range() -> None:
    generator = np.random.default_rng(0)
    losses = generator.random((3, 6))
    histories = [
        [{"epoch": float(e + 1), "val_loss": v} for e, v in enumerate(row)]
        for row in losses.tolist()
    ]
    found = band_of([histories[0][:4], *histories[1:]], "val_loss")
    assert found is not None
    assert found.epochs == [1, 2, 3, 4]
    assert found.mean == pytest.approx(losses[:, :4].mean(axis=0))
    assert found.low == losses[:, :4].min(axis=0).tolist()
    assert found.high == losses[:, :4].max(axis=0).tolist()
    histories[0][1]["val_loss"] = math.nan
    gap = band_of(histories, "val_loss")
    assert gap is not None
    assert [math.isnan(value) for value in gap.mean] == [False, True, False, False, False, False]
    assert band_of([], "val_loss") is None
    assert band_of(histories, "val_f1") is None


def test_bands_are_drawn(theme: Theme) -> None:
    flat = [{"epoch": e, "val_loss": 0.5} for e in (1.0, 2.0)]
    falls = [{"epoch": e, "val_loss": 1 / e} for e in (1.0, 2.0)]
    low = [{"epoch": e, "val_loss": 0.1} for e in (1.0, 2.0)]
    one, two = band_of([flat, falls], "val_loss"), band_of([low], "val_loss")
    assert one is not None
    assert two is not None
    figure = bands.figure_of(theme, {"lr=1": one, "lr=2": two}, "val_loss", "3 runs")
    (axes,) = figure.axes
    assert "Mean validation loss is lowest in lr=2 (0.1000" in figure.get_suptitle()
    assert len(axes.collections) == 1, "one seed has no range"
    ys = {tuple(line.get_ydata()) for line in axes.lines}
    assert (0.75, 0.5) in ys
    assert {*texts(figure)} == {"lr=1", "lr=2"}


def test_the_heat_map_has_the_means(theme: Theme, trials: Trials) -> None:
    figure = heat_map.figure_of(theme, trials, "optimizer.lr", "layers.0.units", "12 runs")
    assert figure is not None
    assert "lowest at lr=0.01, units=4 (0.04000)" in figure.get_suptitle()
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.001", "0.01", "0.1"]
    shown = {tuple(text.get_position()): float(text.get_text()) for text in axes.texts}
    for x, lr in enumerate(LRS):
        for y, units in enumerate(UNITS):
            own = [v for v, a, b in zip(trials.found, *trials.values.values(), strict=True)
                   if (a, b) == (lr, units)]  # fmt: skip
            assert shown[x, y] == pytest.approx(np.mean(own), rel=1e-3)


def test_the_parallel_lines_are_the_runs(theme: Theme, trials: Trials) -> None:
    figure = parallel.figure_of(theme, trials, [*trials.values], "12 runs")
    assert "Best of 12 runs: lr=0.01, units=4 (val_loss 0.04000)" in figure.get_suptitle()
    (axes,) = figure.axes
    lines = sorted(tuple(line.get_ydata()) for line in axes.lines if len(line.get_xdata()) == 3)
    low, high = math.log(min(trials.found)), math.log(max(trials.found))
    expected = sorted(
        ((math.log10(lr) + 3) / 2, (units - 4) / 12, (math.log(value) - low) / (high - low))
        for lr, units, value in zip(*trials.values.values(), trials.found, strict=True)
    )
    assert np.array(lines) == pytest.approx(np.array(expected))


def test_importance(theme: Theme, trials: Trials) -> None:
    if find_spec("optuna") is None:
        with pytest.raises(MachineError, match="needs Optuna"):
            importance.importance(trials)
        pytest.skip("Optuna is not installed (the extra `search`)")
    found = importance.importance(trials)
    assert sum(found.values()) == pytest.approx(1)
    assert found["optimizer.lr"] > 0.7
    figure = importance.figure_of(theme, trials, "12 runs")
    assert figure.get_suptitle().startswith("Optimizer.lr matters most for val_loss")


def test_values_of_all_kinds_have_places() -> None:
    mixed = scale_of([True, None, "b", "a"])
    assert mixed.ticks == [(0, "-"), (1 / 3, "True"), (2 / 3, "a"), (1, "b")]
    assert mixed.places == pytest.approx([1 / 3, 0, 1, 2 / 3])
    many = scale_of([float(value) for value in range(1, 101)])
    assert [text for _, text in many.ticks] == ["1", "3.162", "10", "31.62", "100"]
    assert many.places[9] == pytest.approx(0.5)
    assert scale_of([0, 0]).places == [0, 0]
    numbers, names = bins_of([*range(100)])
    assert names == ["0-19", "20-39", "40-59", "60-79", "80-99"]
    assert numbers == [value // 20 for value in range(100)]
    assert bins_of(["b", "a", "b"]) == ([1, 0, 1], ["a", "b"])


def test_names_as_short_as_can_be() -> None:
    keys = ["optimizer.lr", "layers.0.units", "layers.1.units", "loss.type", "type"]
    assert [*short_names(keys).values()] == ["lr", "0.units", "1.units", "loss.type", "type"]


def test_what_varies_with_a_key(trials: Trials) -> None:
    assert spread(trials, "optimizer.lr") == pytest.approx(1.0)
    assert spread(trials, "layers.0.units") == pytest.approx(0.12)


def test_runs_without_a_value_are_no_trials() -> None:
    class Fixed(Member):
        value: float
        figures = property(lambda self: {"val_loss": self.value})  # type: ignore[assignment]

    members = []
    for value in (0.5, math.nan, 0.25):
        member = object.__new__(Fixed)
        object.__setattr__(member, "value", value)
        members.append(member)
    groups = [Group(n, {"lr": n, "(data)": "x", "same": 1}, [m], {}) for n, m in enumerate(members)]
    found = trials_of(Comparison(["lr", "(data)", "same"], "val_loss", groups, []))
    assert found.found == [0.5, 0.25]
    assert found.values == {"lr": [0, 2]}
    assert found.told(found.best, ["lr"]) == "lr=2"


def test_nothing_is_written_where_nothing_varies(tmp_path: Path, theme: Theme) -> None:
    from nnfs_cli.reports.plots.canvas import Album
    from nnfs_cli.reports.plots.of_groups import draw_keys

    album = Album(theme, tmp_path)
    draw_keys(album, Comparison(["lr"], "val_loss", [], []))
    assert album.files == []
