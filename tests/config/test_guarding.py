"""What each method of a plugin may return, told apart by examples; whole commands are in
test_plugin_contracts.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nnfs_cli.config import guarding
from nnfs_cli.config.guarding import guarded, in_words
from nnfs_cli.data.datasets.xor import Xor
from nnfs_cli.data.source import Source
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.activations.relu import ReLU
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.losses.mse import MSE

X = np.zeros((4, 3), np.float32)
DOUBLE = X.astype(np.float64)
MATRIX = np.ma.masked_array(X)


def layer(input_gradient: bool = True, output_shape: tuple[int, ...] = (2,)) -> Dense:
    found = Dense(2)
    found.prepare(np.float32)
    found.output_shape = output_shape
    found.input_gradient = input_gradient
    vars(found)["guarded_shape"] = X.shape
    return found


def activation(*output_shape: int) -> Activation:
    found = ReLU()
    found.prepare(np.float32)
    found.output_shape = output_shape
    return found


def metric(sums: Any, in_training: bool = True) -> Any:
    return SimpleNamespace(sums=sums, in_training=in_training)


RIGHT: list[tuple[str, Any, tuple[Any, ...], Any]] = [
    ("number", None, (), 1),
    ("number", None, (), np.float32(1)),
    ("built", None, (), (3, np.int64(2))),
    ("built", None, (), ()),
    ("forward", layer(), (X, True), X[:, :2].copy()),
    ("forward", activation(), (X, True), X),
    ("forward", activation(5), (X, True), np.zeros((4, 5), np.float32)),
    ("backward", layer(), (X,), X),
    ("backward", layer(input_gradient=False), (X,), np.empty(0)),
    ("value_and_grad", None, (X, X), (0.5, X)),
    ("rows", None, (X,), np.zeros(4)),
    ("predictions", None, (X,), DOUBLE),
    ("summed", metric(np.zeros(2)), (), None),
    ("summed", metric(None, in_training=False), (), None),
    ("sample", None, (None, [2, 3]), np.zeros((2, 3), np.int32)),
    ("sample", None, (None, (2, 3)), np.zeros((2, 3), np.float32)),
    ("factor", None, (), 0),
    ("factor", None, (), 2.5),
    ("images", None, (X,), X),
    ("loaded", None, (), Xor(samples=8).load(Source(offline=True))),
    ("nothing", None, (), None),
    ("anything", None, (), X),
]
WRONG: list[tuple[str, Any, tuple[Any, ...], Any, str]] = [
    ("number", None, (), True, "a number"),
    ("number", None, (), "1", "a number"),
    ("built", None, (), [3], "the output's shape"),
    ("built", None, (), (3, 0), "the output's shape"),
    ("built", None, (), (3.0,), "the output's shape"),
    ("forward", layer(), (X, True), X, "an array of float32 and shape (4 x 2)"),
    ("forward", layer(), (X, True), DOUBLE[:, :2], "an array of float32 and shape (4 x 2)"),
    ("forward", activation(), (X, True), X[:, :2], "an array of float32 and shape (4 x 3)"),
    ("backward", layer(), (X,), X[:2], "an array of float32 and shape (4 x 3)"),
    ("backward", layer(), (X,), MATRIX, "an array of float32 and shape (4 x 3)"),
    ("backward", layer(input_gradient=False), (X,), None, "an array of float32"),
    ("value_and_grad", None, (X, X), 0.5, "the loss, a number, and its gradient, an array"),
    ("value_and_grad", None, (X, X), (0.5, X, X), "the loss, a number, and its gradient"),
    ("value_and_grad", None, (X, X), (X, X), "the loss, a number, and its gradient"),
    ("value_and_grad", None, (X, X), (0.5, DOUBLE), "the loss, a number, and its gradient"),
    ("rows", None, (X,), np.zeros(3), "an array of 4 rows"),
    ("rows", None, (X,), [0, 0, 0, 0], "an array of 4 rows"),
    ("predictions", None, (X,), np.zeros((4, 2), np.int64), "an array of floats with 4 rows"),
    ("predictions", None, (X,), X[:3], "an array of floats with 4 rows"),
    ("summed", metric(np.zeros(2, np.float32)), (), None, "a vector of float64"),
    ("summed", metric(np.zeros((1, 2))), (), None, "a vector of float64"),
    ("summed", metric([0.0]), (), None, "a vector of float64"),
    ("sample", None, (None, (2, 3)), np.zeros((3, 2)), "an array of float64 and shape (2 x 3)"),
    ("sample", None, (None, (2, 3)), np.zeros((2, 3), "U1"), "an array of float64"),
    ("factor", None, (), -0.1, "a number of at least 0"),
    ("factor", None, (), float("inf"), "a number of at least 0"),
    ("factor", None, (), float("nan"), "a number of at least 0"),
    ("factor", None, (), None, "a number of at least 0"),
    ("images", None, (X,), DOUBLE, "an array of float32 and shape (4 x 3)"),
    ("loaded", None, (), (X, X), "Loaded, see"),
    ("nothing", None, (), X, "None: it changes the arrays"),
]


@pytest.mark.parametrize(("check", "component", "given", "found"), RIGHT)
def test_what_a_method_may_return(check: str, component: Any, given: Any, found: Any) -> None:
    assert getattr(guarding, check)(component, given, found) == ""


@pytest.mark.parametrize(("check", "component", "given", "found", "expected"), WRONG)
def test_what_it_may_not(check: str, component: Any, given: Any, found: Any, expected: str) -> None:
    assert expected in getattr(guarding, check)(component, given, found)


class Own(Dense):
    """A plugin's layer."""

    def pick(self, thing: Any) -> Any:
        if isinstance(thing, BaseException):
            raise thing
        return thing + 1 if isinstance(thing, str) else thing


