"""Activations at the ends of the number line, and over their own input."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.activations.activation import Activation
from nnfs_cli.initializers.initializer import Initializer

WORDS = sorted({member.word for member in Activation.members().values()})


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("word", WORDS)
def test_large_numbers_stay_finite(word: str, dtype: type) -> None:
    activation = Activation.read(word)
    activation.prepare(dtype)
    x = np.array([[-1e4, -500.0, -90.0, -1e-30, 0.0, 1e-30, 90.0, 500.0, 1e4]], dtype=dtype)
    y = activation.forward(x, True)
    assert np.isfinite(y).all()
    assert np.isfinite(activation.backward(np.ones_like(x))).all()


@pytest.mark.parametrize("word", [w for w in WORDS if not Activation.members()[w].keeps_input])
def test_in_place_gives_the_same(word: str) -> None:
    x = np.random.default_rng(0).standard_normal((5, 7))
    upstream = np.random.default_rng(1).standard_normal((5, 7))
    apart, over = Activation.read(word), Activation.read(word)
    for activation in (apart, over):
        activation.prepare(np.float64)
    over.inplace = True
    y, dx = apart.forward(x, True), apart.backward(upstream.copy())
    assert np.array_equal(over.forward(x, True), y)
    assert np.array_equal(over.backward(upstream.copy()), dx)


@pytest.mark.parametrize("word", WORDS)
def test_the_suiting_initializer_exists(word: str) -> None:
    assert Activation.members()[word].initializer_word in Initializer.members()


def test_softmax_rows_are_probabilities() -> None:
    y = Activation.read("softmax").forward(np.random.default_rng(0).standard_normal((5, 7)), False)
    np.testing.assert_allclose(y.sum(axis=1), 1.0, rtol=1e-6)
    assert (y > 0.0).all()
