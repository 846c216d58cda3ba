"""A network watched layer by layer: the numbers are the network's, and nothing is overwritten."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from nnfs_cli.components.registry import registry
from nnfs_cli.errors import ShapeError
from nnfs_cli.inspection.trace import formula
from nnfs_cli.nn.activations.relu import ReLU
from nnfs_cli.nn.activations.sigmoid import Tanh
from nnfs_cli.nn.activations.softmax import Softmax
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layer_by_layer import LayerByLayer
from nnfs_cli.nn.layers.batch_norm import BatchNorm
from nnfs_cli.nn.layers.conv2d import Conv2D
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.dropout import Dropout
from nnfs_cli.nn.layers.flatten import Flatten
from nnfs_cli.nn.layers.max_pool2d import MaxPool2D
from nnfs_cli.nn.layers.residual import Residual
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.model import Model

LAYERS = sorted({member.word for member in registry()["layer"].values()} - {"sequential"})


def network(dtype: type = np.float64) -> Model:
    """Pooled before its activation, overwritten, nested, random, and with a shortcut."""
    layers: list[Layer] = [
        Conv2D(4, 3, activation=ReLU()),
        MaxPool2D(2),
        Residual([Conv2D(6, 3, padding="same"), BatchNorm(), Tanh()]),
        Sequential([Flatten(), Dropout(0.5)]),
        Dense(5, activation=ReLU()),
        Dense(3),
        Softmax(),
    ]
    return Model(layers, (8, 8, 1), seed=3, dtype=dtype)


def watch(model: Model) -> LayerByLayer:
    return LayerByLayer(model, model.flat.all_values)


def batch(count: int = 4) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 8, 8, 1))


def test_forward_and_backward_are_the_models() -> None:
    model, watched, x = network(), watch(network()), batch()
    model.start_step(7)
    watched.start_step(7, seed=3)
    dy = np.random.default_rng(1).normal(size=(4, 3))
    np.testing.assert_allclose(watched.forward(x, True), model.forward(x, True), rtol=1e-12)
    watched.backward(dy)
    model.backward(dy.copy())
    for path, parameter in model.flat.by_path.items():
        found = watched.flat.by_path[path].grad
        np.testing.assert_allclose(found, parameter.grad, rtol=1e-9, atol=1e-12, err_msg=path)


def test_each_layer_takes_what_the_one_before_it_made() -> None:
    watched = watch(network())
    watched.start_step(0, seed=3)
    watched.forward(batch(), True)
    watched.backward(np.ones((4, 3)))
    outer = [passage for passage in watched.passages if not passage.path.startswith("residual_1.")]
    for before, after in pairwise(outer):
        assert np.array_equal(before.y, after.x), after.path
        assert np.array_equal(before.dy, after.dx), after.path
    assert [passage.path for passage in outer[:4]] == [
        "conv2d_1",
        "conv2d_1.activation",
        "max_pool2d_1",
        "residual_1",
    ]


def test_nothing_of_the_model_changes() -> None:
    model = network()
    running = model.named_buffers()["residual_1.batch_norm_1.running_mean"]
    before = (
        model.flat.all_values.copy(),
        running.value.copy(),
    )
    watched = watch(model)
    watched.forward(batch(), True)
    watched.backward(np.ones((4, 3)))
    watched.flat.all_values[...] = 0.0
    assert np.array_equal(model.flat.all_values, before[0])
    assert np.array_equal(running.value, before[1])


def test_the_gradient_by_logits_may_be_the_losss_own() -> None:
    watched, x = watch(network()), batch()
    watched.start_step(0, seed=3)
    p = watched.forward(x, True)
    t = np.eye(3)[[0, 1, 2, 0]]
    watched.backward(-t / p / 4)
    by_the_chain_rule = watched.flat.grads.copy()
    watched.start_step(0, seed=3)
    watched.forward(x, True)
    watched.backward(-t / p / 4, of_logits=(p - t) / 4)
    assert watched.passages[-1].dx.shape == (4, 3)
    np.testing.assert_allclose(watched.flat.grads, by_the_chain_rule, rtol=1e-7, atol=1e-12)


def test_activations_by_hand() -> None:
    model = Model([Dense(4, activation=ReLU()), Dense(3), Softmax()], (2,), seed=1)
    model.split_head()  # as a training with cross-entropy does
    x = np.random.default_rng(2).normal(size=(700, 2)).astype(np.float32)
    w1, w2 = (model.flat.by_path[f"dense_{n}.weight"].value for n in (1, 2))
    found = model.activations(x)
    e = np.exp(np.maximum(x @ w1, 0) @ w2)
    expected = {
        "dense_1": x @ w1,
        "dense_1.activation": np.maximum(x @ w1, 0),
        "dense_2": np.maximum(x @ w1, 0) @ w2,
        "softmax_1": e / e.sum(axis=1, keepdims=True),
    }
    assert list(found) == list(expected)
    for path, values in expected.items():
        np.testing.assert_allclose(found[path], values, rtol=1e-4, atol=1e-6, err_msg=path)
    np.testing.assert_allclose(found["softmax_1"], model.predict(x), rtol=1e-6)


def test_activations_are_those_of_inference() -> None:
    model = network(np.float32)
    found = model.activations(batch(3))
    np.testing.assert_allclose(found["softmax_1"], model.predict(batch(3)), rtol=1e-5)
    assert np.array_equal(found["sequential_1.dropout_1"], found["sequential_1.flatten_1"])


def test_activations_refuse_other_shapes() -> None:
    with pytest.raises(ShapeError, match="built for inputs of 8 x 8 x 1"):
        network().activations(np.zeros((2, 9, 8, 1)))


@pytest.mark.parametrize("word", LAYERS)
def test_every_layer_says_its_formulas_beside_its_code(word: str) -> None:
    member = registry()["layer"][word]
    forward, backward = formula(member.forward), formula(member.backward)
    assert re.match(r"y\S* = ", forward), forward
    assert re.match(r"dL/d\S+ = ", backward), backward
