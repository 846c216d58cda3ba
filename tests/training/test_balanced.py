"""``class_weights: balanced``: all classes count alike, as scikit-learn's formula has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli import CrossEntropy, Dense, load_run, train
from nnfs_cli.cli.app import run
from nnfs_cli.config.yaml_reader import read_file
from nnfs_cli.errors import UsageError

COUNTS = {"cat": 30, "dog": 8, "eel": 2}
CONFIG = """\
data: {type: csv, path: d.csv, target: kind, validation: 0, test: t.csv, normalize: none}
layers: [{type: dense, units: 3}]
loss: {type: cross_entropy, class_weights: balanced}
optimizer: {type: sgd, lr: 0.1}
train: {epochs: 1, batch_size: full}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    numbers = np.random.default_rng(0)
    rows = [
        f"{numbers.normal():.4f},{numbers.normal():.4f},{kind}"
        for kind, count in COUNTS.items()
        for _ in range(count)
    ]
    for name in ("d.csv", "t.csv"):
        (tmp_path / name).write_text("a,b,kind\n" + "\n".join(rows) + "\n")
    (tmp_path / "c.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_records_the_weights_that_it_used(folder: Path) -> None:
    """n_samples / (n_classes · bincount), scikit-learn's "balanced"."""
    assert run(["train", "c.yaml", "-q"]) == 0
    recorded = read_file(folder / "runs/latest/config.yaml").value["loss"]["class_weights"]
    assert recorded == {kind: pytest.approx(40 / (3 * count)) for kind, count in COUNTS.items()}
    assert run(["reproduce", "latest", "-q"]) == 0
    assert run(["train", "c.yaml", "--skip-done", "-q"]) == 0
    assert len(list((folder / "runs").glob("2*"))) == 1
    loaded = load_run("runs/latest")
    assert isinstance(loaded.network.loss, CrossEntropy)


def test_the_loss_is_the_mean_of_the_classes_losses(folder: Path) -> None:
    assert run(["train", "c.yaml", "-q", "optimizer.lr=1e-12"]) == 0
    network = load_run("runs/latest", "last").network
    table = np.genfromtxt("d.csv", delimiter=",", skip_header=1, usecols=(0, 1))
    kinds = np.repeat(range(3), list(COUNTS.values()))
    losses = -np.log(network.predict(table)[np.arange(40), kinds])
    expected = np.mean([losses[kinds == kind].mean() for kind in range(3)])
    lines = (folder / "runs/latest/metrics.csv").read_text().splitlines()
    found = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert float(found["train_loss"]) == pytest.approx(expected, rel=1e-5)


def test_from_python() -> None:
    numbers = np.random.default_rng(1)
    x, y = numbers.normal(size=(100, 2)), (numbers.random(100) < 0.1).astype(int)
    loss = CrossEntropy(class_weights="balanced")
    found = train([Dense(2)], (x, y), loss=loss, optimizer="adam", epochs=1)
    assert isinstance(found.loss, CrossEntropy)
    assert isinstance(found.loss.class_weights, dict)
    assert found.loss.class_weights["1"] > 2 * found.loss.class_weights["0"]
    with pytest.raises(UsageError, match="balanced, need the classes"):
        CrossEntropy(class_weights="balanced").value_and_grad(np.zeros((2, 2)), np.array([0, 1]))


def test_another_word_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "c.yaml", "loss.class_weights=equal"]) == 2
    assert "class_weights" in capsys.readouterr().err
