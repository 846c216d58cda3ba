from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.sequential import Sequential


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
