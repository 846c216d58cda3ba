"""Learning rates, layers and confusions as figures."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import Document, to_yaml
from nnfs_cli.data.source import Source
from nnfs_cli.reports.plots import canvas, confusion, layers, learning_rate
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.runs.repetition import begin_again
from nnfs_cli.runs.resume import resume
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.layer_statistics import LayerRow
from nnfs_cli.training.loop import Step

CONFIG = {
    "data": {"type": "moons"},
    "layers": [{"type": "dense", "units": 2}],
    "loss": "cross_entropy",
    "optimizer": {"type": "adam", "lr": 0.02},
    "schedule": {"type": "cosine", "warmup": 10},
    "train": {"epochs": 5, "batch_size": 45},
}
STEPS = 20


def cosine(step: int) -> float:
    """The rate of a step counted from 0, by the book."""
    if step < 10:
        return 0.02 * (step + 1) / 10
    return 0.02 * (1 + math.cos(math.pi * (step - 10) / (100 - 10))) / 2


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "config.yaml").write_text(to_yaml(validate(Document(CONFIG)).described()))
    return Run(tmp_path)


def history(last: float | None = None) -> list[dict[str, float]]:
    rows = [{"epoch": n, "step": n * STEPS, "lr": cosine(n * STEPS - 1)} for n in range(1, 6)]
    return rows if last is None else [*rows[:4], rows[4] | {"lr": last}]


def test_the_rate_of_every_step(run: Run, theme: Theme) -> None:
    rows = history()
    found = learning_rate.rates_of(run, rows)
    assert found.steps == [*range(1, 101)]
    np.testing.assert_allclose(found.rates, [cosine(step) for step in range(100)], rtol=1e-12)
    figure = learning_rate.figure_of(theme, found, "")
    x, y = figure.axes[0].lines[0].get_xydata().T
    np.testing.assert_allclose(x, np.arange(1, 101) / STEPS)
    np.testing.assert_allclose(y, found.rates)
    assert figure.get_suptitle().replace("\n", " ") == (
        f"The learning rate rises to 0.02 in 10 steps and ends at {cosine(99):.3g} (cosine)"
    )


def test_the_rates_of_a_run_that_was_resumed_with_changes(tmp_path: Path) -> None:
    """They are those that a repetition of the training steps with."""
    (tmp_path / "c.yaml").write_text(to_yaml(CONFIG | {"train": {"epochs": 2}}))
    runs = RunsFolder(tmp_path / "runs")
    [*_] = start(Request(tmp_path / "c.yaml", runs=runs))
    for changes in (
        ["train.epochs=4", "optimizer.lr=0.005"],
        ["train.epochs=7", "schedule={type: step, every_epochs: 2, gamma: 0.5, warmup: 5}"],
    ):
        [*_] = resume(runs.latest(), runs, Source(), changes)
    found = learning_rate.rates_of(runs.latest(), runs.latest().read_metrics())
    again = begin_again(runs.latest(), runs, Source())
    assert found.steps == [*range(1, len(found.rates) + 1)]
    assert found.rates == [event.lr for event in again.events() if isinstance(event, Step)]
    assert len({*found.rates}) > 20
    assert learning_rate.conclusion(found) == (
        f"the learning rate rises to 0.02 in 10 steps and ends at {found.rates[-1]:.3g} (step)"
    )


def test_the_highest_rate_after_a_fall() -> None:
    found = learning_rate.Rates([0.5, 1.0, 1.5, 2.0], [0.2, 0.1, 0.5, 0.3], "", [1, 2, 3, 4])
    assert learning_rate.conclusion(found) == (
        "the learning rate is highest at step 3 (0.5) and ends at 0.3"
    )
    recorded = learning_rate.Rates([1, 2, 3], [0.2, 0.5, 0.3], "", None)
    assert learning_rate.conclusion(recorded) == (
        "the learning rate is highest in epoch 2 (0.5) and ends at 0.3"
    )


@pytest.mark.parametrize("bad", [-3.0, 0.0, math.nan, math.inf, 1e308, 7.5])
@pytest.mark.parametrize("column", ["epoch", "step", "lr"])
def test_tables_that_nnfs_did_not_write(run: Run, theme: Theme, bad: float, column: str) -> None:
    for place in (0, 4):
        rows = [row | {column: bad} if n == place else row for n, row in enumerate(history())]
        found = learning_rate.rates_of(run, rows)
        assert found.steps is None
        canvas.drawn(learning_rate.figure_of(theme, found, ""), "png", dpi=30)


def test_a_schedule_that_was_changed_on_the_way(run: Run, theme: Theme) -> None:
    rows = history(last=0.5)
    found = learning_rate.rates_of(run, rows)
    assert found.steps is None
    assert found.rates == [row["lr"] for row in rows]
    assert "as recorded" in learning_rate.figure_of(theme, found, "x").get_supxlabel()


def test_a_long_training_is_thinned(run: Run) -> None:
    (run.path / "config.yaml").write_text(to_yaml(validate(Document(
        CONFIG | {"schedule": "constant", "train": {"epochs": 2}}
    )).described()))  # fmt: skip
    rows = [{"epoch": n, "step": n * 10**6, "lr": 0.02} for n in (1, 2)]
    found = learning_rate.rates_of(run, rows)
    assert found.steps is not None
    assert 1000 < len(found.steps) < 3000
    assert learning_rate.conclusion(found) == "the learning rate is 0.02 throughout"


def test_shades_and_counts_of_a_confusion(theme: Theme) -> None:
    counts = [[90, 10, 0], [0, 0, 0], [1, 2, 997]]
    figure = confusion.figure_of(theme, ["a", "b", "$c"], counts, "test samples", "")
    axes = figure.axes[0]
    written = {text.get_position(): text.get_text() for text in axes.texts}
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            assert written[x, y] == (str(count) if count else "")
    assert axes.yaxis_inverted(), "the first class stands above"
    cells = np.asarray(axes.collections[0].get_array()).reshape(3, 3, 4)
    ground = np.asarray([int(theme.ground[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    apart = np.abs(cells[..., :3] - ground).sum(axis=2)
    assert (apart[np.asarray(counts) == 0] < 0.02).all()
    assert apart[0, 0] > apart[0, 1] > apart[2, 1] > apart[2, 0] > 0.05
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "$c"]
    canvas.drawn(figure, "png", dpi=30)


def test_many_classes_have_no_room_for_numbers(theme: Theme) -> None:
    counts = np.eye(60, dtype=int).tolist()
    figure = confusion.figure_of(theme, [f"{n}" for n in range(60)], counts, "test samples", "")
    assert not figure.axes[0].texts
    assert max(figure.get_size_inches()) < 10  # which at 23 takes 900 MB to draw


def test_layers_have_a_line_each(theme: Theme) -> None:
    rows = {
        epoch: [
            LayerRow("dense_1.weight", norm=2.0 + epoch, gradient_norm=0.0, update_ratio=0.1),
            LayerRow("dense_1.bias", norm=1.0, gradient_norm=1.0, update_ratio=0.5),
            LayerRow("relu_1", mean=0.1, std=0.2, dead=0.125 * epoch),
        ]
        for epoch in (1, 3)
    }
    figure = layers.figure_of(theme, rows, "")
    assert figure is not None
    assert figure.get_suptitle() == "37.50 % of the units of relu_1 are dead after epoch 3"
    drawn = {axes.get_title("left"): axes for axes in figure.axes}
    assert drawn["norm of the weights"].lines[0].get_xydata().tolist() == [[1, 3.0], [3, 5.0]]
    idle = drawn["dead or saturated fraction"].lines[0].get_xydata().tolist()
    assert idle == [[1, 0.125], [3, 0.375]]
    ticks = drawn["dead or saturated fraction"].yaxis.get_major_formatter()
    assert ticks(0.5) == "50%"
    assert not drawn["norm of the gradient"].lines  # zero has no logarithm
    assert all(len(axes.lines) <= 1 for axes in figure.axes)
    canvas.drawn(figure, "png", dpi=30)


def test_no_measured_epoch(theme: Theme) -> None:
    assert layers.figure_of(theme, {}, "") is None
