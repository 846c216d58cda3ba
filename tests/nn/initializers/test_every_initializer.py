"""What every registered initializer must do, and the moments that each one promises."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nnfs_cli.components.described import describe
from nnfs_cli.components.registry import registry
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.initializer import Initializer, fans
from nnfs_cli.nn.initializers.normal import Uniform
from nnfs_cli.nn.initializers.orthogonal import Orthogonal

ARGUMENTS: dict[str, dict[str, Any]] = {"constant": {"value": 0.5}}
WORDS = sorted({member.word for member in registry()["initializer"].values()})
every_initializer = pytest.mark.parametrize("word", WORDS)


def sample(word: str, shape: Shape, seed: int = 0, **keys: Any) -> Array:
    description = {"type": word} | ARGUMENTS.get(word, {}) | keys
    return Initializer.read(description).sample(np.random.default_rng(seed), shape)


@every_initializer
@pytest.mark.parametrize("shape", [(7,), (1,), (5, 3), (3, 5), (3, 3, 4, 8)])
def test_shapes_and_repeatability(word: str, shape: Shape) -> None:
    first = sample(word, shape)
    assert first.shape == shape
    assert first.dtype == np.float64
    assert np.isfinite(first).all()
    assert np.array_equal(sample(word, shape), first)


@every_initializer
def test_description_round_trip(word: str) -> None:
    full = describe(Initializer.read({"type": word} | ARGUMENTS.get(word, {})))
    assert describe(Initializer.read(full)) == full


@pytest.mark.parametrize(
    ("word", "variance"),
    [
        ("he_normal", 2 / 400), ("he_uniform", 2 / 400), ("lecun_normal", 1 / 400),
        ("lecun_uniform", 1 / 400), ("glorot_normal", 2 / 500), ("glorot_uniform", 2 / 500),
        ("normal", 0.05**2), ("uniform", 0.1**2 / 12), ("truncated_normal", (0.05 * 0.8796) ** 2),
    ],
)  # fmt: skip
@pytest.mark.parametrize("shape", [(400, 100), (2, 2, 100, 25)])
def test_moments(word: str, variance: float, shape: Shape) -> None:
    drawn = sample(word, shape)
    assert fans(shape) == (400, 100)
    assert drawn.var() == pytest.approx(variance, rel=0.06)
    assert abs(drawn.mean()) < 5 * math.sqrt(variance / drawn.size)


@pytest.mark.parametrize(
    ("word", "limit"),
    [
        ("he_uniform", math.sqrt(6 / 400)), ("lecun_uniform", math.sqrt(3 / 400)),
        ("glorot_uniform", math.sqrt(6 / 500)), ("uniform", 0.05), ("truncated_normal", 0.1),
    ],
)  # fmt: skip
def test_bounds(word: str, limit: float) -> None:
    largest = np.abs(sample(word, (400, 100))).max()
    assert 0.98 * limit < largest <= limit


def test_means_and_limits_are_moved() -> None:
    assert sample("normal", (9999,), mean=3.0).mean() == pytest.approx(3.0, abs=0.01)
    assert sample("truncated_normal", (9999,), mean=3.0).mean() == pytest.approx(3.0, abs=0.01)
    moved = sample("uniform", (9999,), low=2.0, high=3.0)
    assert moved.min() >= 2.0
    assert moved.max() <= 3.0
    assert np.all(sample("constant", (3,)) == 0.5)
    assert not sample("zeros", (3,)).any()


@pytest.mark.parametrize("shape", [(6, 6), (8, 3), (3, 8), (3, 3, 2, 5)])
def test_orthogonal(shape: Shape) -> None:
    matrix = Orthogonal(gain=2.0).sample(np.random.default_rng(0), shape).reshape(-1, shape[-1])
    rows, columns = matrix.shape
    product = matrix.T @ matrix if rows >= columns else matrix @ matrix.T
    np.testing.assert_allclose(product, 4.0 * np.eye(min(rows, columns)), atol=1e-12)


def test_orthogonal_prefers_no_sign() -> None:
    generator = np.random.default_rng(0)
    corners = [Orthogonal().sample(generator, (3, 3))[0, 0] for _ in range(400)]
    assert 150 < sum(corner > 0 for corner in corners) < 250


def test_limits_in_the_wrong_order() -> None:
    with pytest.raises(UsageError, match="low must not be above high"):
        Uniform(low=1.0, high=0.0)
