"""Weights that get no gradient are named once, by values and gradients written by hand."""

from __future__ import annotations

import pytest

from nnfs_cli.nn.layers.batch_norm import BatchNorm
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.model import Model
from nnfs_cli.training.dead_weights import DeadWeights


@pytest.mark.parametrize(
    ("gradient", "moved", "loss", "is_dead"),
    [
        ([0.0, 0.0], False, 1.0, True),
        ([0.0, 0.5], False, 1.0, False),  # a step that is too small to be seen
        ([0.0, 0.0], True, 1.0, False),  # the last batch alone had none
        ([0.0, 0.0], False, 0.0, False),  # all is learnt
    ],
)
def test_dead_are_weights_without_gradient_that_stay(
    gradient: list[float], moved: bool, loss: float, is_dead: bool
) -> None:
    model = Model([Dense(1), Dense(1)], (2,))
    weight = model.flat.by_path["dense_1.weight"]
    model.flat.grads[...] = 1.0
    weight.grad[:, 0] = gradient
    looked = DeadWeights(model, 16)
    for _ in range(2):
        said = looked.look(loss)
        model.flat.by_path["dense_2.weight"].value += 1.0
        weight.value += float(moved)
    model.flat.grads[...] = 1.0
    assert said.startswith("dense_1.weight: all gradients are zero") == is_dead
    assert bool(said) == is_dead


def test_it_is_said_once_and_with_what_may_help() -> None:
    model = Model([Dense(2), BatchNorm(), Dense(2), Dense(2), Dense(2)], (2,))
    model.flat.grads[...] = 0.0
    one = DeadWeights(model, 1)
    assert [bool(one.look(1.0)) for _ in range(3)] == [False, True, False]
    assert "raise train.batch_size" in [*map(DeadWeights(model, 1).look, (1.0, 1.0))][1]
    assert "lower optimizer.lr" in [*map(DeadWeights(model, 2).look, (1.0, 1.0))][1]
