from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.errors import ShapeError, UsageError
from nnfs_cli.layers.dense import Dense
from nnfs_cli.layers.flatten import Flatten
from nnfs_cli.layers.layer import Layer
from nnfs_cli.layers.residual import Residual
from nnfs_cli.layers.sequential import Sequential


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
