"""The benchmarks compare the same networks; how fast anything is, is no matter of a test."""

from __future__ import annotations

import importlib
import math
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.training.loop import Step, Training

sys.path.append(str(Path(__file__).resolve().parent.parent / "benchmarks"))
results, tables, works = (importlib.import_module(name) for name in ("results", "tables", "works"))
ours = importlib.import_module("sides.nnfs")

COMMANDS = [
    path
    for path in sorted((Path(sys.path[-1])).glob("*.py"))
    if "ArgumentParser" in path.read_text()
]
MLP_128 = 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10
CNN_32 = 9 * 1 * 32 + 32 + 9 * 32 * 64 + 64 + 7 * 7 * 64 * 10 + 10
RESNET = sum(
    (
        9 * 3 * 16 + 2 * 16,
        2 * (9 * 16 * 16 + 2 * 16),
        9 * 16 * 32 + 9 * 32 * 32 + 4 * 32 + 16 * 32,
        2 * (9 * 32 * 32 + 2 * 32),
        9 * 32 * 64 + 9 * 64 * 64 + 4 * 64 + 32 * 64,
        64 * 10 + 10,
    )
)
PARAMETERS = {
    "mlp-128-32": MLP_128,
    "mlp-128": MLP_128,
    "mlp-512": 784 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10,
    "cnn-8": 9 * 1 * 8 + 8 + 9 * 8 * 16 + 16 + 7 * 7 * 16 * 10 + 10,
    "cnn-32": CNN_32,
    "resnet": RESNET,
    "predict-mlp-1": MLP_128,
    "predict-mlp-1000": MLP_128,
    "predict-cnn-1": CNN_32,
    "predict-cnn-1000": CNN_32,
    "process": MLP_128,
}
TRAINED = [word for word, work in works.WORKS.items() if work.does == "train"]
PREDICTED = [word for word, work in works.WORKS.items() if work.does == "predict"]


def training(word: str, monkeypatch: pytest.MonkeyPatch) -> Training:
    """nnfs's side, with one worker and the peers' own batch."""
    work = works.WORKS[word]
    monkeypatch.setattr(ours, "SAMPLES", work.batch)
    return ours.training_of(work, workers=1)


def loss_on_ready_batch(side: Training, word: str) -> float:
    x, y = works.WORKS[word].ready_batch()
    value, _ = side.loss.value_and_grad(side.model.forward(x, training=True), y)
    return float(value)


@pytest.mark.parametrize("word", works.WORKS)
def test_every_work_has_the_network_it_says(word: str) -> None:
    assert ours.network_of(works.WORKS[word]).model.parameter_count == PARAMETERS[word]


@pytest.mark.parametrize("word", TRAINED)
def test_a_step_of_nnfs_learns_from_a_batch(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    side = training(word, monkeypatch)
    before = side.model.flat.values.copy()
    expected = loss_on_ready_batch(side, word)
    step = ours.training_step(side)()
    assert isinstance(step, Step)
    assert step.samples == works.WORKS[word].batch
    assert step.loss == pytest.approx(expected, rel=1e-5)
    assert not np.array_equal(side.model.flat.values, before)


@pytest.mark.parametrize("word", PREDICTED)
def test_a_step_of_nnfs_predicts_a_batch(word: str) -> None:
    work = works.WORKS[word]
    probabilities = ours.build(work)()
    assert probabilities.shape == (work.batch, works.CLASSES)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(work.batch), abs=1e-5)


def as_pytorch_has_it(value: Array, flattened: tuple[int, ...] | None) -> Array:
    """A weight of nnfs, whose images have their channels last, in PyTorch's order."""
    if flattened:
        value = np.moveaxis(value.reshape(*flattened, -1), 2, 0).reshape(value.shape)
    return np.ascontiguousarray(np.moveaxis(value, (-1, -2), (0, 1)) if value.ndim > 1 else value)


