"""What every registered optimizer must do; a new one is tested by being there."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nnfs_cli.components.described import describe
from nnfs_cli.components.registry import registry
from nnfs_cli.nn.optimizer import BLOCK, Optimizer
from nnfs_cli.nn.parameter import FlatParameters, Parameter

WORDS = sorted({member.word for member in registry()["optimizer"].values()})
DESCRIPTIONS: list[dict[str, Any]] = [
    *({"type": word} for word in WORDS),
    {"type": "sgd", "momentum": 0.9},
    {"type": "sgd", "momentum": 0.9, "nesterov": True},
]
# Adadelta's steps begin at a thousandth of its lr, Adagrad's soon become small.
RATES = {"adadelta": 0.5, "adagrad": 0.1}
every_optimizer = pytest.mark.parametrize("description", DESCRIPTIONS, ids=str)


def flat(weights: int, biases: int, dtype: Any = np.float32) -> FlatParameters:
    parameters = {
        "weight": Parameter("weight", (weights,), lambda g: g.standard_normal(weights)),
        "bias": Parameter("bias", (biases,), lambda g: g.standard_normal(biases), decays=False),
    }
    vectors = FlatParameters(parameters, dtype)
    generator = np.random.default_rng(1)
    vectors.values[...] = generator.standard_normal(len(vectors.values))
    vectors.grads[...] = generator.standard_normal(len(vectors.values))
    return vectors


@every_optimizer
def test_it_finds_the_bottom_of_a_bowl(description: dict[str, Any]) -> None:
    vectors, optimizer = flat(20, 5, np.float64), Optimizer.read(description)
    optimizer.bind(vectors)
    start = np.abs(vectors.values).mean()
    for _ in range(2000):
        vectors.grads[...] = vectors.values
        optimizer.step(RATES.get(description["type"], 0.01))
    assert np.abs(vectors.values).mean() < 0.2 * start


@every_optimizer
def test_blocks_make_no_difference(description: dict[str, Any]) -> None:
    weights, biases = 2 * BLOCK + 7, BLOCK + 3
    whole, first, second = flat(weights, biases), flat(5, 1), flat(1, 5)
    places = [*range(5), weights], [0, *range(weights, weights + 5)]
    runs = [Optimizer.read(description | {"weight_decay": 0.0}) for _ in range(3)]
    for part, place in zip((first, second), places, strict=True):
        part.values[...] = whole.values[place]
    gradients = whole.grads.copy()
    for optimizer, vectors in zip(runs, (whole, first, second), strict=True):
        optimizer.bind(vectors)
    for _ in range(3):
        whole.grads[...] = gradients
        for part, place in zip((first, second), places, strict=True):
            part.grads[...] = gradients[place]
        for optimizer in runs:
            optimizer.step()
    for part, place in zip((first, second), places, strict=True):
        np.testing.assert_allclose(part.values, whole.values[place], rtol=1e-5, atol=1e-7)


@every_optimizer
def test_only_what_decays_decays(description: dict[str, Any]) -> None:
    plain, decaying = flat(BLOCK + 50, 9), flat(BLOCK + 50, 9)
    for vectors, keys in ((plain, {"weight_decay": 0.0}), (decaying, {"weight_decay": 1.0})):
        optimizer, generator = Optimizer.read(description | keys), np.random.default_rng(2)
        optimizer.bind(vectors)
        for _ in range(5):
            vectors.grads[...] = generator.standard_normal(len(vectors.grads))
            optimizer.step(0.01)
    changed = plain.values != decaying.values
    assert changed[:BLOCK].mean() > 0.9
    assert changed[BLOCK : plain.decaying].mean() > 0.9
    assert not changed[plain.decaying :].any()


@every_optimizer
def test_a_layer_s_own_decay_is_that_of_an_optimizer_of_its_own(
    description: dict[str, Any],
) -> None:
    """Whole and in shards, beside optimizers that know one parameter each."""
    own: dict[str, tuple[tuple[int, ...], float | None, bool]] = {
        "usual": ((BLOCK + 7,), None, True),
        "strong": ((40, 2), 2.0, True),
        "free": ((9,), 0.0, True),
        "pulled bias": ((5,), 0.5, False),
        "bias": ((6,), None, False),
    }

    def vectors(*names: str) -> FlatParameters:
        declared = {}
        for name in names:
            shape, decay, decays = own[name]
            declared[name] = Parameter(name, shape, lambda _: np.ones(0), decays, True, decay)
        flat = FlatParameters(declared, np.float64)
        for name in names:
            generator = np.random.default_rng(len(name))
            declared[name].value[...] = generator.standard_normal(own[name][0])
        return flat

    keys = description | {"weight_decay": 0.3, "l1": 0.01}
    together = [vectors(*own), vectors(*own)]
    optimizers = [Optimizer.read(keys) for _ in range(3)]
    optimizers[0].bind(together[0])
    edges = (0, BLOCK + 50, len(together[1].values))
    for optimizer, edge in zip(optimizers[1:], pairwise(edges), strict=True):
        optimizer.bind(together[1])
        optimizer.update_only(slice(*edge))
    alone = {name: vectors(name) for name in own}
    singles = {}
    for name, (_, decay, decays) in own.items():
        alone[name].by_path[name].decays, alone[name].by_path[name].weight_decay = True, None
        usual = 0.3 if decays else 0.0
        penalties = {"weight_decay": usual if decay is None else decay, "l1": 0.01 * decays}
        singles[name] = Optimizer.read(description | penalties)
        singles[name].bind(alone[name])
    generator = np.random.default_rng(1)
    for _ in range(4):
        for name in own:
            gradient = generator.standard_normal(own[name][0])
            for flat in (*together, alone[name]):
                flat.by_path[name].grad[...] = gradient
        for optimizer in (*optimizers, *singles.values()):
            optimizer.step(0.01)
    for name in own:
        for flat in together:
            np.testing.assert_array_equal(flat.by_path[name].value, alone[name].by_path[name].value)


@every_optimizer
def test_steps_continue_from_memory_and_count(description: dict[str, Any]) -> None:
    through, resumed = flat(10, 2), flat(10, 2)
    first, second = Optimizer.read(description), Optimizer.read(description)
    first.bind(through)
    second.bind(resumed)
    gradients = np.random.default_rng(2).standard_normal((6, 12)).astype(np.float32)
    for number, gradient in enumerate(gradients):
        if number == 3:
            kept = {name: vector.copy() for name, vector in second.memory.items()}
            second = Optimizer.read(description)
            second.bind(resumed)
            second.steps = 3
            for name, vector in kept.items():
                second.memory[name][...] = vector
        for optimizer, vectors in ((first, through), (second, resumed)):
            vectors.grads[...] = gradient
            optimizer.step()
    assert np.array_equal(through.values, resumed.values)


@every_optimizer
def test_types_stay_and_nothing_is_allocated(description: dict[str, Any]) -> None:
    vectors, optimizer = flat(5 * BLOCK, 10), Optimizer.read(description)
    optimizer.bind(vectors)
    optimizer.step()
    tracemalloc.start()
    optimizer.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < BLOCK
    assert all(
        vector.dtype == np.float32 for vector in (vectors.values, *optimizer.memory.values())
    )
    assert np.isfinite(vectors.values).all()


@every_optimizer
def test_description_round_trip(description: dict[str, Any]) -> None:
    full = describe(Optimizer.read(description))
    assert describe(Optimizer.read(full)) == full
