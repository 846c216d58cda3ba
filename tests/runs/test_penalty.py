"""The penalty of weight decay and l1: a column beside the loss, as the weights on disk have it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli import SGD, AdamW, Dense, data_from_arrays, train
from nnfs_cli.cli.app import run as nnfs
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.nn.parameter import FlatParameters, Parameter
from nnfs_cli.runs.run import Run

CONFIG = """\
data: {type: moons, samples: 60, validation: 0.2, test_samples: 0}
layers:
  - {type: dense, units: 5, activation: tanh, weight_decay: 0.3, bias_decay: 0.2}
  - {type: dense, units: 4, activation: relu}
  - {type: dense, units: 3, activation: relu, trainable: false}
  - {type: dense, units: 2, weight_decay: 0}
loss: cross_entropy
optimizer: {type: sgd, lr: 0.1, weight_decay: 0.01, l1: 0.002}
train: {epochs: 3, batch_size: 8, workers: 1}
"""
STRENGTHS = {
    "dense_1.weight": (0.3, 0.002), "dense_1.bias": (0.2, 0.0),
    "dense_2.weight": (0.01, 0.002), "dense_4.weight": (0.0, 0.002),
}  # fmt: skip
"""Of each array its decay and l1; the third layer does not learn."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(CONFIG)


def trained(name: str, *overrides: str) -> Run:
    assert nnfs(["train", "c.yaml", "-q", "--run-dir", name, *overrides]) == 0
    return Run(Path(name))


def penalty_of(run: Run, l2: bool = True) -> float:
    """By the sum that the manual states, over the weights on the disk."""
    total = 0.0
    with np.load(run.checkpoint("last")) as arrays:
        for name, (decay, l1) in STRENGTHS.items():
            for w in arrays[f"parameters/{name}"].ravel().tolist():
                total += (decay / 2 * w * w if l2 else 0.0) + l1 * abs(w)
    return total


@pytest.mark.parametrize("workers", [1, 2])
def test_it_is_the_sum_over_the_weights_on_disk(workers: int) -> None:
    run = trained("R", f"train.workers={workers}")
    header = run.metrics.read_text().splitlines()[0].split(",")
    assert header[header.index("train_loss") + 1] == "penalty"
    assert run.read_metrics()[-1]["penalty"] == pytest.approx(penalty_of(run), rel=1e-6)
    assert "penalty" in run.log.read_text()


def test_decay_beside_the_step_has_none() -> None:
    decoupled = trained("R", "optimizer={type: adamw, lr: 0.01, l1: 0.002}")
    expected = pytest.approx(penalty_of(decoupled, l2=False), rel=1e-6)
    assert decoupled.read_metrics()[-1]["penalty"] == expected
    layers = [f"layers.{at}.weight_decay=0" for at in (0, 3)]
    none = trained("S", *layers, "layers.0.bias_decay=0", "optimizer={type: adamw, lr: 0.01}")
    assert "penalty" not in none.read_metrics()[-1]


@pytest.mark.parametrize("word", ["sgd", "adam", "adamw"])
def test_its_slope_is_what_is_added_to_the_gradient(word: str) -> None:
    optimizer = Optimizer.read({"type": word, "lr": 1e-3, "weight_decay": 0.3, "l1": 0.02})
    parameter = Parameter("w", (7,), np.zeros, weight_decay=None)
    flat = FlatParameters({"w": parameter}, np.float64)
    optimizer.bind(flat)
    at = np.linspace(-2, 2.5, 7)
    slopes = []
    for index in range(7):
        sides = []
        for aside in (1e-5, -1e-5):
            parameter.value = at + aside * np.eye(7)[index]
            sides.append(optimizer.penalty())
        slopes.append((sides[0] - sides[1]) / 2e-5)
    parameter.value, parameter.grad = at, np.zeros(7)
    optimizer.step()
    np.testing.assert_allclose(parameter.grad, slopes, atol=1e-7)


def test_weights_are_as_without_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = trained("R").checkpoint("last").read_bytes()
    monkeypatch.setattr(Optimizer, "penalizes", False)
    assert trained("S").checkpoint("last").read_bytes() == looked


def without_the_column(run: Run) -> None:
    """As versions before the column wrote it."""
    rows = list(csv.DictReader(run.metrics.read_text().splitlines()))
    kept = [name for name in rows[0] if name != "penalty"]
    lines = [kept, *([row[name] for name in kept] for row in rows)]
    run.metrics.write_text("".join(",".join(line) + "\n" for line in lines))


@pytest.mark.parametrize("older", [False, True])
def test_runs_of_before_go_on_without_the_column_and_others_with_it(older: bool) -> None:
    whole, run = trained("W", "train.epochs=5"), trained("R")
    if older:
        without_the_column(run)
        assert nnfs(["reproduce", "R", "-q"]) == 0
    assert nnfs(["resume", "R", "--epochs", "5", "-q"]) == 0
    if older:
        without_the_column(whole)
    for row, other in zip(run.read_metrics(), whole.read_metrics(), strict=True):
        assert {**row, "time_s": 0} == {**other, "time_s": 0}
    assert nnfs(["reproduce", "R", "-q"]) == 0


def test_a_changed_penalty_is_found_by_a_repetition(capsys: pytest.CaptureFixture[str]) -> None:
    run = trained("R")
    rows = run.metrics.read_text().splitlines()
    cells = rows[2].split(",")
    cells[5] = str(float(cells[5]) * 1.01)
    run.metrics.write_text("\n".join([*rows[:2], ",".join(cells), *rows[3:], ""]))
    assert nnfs(["reproduce", "R", "-q"]) == 6
    assert "epoch 2: penalty is" in capsys.readouterr().err


def test_it_cannot_be_monitored(capsys: pytest.CaptureFixture[str]) -> None:
    assert nnfs(["train", "c.yaml", "train.checkpoint.monitor=penalty"]) == 2
    assert "not how good the answers; monitor val_loss" in capsys.readouterr().err


@pytest.mark.slow
def test_it_is_drawn() -> None:
    trained("R")
    assert nnfs(["plot", "R", "-q"]) == 0
    assert "penalty is" in Path("R/plots/penalty.svg").read_text().lower()


def test_train_in_python_tells_it() -> None:
    data = data_from_arrays(np.eye(4, dtype=np.float32), np.arange(4) % 2, test=0, validation=0)
    for optimizer, told in ((SGD(lr=0.1, weight_decay=0.1), True), (AdamW(lr=0.1), False)):
        found = train([Dense(2)], data, loss="cross_entropy", optimizer=optimizer, epochs=2)
        weights = found.model.steps[0].weight.value.ravel().tolist()
        assert ("penalty" in found.history[-1]) is told
        if told:
            expected = sum(0.1 / 2 * w * w for w in weights)
            assert found.history[-1]["penalty"] == pytest.approx(expected, rel=1e-6)
