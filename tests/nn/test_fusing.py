"""Fusing changes how the numbers are computed, not what they are."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.activations.linear import Linear
from nnfs_cli.nn.activations.sigmoid import Sigmoid
from nnfs_cli.nn.activations.softmax import Softmax
from nnfs_cli.nn.fusing import fuse
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.losses.mse import MSE
from nnfs_cli.nn.model import Model


def network(head: Layer | None, units: int) -> Model:
    layers = [Dense(units), *([head] if head else [])]
    return Model(layers, (4,), seed=5, dtype=np.float64)


def gradients(model: Model, loss: Loss, x: Array, targets: Array) -> tuple[float, Array]:
    value, gradient = loss.value_and_grad(model.forward(x, training=True), targets)
    model.backward(gradient)
    return value, model.flat.grads.copy()


@pytest.mark.parametrize(
    ("head", "units", "loss"),
    [
        (Softmax, 3, CrossEntropy(from_logits=False, label_smoothing=0.1)),
        (Sigmoid, 1, BinaryCrossEntropy(from_logits=False)),
    ],
)
def test_the_same_loss_and_gradients(head: type[Layer], units: int, loss: Loss) -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((8, 4))
    classes = generator.integers(0, max(units, 2), 8)
    targets = classes if units == 3 else classes.reshape(-1, 1).astype(np.float64)
    plain, fused = network(head(), units), network(head(), units)
    value, expected = gradients(plain, loss, x, targets)
    fused_loss = fuse(fused, loss)
    fused_value, found = gradients(fused, fused_loss, x, targets)
    assert isinstance(fused.head, head)
    assert fused_value == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(plain.predict(x), fused.predict(x), rtol=1e-12)


def test_a_certain_mistake_does_not_overflow() -> None:
    model = network(Softmax(), 2)
    loss = fuse(model, CrossEntropy())
    value, gradient = loss.value_and_grad(np.array([[1000.0, -1000.0]]), np.array([1]))
    assert value == pytest.approx(2000)
    np.testing.assert_allclose(gradient, [[1, -1]])


def test_fusing_twice_is_fusing_once() -> None:
    model = network(Softmax(), 3)
    for loss in (CrossEntropy(), CrossEntropy(from_logits=False)):
        fused = fuse(model, loss)
        assert isinstance(fused, CrossEntropy)
        assert fused.from_logits
        assert [type(step) for step in model.steps] == [Dense]


@pytest.mark.parametrize(
    ("head", "loss"),
    [(Softmax(), MSE()), (Sigmoid(), CrossEntropy()), (None, CrossEntropy()), (Linear(), MSE())],
)
def test_what_is_left_alone(head: Layer | None, loss: Loss) -> None:
    model = network(head, 2)
    assert fuse(model, loss) is loss
    assert model.head is None


@pytest.mark.parametrize(
    "loss", [CrossEntropy(from_logits=False), BinaryCrossEntropy(from_logits=False)]
)
def test_probabilities_need_an_activation(loss: Loss) -> None:
    with pytest.raises(UsageError, match="with from_logits: false needs a network that ends in s"):
        fuse(network(None, 2), loss)
