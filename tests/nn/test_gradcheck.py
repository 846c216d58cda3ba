"""The gradient check passes what is right and catches what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.activations.relu import ReLU
from nnfs_cli.nn.activations.softmax import Softmax
from nnfs_cli.nn.gradcheck import TOLERANCE, check_layer, check_loss, materialize
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.batch_norm import BatchNorm
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.dropout import Dropout
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.losses.mse import MSE
from nnfs_cli.nn.model import Model


class WrongSoftmax(Softmax):
    """Its gradient is zero whatever comes from above, right only for an upstream of ones."""

    def backward(self, dy: Array) -> Array:
        dy[...] = 0.0
        return dy


class ForgetfulDense(Dense):
    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        self.bias.grad *= 1.0001
        return dx


class AddingDense(Dense):
    """It adds to the gradient instead of assigning it."""

    def backward(self, dy: Array) -> Array:
        kept = self.weight.grad.copy()
        dx = super().backward(dy)
        self.weight.grad += kept
        return dx


class UndefinedReLU(ReLU):
    def backward(self, dy: Array) -> Array:
        dy.reshape(-1)[0] = np.nan
        return dy


class WrongMSE(MSE):
    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        value, gradient = super().value_and_grad(outputs, targets)
        return 0.5 * value, gradient


def wrong(layer: Layer) -> set[str]:
    return {result.name.split(" ")[0] for result in check_layer(layer, (4,)) if not result.ok}


@pytest.mark.parametrize(
    ("layer", "where"),
    [
        (WrongSoftmax(), {"input"}),
        (ForgetfulDense(3), {"dense_1.bias"}),
        (AddingDense(3), {"dense_1.weight"}),
        (UndefinedReLU(), {"input"}),
        (Sequential([Dense(5), WrongSoftmax()]), {"input", "dense_1.weight", "dense_1.bias"}),
    ],
)
def test_wrong_gradients_are_caught(layer: Layer, where: set[str]) -> None:
    assert wrong(layer) == where


def test_a_whole_network_with_every_kind_of_difficulty() -> None:
    network = Sequential([Dense(50, activation=ReLU()), Dropout(0.3), Dense(20), Softmax()])
    results = check_layer(network, (30,))
    assert {result.name.split(" ")[0] for result in results} == {
        "input", "dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_2.bias",
    }  # fmt: skip
    assert max(result.max_error for result in results) < TOLERANCE


def test_losses() -> None:
    outputs, targets = np.random.default_rng(0).standard_normal((2, 4, 3))
    assert check_loss(MSE(), outputs, targets).ok
    assert not check_loss(WrongMSE(), outputs, targets).ok


def test_a_model_is_as_before_after_it_was_checked() -> None:
    model = Model([Dense(5), ReLU(), Dense(2)], (4,))
    x = np.random.default_rng(0).standard_normal((3, 4))
    before = model.predict(x)
    for checked in (model, model.layers[0]):
        assert all(result.ok for result in check_layer(checked, (4,)))
    assert np.array_equal(model.forward(x, training=False), before)


def test_the_weights_that_are_checked_are_first_weights_and_noise() -> None:
    """A tenth of a normal number on what is drawn at first: gamma is about 1, a bias about 0."""
    layers = [Dense(200), BatchNorm()]
    found = materialize(Sequential(layers), (300,), np.random.default_rng(0))
    weight = found["dense_1.weight"].value
    assert weight.dtype == np.float64
    assert weight.std() == pytest.approx(np.sqrt(2 / (300 + 200) + 0.01), rel=0.02)
    for name, mean in (("batch_norm_1.gamma", 1.0), ("dense_1.bias", 0.0)):
        assert found[name].value.mean() == pytest.approx(mean, abs=0.03)
        assert found[name].value.std() == pytest.approx(0.1, rel=0.2)
