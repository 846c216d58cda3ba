"""One to five workers learn what one learns, to rounding: every recipe, metric and weight.

In float64, where rounding is far below what Adam's division by tiny squares makes visible. Without
dropout and augmentation, of which each worker draws its own; on few samples.
"""

from __future__ import annotations

import copy
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.blas import one_thread
from nnfs_cli.compute.process_team import can_fork
from nnfs_cli.config.config import load_config, validate
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.data.source import Source
from nnfs_cli.experiment import build as building
from nnfs_cli.experiment.build import build
from nnfs_cli.nn.model import Model
from nnfs_cli.training.loop import Epoch, Training

pytestmark = pytest.mark.skipif(not can_fork(), reason="only Linux forks workers")

CONFIGS = Path(__file__).parents[2] / "configs"
LARGE = {"cifar10_cnn", "fashion_cnn", "mnist_best", "mnist_mlp_best"}
RECIPES = [
    pytest.param(path.stem, marks=pytest.mark.slow if path.stem in LARGE else ())
    for path in sorted(CONFIGS.glob("*.yaml"))
]
SAMPLES, BATCH = 48, 15
"""So few, in batches of which the last is smaller."""
LIKE_MNIST = {"type": "digits", "geometry": "mnist"}


@cache
def described(recipe: str) -> dict[str, Any]:
    config, _ = load_config(CONFIGS / f"{recipe}.yaml", [])
    return config.described()


def small(recipe: str, workers: int, colour: Path) -> Training:
    """Three epochs of a recipe with few samples of its shape."""
    keys = copy.deepcopy(described(recipe))
    data = keys["data"]
    if data["type"] in ("mnist", "fashion_mnist"):
        data = LIKE_MNIST | {"normalize": data["normalize"]}
    elif data["type"] == "cifar10":
        data = {"type": "npz", "path": str(colour), "normalize": data["normalize"]}
    keys["data"] = data | {"limit": SAMPLES, "validation": 0.25, "augment": []}
    keys["layers"] = without_dropout(keys["layers"])
    size = keys["train"]["batch_size"]
    keys["train"] |= {"epochs": 3, "workers": workers, "early_stopping": None}
    keys["train"]["batch_size"] = size if size == "full" else BATCH
    return build(validate(Document(keys)), Source()).training


def without_dropout(layers: list[Any]) -> list[Any]:
    kept = [layer for layer in layers if not layer["type"].startswith("dropout")]
    for layer in kept:
        if "layers" in layer:
            layer["layers"] = without_dropout(layer["layers"])
    return kept


def figures(training: Training) -> dict[str, float]:
    """Every column of every epoch."""
    epochs = [event for event in training if isinstance(event, Epoch)]
    assert len(epochs) == 3
    return {f"{e.epoch} {name}": value for e in epochs for name, value in e.record.items()}


@pytest.fixture
def colour(tmp_path: Path) -> Path:
    numbers = np.random.default_rng(0)
    images = numbers.integers(0, 256, (70, 32, 32, 3)).astype(np.uint8)
    np.savez(tmp_path / "colour.npz", x=images, y=np.arange(70) % 10)
    return tmp_path / "colour.npz"


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_one_to_five(recipe: str, colour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "Model", partial(Model, dtype=np.float64))
    alone = small(recipe, 1, colour)
    with one_thread():
        expected = figures(alone)
    for workers in (2, 3, 4, 5):
        team = small(recipe, workers, colour)
        assert team.team.size == workers
        with one_thread():
            found = figures(team)
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-7)
        np.testing.assert_allclose(
            team.model.flat.all_values, alone.model.flat.all_values, rtol=1e-5, atol=1e-6
        )
        for path, buffer in team.model.named_buffers().items():
            other = alone.model.named_buffers()[path].value
            np.testing.assert_allclose(buffer.value, other, rtol=1e-5, atol=1e-6)
