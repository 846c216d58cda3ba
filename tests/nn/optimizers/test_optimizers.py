from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.optimizer import FLUSH_EVERY, Optimizer
from nnfs_cli.nn.optimizers.adagrad import Adagrad
from nnfs_cli.nn.optimizers.adam import Adam, AdamW
from nnfs_cli.nn.optimizers.lion import Lion
from nnfs_cli.nn.optimizers.rmsprop import RMSprop
from nnfs_cli.nn.optimizers.sgd import SGD
from nnfs_cli.nn.parameter import FlatParameters, Parameter


def bound(optimizer: Optimizer, start: Array) -> FlatParameters:
    weight = Parameter("weight", start.shape, lambda generator: start)
    vectors = FlatParameters({"weight": weight}, np.float64)
    weight.value[...] = start
    optimizer.bind(vectors)
    return vectors


def test_lion_is_the_paper_s_for_fifty_steps() -> None:
    generator = np.random.default_rng(0)
    w, m = generator.standard_normal(30), np.zeros(30)
    lion = Lion(lr=0.02, beta_1=0.8, beta_2=0.95, weight_decay=0.1)
    vectors = bound(lion, w)
    for _ in range(50):
        g = w + generator.standard_normal(30)
        vectors.grads[...] = g
        lion.step()
        c = 0.8 * m + 0.2 * g
        w = w - 0.02 * (np.sign(c) + 0.1 * w)
        m = 0.95 * m + 0.05 * g
    np.testing.assert_allclose(vectors.values, w, rtol=1e-9)


def test_decoupled_decay_shrinks_by_lr_times_decay() -> None:
    optimizer = AdamW(lr=0.5, weight_decay=0.1)
    vectors = bound(optimizer, np.array([1.0, -2.0]))
    optimizer.step(0.25)
    np.testing.assert_allclose(vectors.values, [0.975, -1.95])


def test_l1_pulls_by_its_sign() -> None:
    optimizer = SGD(lr=0.5, l1=0.1)
    vectors = bound(optimizer, np.array([1.0, -2.0, 0.0]))
    optimizer.step()
    np.testing.assert_allclose(vectors.values, [0.95, -1.95, 0.0])


def test_sgd_remembers_nothing_without_momentum() -> None:
    plain, heavy = SGD(), SGD(momentum=0.9)
    bound(plain, np.ones(2))
    bound(heavy, np.ones(2))
    assert list(plain.memory) == []
    assert list(heavy.memory) == ["velocity"]


def test_memory_that_fades_becomes_zero_before_it_becomes_slow() -> None:
    optimizer = SGD(momentum=0.5)
    vectors = bound(optimizer, np.ones(2))
    for step in range(2 * FLUSH_EVERY):
        vectors.grads[...] = [0.0 if step else 1.0, 1.0]
        optimizer.step()
    assert optimizer.memory["velocity"][0] == 0.0
    np.testing.assert_allclose(optimizer.memory["velocity"][1], 2.0)


MAGNITUDES = 10.0 ** np.arange(-29.0, 11.0)


def adam(gradients: Array, epsilon: float) -> Array:
    """Where Adam goes from 0 in float64, by the paper's formulas."""
    w, m, v = np.zeros((3, gradients.shape[1]))
    for step, g in enumerate(gradients, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w -= 1e-3 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + epsilon)
    return w


def rmsprop(gradients: Array, epsilon: float) -> Array:
    w, v = np.zeros((2, gradients.shape[1]))
    for g in gradients:
        v = 0.9 * v + 0.1 * g * g
        w -= 1e-3 * g / (np.sqrt(v) + epsilon)
    return w


def adagrad(gradients: Array, epsilon: float) -> Array:
    squares = np.cumsum(np.square(gradients), axis=0)
    return -1e-3 * (gradients / (np.sqrt(squares) + epsilon)).sum(axis=0)


@pytest.mark.parametrize("epsilon", [1e-4, 1e-8, 1e-12, 1e-15, 1e-18])
@pytest.mark.parametrize(
    ("kind", "reference"), [(Adam, adam), (RMSprop, rmsprop), (Adagrad, adagrad)]
)
def test_gradients_of_any_size_lead_where_float64_leads(
    kind: Callable[..., Optimizer], reference: Callable[[Array, float], Array], epsilon: float
) -> None:
    generator = np.random.default_rng(0)
    gradients = MAGNITUDES * generator.uniform(0.5, 1.5, (3 * FLUSH_EVERY, len(MAGNITUDES)))
    gradients[2 * FLUSH_EVERY :] = 0.0
    weight = Parameter("weight", MAGNITUDES.shape, np.zeros_like)
    vectors = FlatParameters({"weight": weight}, np.float32)
    optimizer = kind(lr=1e-3, epsilon=epsilon)
    optimizer.bind(vectors)
    for g in gradients:
        vectors.grads[...] = g
        optimizer.step()
    np.testing.assert_allclose(vectors.values, reference(gradients, epsilon), rtol=2e-4)
