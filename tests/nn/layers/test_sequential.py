from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.errors import ShapeError, UsageError
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.flatten import Flatten
from nnfs_cli.nn.layers.residual import Residual
from nnfs_cli.nn.layers.sequential import Sequential


def test_an_impossible_shape_says_where() -> None:
    network = Sequential(
        [Flatten(), Sequential([Dense(3), Residual([Dense(4)], shortcut="identity")])]
    )
    with pytest.raises(
        ShapeError, match="residual adds its input, 3, to its layers' output, 4"
    ) as e:
        network.build((2, 2))
    assert e.value.location == ("layers", 1, "layers", 1)


def test_names_count_by_type() -> None:
    relu = Layer.read("relu")
    network = Sequential([Dense(3), relu, Sequential([Dense(2)]), Dense(1)])
    assert [path for path, _ in network.walk()] == [
        "dense_1", "relu_1", "sequential_1", "sequential_1.dense_1", "dense_2",
    ]  # fmt: skip


def test_layers_in_front_of_the_first_learner_do_not_run_backward() -> None:
    network = Sequential([Flatten(), Dense(3, trainable=False), Dense(2)])
    network.prepare(np.float32)
    network.build((2, 2))
    network.skip_input_gradient()
    assert network.first == 2
    assert not network.steps[2].input_gradient


def test_a_layer_stands_in_one_place_only() -> None:
    relu = Layer.read("relu")
    with pytest.raises(UsageError, match="twice; make one for each place"):
        Sequential([Dense(3), relu, Residual([Dense(3), relu])])


@pytest.mark.parametrize("word", ["relu", "leaky_relu"])
@pytest.mark.parametrize("padding", [0, 1])
def test_pooling_first_changes_no_bit(word: str, padding: int) -> None:
    """The same layers, called one by one in the order they were written."""
    words = [word, {"type": "max_pool2d", "pool_size": 3, "strides": 2, "padding": padding}]
    network = Sequential([Layer.read(one) for one in words])
    assert [step.word for step in network.steps] == ["max_pool2d", word]
    assert list(network.children()) == [f"{word}_1", "max_pool2d_1"]
    network.build((9, 8, 3))
    generator = np.random.default_rng(0)
    x = generator.integers(-3, 4, (4, 9, 8, 3)).astype(np.float32)  # with many ties
    y = network.forward(x, True)
    dy = generator.standard_normal(y.shape).astype(np.float32)
    dx = network.backward(dy.copy())
    activation, pooling = (Layer.read(one) for one in words)
    activation.build((9, 8, 3))
    pooling.build((9, 8, 3))
    np.testing.assert_array_equal(y, pooling.forward(activation.forward(x.copy(), True), True))
    np.testing.assert_array_equal(dx, activation.backward(pooling.backward(dy.copy())))