PICK = guarded(Own, Own.pick, guarding.number)


def test_what_a_loss_is_given_stays_as_it_is() -> None:
    def value_and_grad(self: Any, outputs: Any, targets: Any) -> Any:
        outputs -= targets
        return 0.0, outputs

    method = guarded(MSE, value_and_grad, guarding.value_and_grad)
    for given, named in (((X, X), {}), ((X,), {"targets": X})):
        with pytest.raises(UsageError, match=r"MSE.value_and_grad fails: .*read-only; .*its own"):
            method(MSE(), *given, **named)
    assert X.flags.writeable


def test_a_method_is_told_by_its_name_and_what_it_gave() -> None:
    assert PICK(Own(2), 5) == 5
    for thing, told in (
        (None, r"Own\.pick returned None; expected a number$"),
        (X, r"Own\.pick returned an array of float32 and shape \(4 x 3\); expected a number$"),
        (StopIteration(), r"Own\.pick raised StopIteration$"),
        (SystemExit(1), r"Own\.pick raised SystemExit$"),
    ):
        with pytest.raises(UsageError, match=told):
            PICK(Own(2), thing)
    with pytest.raises(UsageError, match=r"Own\.pick takes other arguments: .*'more'"):
        PICK(Own(2), 5, more=1)
    with pytest.raises(TypeError, match="can only concatenate"):
        PICK(Own(2), "add")
    with pytest.raises(ValueError, match="of its own"):
        PICK(Own(2), ValueError("of its own"))


def test_a_class_derived_from_it_answers_for_itself() -> None:
    class Derived(Own):
        """Another one."""

    assert PICK(Derived(2), None) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        ("a" * 99, "'" + "a" * 39),
        ((0.5, X), "(0.5, an array of float32 and shape (4 x 3))"),
        ((1, 2), "(1, 2)"),
        (MATRIX, "a MaskedArray of float32 and shape (4 x 3)"),
    ],
)
def test_values_in_words(value: Any, words: str) -> None:
    assert in_words(value) == words