@pytest.mark.parametrize("word", TRAINED)
def test_pytorch_computes_the_same_loss(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch: Any = pytest.importorskip("torch", reason="compares with PyTorch where it is installed")
    peer = importlib.import_module("sides.pytorch")
    side, module = training(word, monkeypatch), peer.network(works.WORKS[word])
    after_flatten = {
        id(layer.parameters["weight"]): before.input_shape
        for before, layer in pairwise(side.model.steps)
        if before.word == "flatten"
    }
    mine, theirs = side.model.named_parameters().values(), list(module.parameters())
    for parameter, tensor in zip(mine, theirs, strict=True):
        value = as_pytorch_has_it(parameter.value, after_flatten.get(id(parameter)))
        assert value.shape == tuple(tensor.shape)
        tensor.data.copy_(torch.from_numpy(value))
    x, y = peer.tensors(works.WORKS[word])
    loss = float(torch.nn.functional.cross_entropy(module(x), y).detach())
    assert loss == pytest.approx(loss_on_ready_batch(side, word), rel=1e-4)


@pytest.mark.parametrize("word", TRAINED)
def test_jax_computes_the_same_loss_and_gradients(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jax: Any = pytest.importorskip("jax", reason="compares with JAX where it is installed")
    peer, work = importlib.import_module("sides.jax_jit"), works.WORKS[word]
    side, state = training(word, monkeypatch), peer.start(work)
    mine = side.model.named_parameters().values()
    values = [jax.numpy.asarray(parameter.value.copy()) for parameter in mine]
    assert [value.shape for value in values] == [weight.shape for weight in state.weights]
    state = state._replace(weights=values)
    state, loss = peer.learn(work.layers, works.LEARNING_RATE, state, *work.ready_batch())
    x, y = work.ready_batch()
    value, gradient = side.loss.value_and_grad(side.model.forward(x, training=True), y)
    side.model.backward(gradient)
    assert float(loss) == pytest.approx(value, rel=1e-4)
    for parameter, mean in zip(mine, state.means, strict=True):
        first_mean = (1 - peer.BETA_1) * parameter.grad
        np.testing.assert_allclose(mean, first_mean, rtol=1e-3, atol=1e-5)


def test_the_report_says_what_is_missing_and_compares_round_by_round() -> None:
    result = results.Result(works.WORKS["mlp-128"])
    result.times = {"nnfs": [1.0, 2.0, 9.0], "pytorch": [2.0, 8.0, 9.0]}
    result.memory = {"nnfs": 50.0, "pytorch": 200.0}
    assert str(result.ratio("pytorch")) == "0.50 (0.25 to 1.00)"
    text = tables.report([result], 3, ["no JAX: not installed"])
    assert "| MLP 784-128-64-10, batch 128 | 2.00 s | 0.50 (0.25 to 1.00) | 0.6 |" in text
    assert "| MLP 784-128-64-10, batch 128 | 50 | 200 | 0.25 | - |" in text
    assert "- no JAX: not installed" in text
    assert math.isclose(result.memory_ratio("pytorch"), 0.25)


def test_onnxruntime_predicts_as_pytorch_does() -> None:
    pytest.importorskip("onnxruntime", reason="compares with onnxruntime where it is installed")
    pytest.importorskip("onnx", reason="exports with onnx where it is installed")
    torch: Any = pytest.importorskip("torch", reason="exports PyTorch's network")
    work, sides = works.WORKS["predict-cnn-1"], ("onnx_runtime", "pytorch")
    found = []
    for side in sides:
        torch.manual_seed(0)
        found.append(importlib.import_module(f"sides.{side}").build(work)())
    np.testing.assert_allclose(*found, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.stem)
def test_every_benchmark_starts(command: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(command), "--help"], capture_output=True, text=True, check=False
    )
    missing = re.search(r"No module named '(torch|jax|sklearn|onnxruntime|optuna)'", done.stderr)
    if missing:
        pytest.skip(f"{command.stem} needs {missing[1]}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: ")
