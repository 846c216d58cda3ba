"""Probabilities of classes as targets, from a file to the loss and the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.cli.app import run
from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.datasets.npz import Npz
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.nn.loss import Loss
from nnfs_cli.runs.load import load_run

from .conftest import document

CONFIG = """
data: {type: npz, path: a.npz, task: classification}
layers: [{type: dense, units: 3}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.05}
train: {epochs: 8, batch_size: 16, workers: 1}
"""
GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(120, 3)).astype(np.float32)
P = np.exp(2 * X) / np.exp(2 * X).sum(axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("a.npz", x=X, y=P)
    head, rows = "p,q,r,red,green,blue", np.hstack([X, P])
    np.savetxt("t.csv", rows, delimiter=",", header=head, comments="")
    Path("c.yaml").write_text(CONFIG)


def test_the_loss_is_of_all_probabilities_and_accuracy_of_the_largest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    end = document(capsys, "train", "c.yaml", "--run-dir", "R")
    found = document(capsys, "eval", "R", "--data", "a.npz")["metrics"]
    p = load_run("R").predict(X)
    assert found["loss"] == pytest.approx(-(P * np.log(p)).sum(axis=1).mean(), rel=1e-5)
    assert found["accuracy"] == np.mean(p.argmax(axis=1) == P.argmax(axis=1))
    assert end["test"]["accuracy"] > 0.8
    for words in (["check", "c.yaml"], ["trace", "R"], ["diagnose", "R"], ["gradcheck", "c.yaml"]):
        assert run(words) == 0, capsys.readouterr()


def test_columns_of_a_table_name_the_classes(capsys: pytest.CaptureFixture[str]) -> None:
    arrays = document(capsys, "train", "c.yaml", "--run-dir", "R")
    keys = "data={type: csv, path: t.csv, target: [red, green, blue], task: classification}"
    table = document(capsys, "train", "c.yaml", keys, "--run-dir", "T")
    assert table["test"] == pytest.approx(arrays["test"], rel=1e-3)
    assert load_run("T").labels == ("red", "green", "blue")
    again = document(capsys, "eval", "T", "--data", "t.csv")["metrics"]
    assert again == pytest.approx(document(capsys, "eval", "R", "--data", "a.npz")["metrics"], 1e-3)


def test_resuming_and_workers_make_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    whole = document(capsys, "train", "c.yaml", "--run-dir", "R")["test"]
    two = document(capsys, "train", "c.yaml", "train.workers=2", "--run-dir", "W")["test"]
    assert two == pytest.approx(whole, rel=1e-4)
    document(capsys, "train", "c.yaml", "--epochs", "3", "--run-dir", "S")
    assert document(capsys, "resume", "S", "--epochs", "8")["test"] == whole


def test_without_the_task_the_error_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "c.yaml", "data.task=auto"]) == 2
    assert "data.task=classification" in capsys.readouterr().err


@pytest.mark.parametrize(("place", "value"), [((7, 0), 2.0), ((7, 1), -0.5)])
def test_rows_that_are_no_probabilities_are_named(place: tuple[int, int], value: float) -> None:
    wrong = P.copy()
    wrong[place] = value
    np.savez("a.npz", x=X, y=wrong)
    with pytest.raises(DataError, match=r"sum to one.*the sample 7, counted from 0"):
        prepare(Npz(path="a.npz", task="classification"), Source())


def test_splits_keep_the_rows_of_their_samples() -> None:
    data = prepare(Npz(path="a.npz", task="classification"), Source())
    for samples in data.splits.values():
        assert samples.distributions is not None
        assert np.array_equal(samples.targets, samples.distributions.argmax(axis=1))
    keys: dict[str, Any] = {"target": ["red", "green", "blue"], "task": "classification"}
    table = prepare(Csv(path="t.csv", **keys), Source())
    assert table.hash != data.hash


@pytest.mark.parametrize("word", ["cross_entropy", "mse", "binary_cross_entropy"])
def test_losses_take_them_as_rows(word: str) -> None:
    soft = P.astype(np.float32)
    assert np.array_equal(Loss.read(word).encode_distributions(soft, (3,)), soft)
    with pytest.raises(UsageError, match="3 classes, but the network returns 4"):
        Loss.read(word).encode_distributions(soft, (4,))


def test_one_class_a_sample_is_what_hinge_needs() -> None:
    with pytest.raises(UsageError, match="hinge needs one class"):
        Loss.read("hinge").encode_distributions(P, (3,))
    two = P[:, :2].astype(np.float32)
    assert Loss.read("binary_cross_entropy").encode_distributions(two, (1,)).shape == (120, 1)
