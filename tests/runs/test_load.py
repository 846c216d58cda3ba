"""A loaded run tells every layer's outputs for raw inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli import load_run
from nnfs_cli.cli.app import run
from nnfs_cli.errors import DataError


def test_activations_of_a_loaded_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(
        "data: {type: moons, samples: 60, test_samples: 20, normalize: standard}\n"
        "layers: [{type: dense, units: 4, activation: relu}, {type: dense, units: 2}, softmax]\n"
        "loss: cross_entropy\noptimizer: adam\ntrain: {epochs: 1}\n"
    )
    assert run(["train", "c.yaml", "-q"]) == 0
    loaded = load_run("runs/latest")
    x = np.random.default_rng(0).uniform(-1, 1, size=(9, 2))
    found = loaded.activations(x)
    assert list(found) == ["dense_1", "dense_1.activation", "dense_2", "softmax_1"]
    parameters = loaded.network.model.flat.by_path
    scaled = x * loaded.network.preprocessing.scale - loaded.network.preprocessing.shift
    expected = scaled @ parameters["dense_1.weight"].value + parameters["dense_1.bias"].value
    np.testing.assert_allclose(found["dense_1"], expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found["softmax_1"], loaded.predict(x), rtol=1e-6)
    with pytest.raises(DataError, match="the array has samples of 3"):
        loaded.activations(np.zeros((1, 3)))


def test_a_checkpoint_beside_another_config_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(
        "data: {type: moons, samples: 40, test_samples: 20}\nlayers: [{type: dense, units: 2}]\n"
        "loss: cross_entropy\noptimizer: adam\ntrain: {epochs: 1}\n"
    )
    assert run(["train", "c.yaml", "-q"]) == 0
    config = Path("runs/latest/config.yaml")
    assert load_run().notice == ""
    text = config.read_text()
    config.write_text(text.replace("\n  epochs: 1\n", "\n  epochs: 9\n"))
    assert load_run().notice == "", "resume --epochs may have changed it"
    config.write_text(text.replace("\nseed: 0", "\nseed: 1"))
    assert load_run().notice.endswith("or its config was edited: seed differ")
    config.write_text("layers: [")
    assert load_run().notice.endswith("is not what best.npz was trained with: it is not valid")
    config.unlink()
    assert load_run().notice == ""
