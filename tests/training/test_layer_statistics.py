"""What every layer does over a training, against arithmetic written naively in float64."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from nnfs_cli import (
    SGD,
    BatchNorm,
    Conv2D,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    HardSigmoid,
    MaxPool2D,
    Model,
    Nadam,
    ReLU,
    Residual,
    Sigmoid,
    Softmax,
    Tanh,
)
from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.process_team import Workers, can_fork
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.data.batches import Batches
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.nn.fusing import fuse
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.training.layer_statistics import (
    LayerRow,
    LayerStatistics,
    Output,
    fixed_batch,
    is_measured,
)
from nnfs_cli.training.loop import Step, Training

N, FEATURES, CLASSES = 40, 6, 3
CLOSE = 1e-5


def training(
    layers: Sequence[Any], shape: tuple[int, ...] = (FEATURES,), **settings: Any
) -> Training:
    generator = np.random.default_rng(5)
    inputs = generator.standard_normal((N, *shape)).astype(np.float32)
    samples = Samples(inputs, generator.integers(0, CLASSES, N))
    one, zero = np.ones((), np.float32), np.zeros((), np.float32)
    preprocessing = Preprocessing(shape, one, zero, labels=tuple("abc"))
    model = Model(list(layers), shape, seed=3)
    loss = fuse(model, CrossEntropy())
    encoded = loss.encode_targets(samples.targets, CLASSES, model.output_shape)
    size = settings.pop("batch_size", 12)
    settings = {"optimizer": SGD(lr=0.1), "epochs": 3} | settings
    batches = Batches(samples, preprocessing, encoded, size)
    return Training(model=model, loss=loss, batches=batches, seed=3, **settings)


def rows_of(of: Training) -> dict[int, dict[str, LayerRow]]:
    """The rows of each measured epoch, by name."""
    statistics, found = LayerStatistics(of), {}
    for event in of:
        if isinstance(event, Step):
            rows = statistics.after(event)
            if rows:
                found[event.epoch] = {row.name: row for row in rows}
    return found


class Naive:
    """A network dense-tanh-dense-relu-dense with softmax and gradient descent, in float64."""

    def __init__(self, model: Model) -> None:
        self.weights = {p: v.value.astype(float) for p, v in model.named_parameters().items()}

    def forward(self, x: Array) -> list[Array]:
        w = self.weights
        first = np.tanh(x @ w["dense_1.weight"] + w["dense_1.bias"])
        second = np.maximum(first @ w["dense_2.weight"] + w["dense_2.bias"], 0.0)
        return [x, first, second, second @ w["dense_3.weight"] + w["dense_3.bias"]]

    def gradients(self, x: Array, classes: Array) -> dict[str, Array]:
        x, first, second, logits = self.forward(x)
        exp = np.exp(logits - logits.max(axis=1, keepdims=True))
        d3 = (exp / exp.sum(axis=1, keepdims=True) - np.eye(CLASSES)[classes]) / len(x)
        d2 = d3 @ self.weights["dense_3.weight"].T * (second > 0)
        d1 = d2 @ self.weights["dense_2.weight"].T * (1 - first**2)
        found: dict[str, Array] = {}
        for name, below, d in (("1", x, d1), ("2", first, d2), ("3", second, d3)):
            found |= {f"dense_{name}.weight": below.T @ d, f"dense_{name}.bias": d.sum(axis=0)}
        return found


def test_every_number_against_a_naive_network() -> None:
    layers = [Dense(8, activation="tanh"), Dense(7), ReLU(), Dense(CLASSES), Softmax()]  # type: ignore[arg-type]
    of = training(layers, epochs=2)
    naive, samples = Naive(of.model), of.batches.samples
    fixed = fixed_batch(of.batches, 3)
    found = rows_of(copy.deepcopy(of))
    for epoch in (0, 1):
        order = stream(3, Purpose.ORDER, epoch).permutation(N)
        for start in range(0, N, 12):
            batch = order[start : start + 12]
            grads = naive.gradients(samples.inputs[batch].astype(float), samples.targets[batch])
            for name, grad in grads.items():
                naive.weights[name] -= 0.1 * grad
        rows = found[epoch + 1]
        for name, grad in grads.items():
            norm = np.sqrt((naive.weights[name] ** 2).sum())
            length = np.sqrt((grad**2).sum())
            assert rows[name].norm == pytest.approx(norm, rel=CLOSE)
            assert rows[name].gradient_norm == pytest.approx(length, rel=CLOSE * 10)
            assert rows[name].update_ratio == pytest.approx(0.1 * length / norm, rel=CLOSE * 100)
        outputs = naive.forward(fixed.astype(float))[1:]
        for path, y in zip(("dense_1.activation", "relu_1", "dense_3"), outputs, strict=True):
            assert rows[path].mean == pytest.approx(y.mean(), rel=CLOSE * 10)
            assert rows[path].std == pytest.approx(y.std(), rel=CLOSE * 10)
        assert rows["relu_1"].dead == np.mean((outputs[1] == 0).all(axis=0))
        assert rows["dense_1.activation"].saturated == np.mean(np.abs(outputs[0]) > 0.95)
        assert [*rows] == [*of.model.flat.by_path, "dense_1.activation", "relu_1", "dense_3"]


def test_dead_and_saturated_units() -> None:
    """Three of four channels never fire; inputs are pushed far up, and one sigmoid stays open."""
    layers = [Conv2D(4, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(4), Sigmoid(), Dense(CLASSES)]
    of = training(layers, (6, 6, 1), optimizer=SGD(lr=1e-30), epochs=1)
    model = of.model
    model.named_parameters()["conv2d_1.bias"].value = np.array([-99.0, -99.0, 99.0, -99.0])
    model.named_parameters()["dense_1.weight"].value = np.zeros((16, 4))
    model.named_parameters()["dense_1.bias"].value = np.array([9.0, -9.0, 3.6, 3.7])
    rows = rows_of(of)[1]
    assert rows["relu_1"].dead == 0.75
    assert rows["sigmoid_1"].saturated == 0.75  # sigmoid(3.6) = 0.9734, of (3.7) 0.9759
    assert rows["relu_1"].saturated is None
    assert rows["sigmoid_1"].dead is None


@pytest.mark.parametrize("layer", [Sigmoid(), HardSigmoid(), Tanh()])
def test_what_counts_as_saturated(layer: Any) -> None:
    """The outer fortieth of the range at either end."""
    of = training([Dense(CLASSES), layer, Dense(CLASSES)], optimizer=SGD(lr=1e-30), epochs=1)
    row = rows_of(of)[1][f"{layer.word}_1"]
    y = of.model.activations(fixed_batch(of.batches, 3))[f"{layer.word}_1"]
    low = -1.0 if isinstance(layer, Tanh) else 0.0
    position = (y - low) / (1.0 - low)
    assert row.saturated == np.mean((position < 0.025) | (position > 0.975))


def test_the_outputs_are_those_of_the_model_in_inference() -> None:
    """In residuals too, before a pooling that the engine has swapped, and without dropout."""
    inner: list[Any] = [Conv2D(4, 3, padding="same"), BatchNorm(), ReLU(), Conv2D(4, 1)]
    layers = [Conv2D(4, 3), Tanh(), MaxPool2D(2), Residual(inner), Flatten(), Dropout(0.5)]
    of = training([*layers, Dense(5, activation="silu"), Dense(CLASSES)], (8, 8, 1), epochs=2)  # type: ignore[list-item, arg-type]
    rows = rows_of(of)[2]
    outputs = of.model.activations(fixed_batch(of.batches, 3))
    seen = {name: row for name, row in rows.items() if row.mean is not None}
    assert {*seen} == {"tanh_1", "residual_1.relu_1", "dense_1.activation", "dense_2"}
    for name, row in seen.items():
        assert row.mean == pytest.approx(outputs[name].mean(dtype=float), rel=1e-4, abs=1e-6)
        assert row.std == pytest.approx(outputs[name].std(dtype=float), rel=1e-4)


@pytest.mark.parametrize("optimizer", [{"type": "adam", "weight_decay": 0.01}, "lion", "nadam"])
@pytest.mark.parametrize("batch_size", [12, N])
def test_a_training_is_the_same_bytes_with_and_without(optimizer: Any, batch_size: int) -> None:
    layers = [Dense(8), BatchNorm(), ReLU(), Dropout(0.3), Dense(CLASSES)]
    of = training(layers, optimizer=Optimizer.read(optimizer), batch_size=batch_size)
    twin = copy.deepcopy(of)
    rows_of(of)
    for _ in twin:
        pass
    assert of.model.flat.all_values.tobytes() == twin.model.flat.all_values.tobytes()
    buffers = zip(
        of.model.named_buffers().values(), twin.model.named_buffers().values(), strict=True
    )
    assert all(one.value.tobytes() == other.value.tobytes() for one, other in buffers)


@pytest.mark.parametrize("word", sorted({c.word for c in Optimizer.members().values()}))
def test_the_gradient_is_the_one_that_the_optimizer_took(word: str) -> None:
    """Whatever an optimizer does with it: on equal weights and batches all have the same."""
    optimizer = Optimizer.read({"type": word, "weight_decay": 0.0})
    of = training([Dense(4, activation="tanh"), Dense(CLASSES)], optimizer=optimizer, batch_size=N)  # type: ignore[arg-type]
    plain = training([Dense(4, activation="tanh"), Dense(CLASSES)], batch_size=N)  # type: ignore[arg-type]
    found, expected = rows_of(of)[1], rows_of(plain)[1]
    for name in of.model.flat.by_path:
        assert found[name].gradient_norm == pytest.approx(expected[name].gradient_norm, rel=1e-6)


@pytest.mark.skipif(not can_fork(), reason="needs forked processes")
def test_several_workers_measure_what_one_does() -> None:
    layers = [Dense(8, activation="tanh"), Dense(CLASSES)]  # type: ignore[arg-type]
    alone = rows_of(training(layers, optimizer=Nadam()))
    twice = [Dense(8, activation="tanh"), Dense(CLASSES)]  # type: ignore[arg-type]
    shared = rows_of(training(twice, optimizer=Nadam(), team=Workers(2)))
    for epoch, rows in alone.items():
        for name, row in rows.items():
            for one, other in zip(row[1:], shared[epoch][name][1:], strict=True):
                assert other is None if one is None else other == pytest.approx(one, rel=1e-3)


def test_which_epochs_are_measured() -> None:
    long = [epoch for epoch in range(1, 5000) if is_measured(epoch, 300)]
    assert long[:1023] == [*range(1, 1024)]
    assert long[1023 : 1023 + 513] == [*range(1024, 2049, 2)]
    short = [epoch for epoch in range(1, 20_001) if is_measured(epoch, 299)]
    assert short[:23] == [*range(1, 16), 16, 18, 20, 22, 24, 26, 28, 30]
    assert len(short) < 110
    assert all(is_measured(2**k, steps) for k in range(20) for steps in (1, 299, 300))


def test_a_step_from_zero_has_no_ratio() -> None:
    of = training([Dense(CLASSES)], optimizer=SGD(lr=1e-30), epochs=1)
    of.model.flat.values[...] = 0.0
    ratios = [row.update_ratio for row in rows_of(of)[1].values() if row.norm is not None]
    assert all(
        ratio is not None and (ratio == 0.0 or math.isinf(ratio) or ratio == 1.0)
        for ratio in ratios
    )


@pytest.mark.parametrize(
    ("batch_size", "most", "count"),
    [
        (12, None, 32),
        (64, None, 32),
        (80, None, 40),
        (128, None, 64),
        (300, None, 64),
        (12, 7, 7),
        (12, 999, 300),
    ],
)
def test_the_fixed_batch_is_a_few_training_samples_in_their_order(
    batch_size: int, most: int | None, count: int
) -> None:
    """Half a batch, 32 at least and 64 at most, each once, scaled as the network sees them."""
    inputs = np.arange(300, dtype=np.float32)[:, np.newaxis]
    samples = Samples(inputs, np.arange(300) % 2)
    scale, shift = np.full(1, 0.5, np.float32), np.full(1, 3.0, np.float32)
    preprocessing = Preprocessing((1,), scale, shift, labels=("a", "b"))
    batches = Batches(samples, preprocessing, samples.targets, batch_size)
    found = fixed_batch(batches, 0, most)
    places = (found[:, 0] + 3.0) * 2.0
    assert len(found) == count
    assert {*places.tolist()} <= {*range(300)}
    assert (np.diff(places) > 0).all()
    assert np.array_equal(found, fixed_batch(batches, 0, most))
    assert count == 300 or not np.array_equal(found, fixed_batch(batches, 1, most))


@pytest.mark.parametrize("layer", [ReLU(), Tanh(), Sigmoid()])
def test_outputs_are_added_up_batch_by_batch(layer: Any) -> None:
    """Of batches of different sizes, as of one: the count, moments, the dead and the saturated."""
    generator = np.random.default_rng(0)
    x = generator.normal(1.0, 3.0, (40, 5)).astype(np.float32)
    x[:, 3] = -1.0
    x[7:, 2], x[0, 2] = -1.0, 1.0  # alive in the first batch alone
    x[:30, 4] = -1.0  # alive in the last batch alone
    layer.build((5,))
    whole, parts = (
        Output("a", layer, lambda x, training: layer.forward(x, training)) for _ in "ab"
    )
    y = whole.forward(x, False).astype(np.float64).copy()
    for part in (slice(0, 7), slice(7, 30), slice(30, 40)):
        parts.forward(x[part], False)
    found, expected = parts.row(), whole.row()
    assert found.mean == pytest.approx(y.mean(), rel=1e-5)
    assert found.std == pytest.approx(y.std(), rel=1e-5)
    assert (found.dead, found.saturated) == (expected.dead, expected.saturated)
    assert found.dead == (0.2 if isinstance(layer, ReLU) else None)
    parts.reset()
    parts.forward(x[:2], False)
    assert parts.row().mean == pytest.approx(y[:2].mean(), rel=1e-5)
