from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.errors import ShapeError, UsageError
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.optimizers.sgd import SGD


def spread(network: Sequential) -> float:
    """The standard deviation of the first layer's initial weights."""
    network.build((400,))
    weight = network.layers[0].parameters["weight"]
    return float(weight.initial(np.random.default_rng(0)).std())


@pytest.mark.parametrize(
    ("next_layer", "expected"),
    [("relu", (2 / 400) ** 0.5), ("tanh", (2 / 700) ** 0.5), ("selu", (1 / 400) ** 0.5)],
)
def test_initial_weights_suit_the_activation(next_layer: str, expected: float) -> None:
    inside = Layer.read({"type": "dense", "units": 300, "activation": next_layer})
    assert spread(Sequential([inside])) == pytest.approx(expected, rel=0.02)
    behind = [Dense(300), Layer.read(next_layer)]
    assert spread(Sequential(behind)) == pytest.approx(expected, rel=0.02)


def test_without_bias() -> None:
    layer = Dense(3, use_bias=False)
    assert layer.build((5,)) == (3,)
    assert list(layer.parameters) == ["weight"]


def test_images_are_refused_with_a_hint() -> None:
    with pytest.raises(ShapeError, match=r"28 x 28.*flatten"):
        Dense(3).build((28, 28))


def test_its_own_decay_takes_the_place_of_the_optimizers() -> None:
    """Without a gradient a step of size 1 shrinks each by its strength alone."""
    strengths: dict[str, float] = {"weight_decay": 0.25, "bias_decay": 0.125}
    kinds: list[tuple[dict[str, float], float, float]] = [
        ({}, 0.5, 0.0),
        (strengths, 0.25, 0.125),
        ({"weight_decay": 0.0}, 0.0, 0.0),
        ({"bias_decay": 0.125}, 0.5, 0.125),
    ]
    layers = [Layer.read({"type": "dense", "units": 3, **keys}) for keys, _, _ in kinds]
    model = Model(layers, (3,))
    model.flat.values[...] = before = np.linspace(1, 2, len(model.flat.values))
    optimizer = SGD(lr=1.0, weight_decay=0.5)
    optimizer.bind(model.flat)
    optimizer.step()
    shrunk = model.flat.split(1 - model.flat.values / before)
    for number, (_, weight, bias) in enumerate(kinds, start=1):
        np.testing.assert_allclose(shrunk[f"dense_{number}.weight"], weight, atol=1e-6)
        np.testing.assert_allclose(shrunk[f"dense_{number}.bias"], bias, atol=1e-6)


def test_a_decay_of_biases_needs_biases() -> None:
    with pytest.raises(UsageError, match="bias_decay is for a layer with biases"):
        Dense(units=3, use_bias=False, bias_decay=0.1)
