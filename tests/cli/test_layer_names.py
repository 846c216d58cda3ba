"""Layers with names of their own: in paths, in init_from, and where two would be alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.cli.app import run
from nnfs_cli.components.described import essence
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.runs.load import load_run

DENSE = "{type: dense, units: 4}"
CONFIG = """
data: {type: digits, limit: 200}
layers: [flatten, {type: dense, units: 4}, relu, {type: dense, units: 10}]
loss: cross_entropy
optimizer: {type: adam, lr: 1e-12}
train: {epochs: 1, workers: 1}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(CONFIG)


def test_weights_are_found_after_a_named_layer_was_inserted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["train", "c.yaml", "--run-dir", "A"]) == 0
    new = "layers=[flatten, {type: dense, units: 4}, relu, {type: dense, units: 4, name: new},"
    capsys.readouterr()
    words = [f"{new} relu, {{type: dense, units: 10}}]", "init_from=A", "--run-dir", "B"]
    assert run(["train", "c.yaml", *words]) == 0
    assert "took 4 of 6 arrays" in capsys.readouterr().err
    before, after = (load_run(name).network.model.named_parameters() for name in "AB")
    assert {*after} - {*before} == {"new.weight", "new.bias"}
    for path, parameter in before.items():
        np.testing.assert_allclose(parameter.value, after[path].value, atol=1e-6)
    for command in (["trace", "B"], ["diagnose", "B"], ["inspect", "B", "--sample", "0"]):
        assert run(command) == 0


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("[flatten, {type: dense, units: 10, name: a.b}]", "letters, digits and _"),
        ("[flatten, {type: dense, units: 4, name: a}, {type: dense, units: 10, name: a}]", "two"),
        ("[flatten, {type: dense, units: 4, name: dense_1}, {type: dense, units: 10}]", "dense_1"),
        ("[flatten, {type: dense, units: 10, activation: {type: relu, name: a}}]", "activation"),
        ("[flatten, {type: residual, layers: [{type: dense, units: 9, name: shortcut}]}]", "short"),
    ],
)
def test_names_that_cannot_be_are_refused(
    layers: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", "c.yaml", f"layers={layers}"]) == 2
    assert message in capsys.readouterr().err


def test_layers_without_names_are_what_they_were() -> None:
    plain = Sequential([Dense(3), Dense(2)])
    assert [*plain.children()] == ["dense_1", "dense_2"]
    assert "name" not in essence(plain)["layers"][0]
    assert [*Sequential([Dense(3, name="first"), Dense(2)]).children()] == ["first", "dense_1"]
