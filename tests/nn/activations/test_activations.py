"""Activations at the ends of the number line, and over their own input."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.activations.sigmoid import sigmoid
from nnfs_cli.nn.initializer import Initializer
from nnfs_cli.nn.parameter import FlatParameters

WORDS = sorted({member.word for member in Activation.members().values()})


def ready(word: str, features: int, dtype: type = np.float32) -> Activation:
    """The activation with its defaults, built, with parameters where it has some."""
    activation = Activation.read(word)
    activation.prepare(dtype)
    activation.output_shape = activation.build((features,))
    FlatParameters(activation.parameters, dtype)
    for parameter in activation.parameters.values():
        parameter.value[...] = parameter.initial(np.random.default_rng(0))
    return activation


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("word", WORDS)
def test_large_numbers_stay_finite(word: str, dtype: type) -> None:
    activation = ready(word, 9, dtype)
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


def sigma(x: float) -> float:
    return math.exp(min(x, 0.0)) / (1.0 + math.exp(-abs(x)))


EXACT: dict[str, Callable[[float], float]] = {
    "sigmoid": sigma,
    "silu": lambda x: x * sigma(x),
    "gelu": lambda x: x * sigma(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)),
    "mish": lambda x: x * math.tanh(max(x, 0.0) + math.log1p(math.exp(-abs(x)))),
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
}


@pytest.mark.parametrize("word", EXACT)
def test_float32_keeps_its_digits_where_a_gate_closes(word: str) -> None:
    x = np.linspace(-86, 40, 5001, dtype=np.float32)[:, np.newaxis]
    x = x[x > -4.9][:, np.newaxis] if word == "gelu" else x  # beyond, x³ itself is not exact
    expected = [[EXACT[word](float(number))] for number in x[:, 0]]
    found = Activation.read(word).forward(x.copy(), training=False)
    np.testing.assert_allclose(
        found.astype(np.float64), expected, rtol=2e-6 if word == "gelu" else 6e-7
    )


def test_the_sigmoid_reaches_the_smallest_number() -> None:
    x = np.array([-104.5, -103.0, -100.0, -90.0, -87.5, -87.0, np.nan, np.inf, -np.inf, 200.0])
    for some in (x, x[:6], x[:0]):
        found = sigmoid(some.astype(np.float32), np.empty(len(some), np.float32))
        over = some.astype(np.float32)
        sigmoid(over, over)
        expected = np.array([math.exp(n) if n < -80 else n if n != n else 1.0 for n in some])
        np.testing.assert_allclose(found, expected.astype(np.float32), rtol=4e-7, atol=1.5e-45)
        assert np.array_equal(over, found, equal_nan=True)


@pytest.mark.parametrize("word", [word for word in WORDS if word != "softmax"])
@pytest.mark.parametrize("x", [1e15, 3e38])
def test_slopes_at_the_ends(word: str, x: float) -> None:
    activation = ready(word, 2)
    y = activation.forward(np.array([[-x, x]], np.float32), training=True)
    assert np.isfinite(y).all()
    slopes = activation.backward(np.ones((1, 2), np.float32))[0].tolist()
    flat = word in ("sigmoid", "hard_sigmoid", "tanh")
    assert slopes[1] == pytest.approx(0.0 if flat else {"selu": 1.0507010}.get(word, 1.0))
    below = {"linear": 1.0, "leaky_relu": 0.01, "prelu": 0.25}.get(word, 0.0)
    assert slopes[0] == pytest.approx(below)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.float16, np.int64, np.float64])
def test_numbers_of_another_type_are_taken_as_float32(word: str, dtype: type) -> None:
    x = np.arange(64).reshape(8, 8).astype(dtype)
    first, second = ready(word, 8), ready(word, 8)
    expected = first.forward(x.astype(np.float32), False)
    np.testing.assert_allclose(second.forward(x, False), expected, rtol=1e-6, atol=1e-6)
