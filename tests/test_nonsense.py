"""Nonsense that programs hand to the library: one error in our own words, or an answer."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli import Adam, Dense, Flatten, Model, NnfsError, data_from_arrays, load_run, train
from nnfs_cli.components.component import Component
from nnfs_cli.components.registry import FOLDERS, registry
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric

X = np.random.default_rng(0).random((60, 4))
Y = np.random.default_rng(1).integers(0, 3, 60)

VALUES: list[Any] = [
    *(None, True, -1, 0, 3, 1.5, float("nan"), float("inf"), 10**30, np.float32(2), np.int64(3)),
    *("", "x", "3", b"x", "a" * 500, "\ud800", 1j, object(), int, range(3), set(), {1: 2}),
    *([], [1], [-1], (1, 2), {}, {"type": 1}, {"type": "x"}, np.zeros(3), np.zeros((0, 3))),
]
ARRAYS: list[Any] = [
    *(np.array([object()] * 60), np.array(["a"] * 60), np.zeros((60, 4), "M8[s]"), {0: 1}),
    *(np.zeros(60, "f4,i4"), np.zeros(60, "V4"), np.zeros((60, 4), complex), np.array(3)),
    *(np.zeros((0, 4)), np.zeros((60, 0)), np.zeros((60, 1, 1, 1, 1, 2)), np.full(60, -1)),
    *([[1, 2], [3]] * 30, X.tolist(), X > 0.5, X.astype(">f8"), np.float32(3), np.arange(60)),
    *(np.array([b"a", b"\xff"] * 30), np.array([1, "a", None] * 20, object), np.full((60, 4), 7)),
]


def answered(function: Callable[..., Any], *given: Any, **named: Any) -> bool:
    """Whether it has an answer, where it does not refuse in our own words; no other error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what predict says of a range
            function(*given, **named)
    except NnfsError as error:
        text = str(error)
        assert text.strip()
        assert "pydantic" not in text
        assert "\n" not in text
        assert "constrained-" not in text
        return False
    return True


def members() -> Iterator[tuple[str, type[Component]]]:
    for family in FOLDERS:
        for word, member in sorted(registry()[family].items()):
            if word == member.word:
                yield family, member


@pytest.mark.parametrize("family", FOLDERS)
def test_every_key_of_every_component(family: str) -> None:
    for kind, member in members():
        for key in member.__pydantic_fields__ if kind == family else ():  # type: ignore[attr-defined]
            made = [answered(member, **{key: value}) for value in VALUES]
            read = [answered(member.given, {"type": member.word, key: value}) for value in VALUES]
            assert made == read, (member.word, key)
            assert made.count(False) > 10


SETTINGS = (
    *("model", "data", "loss", "optimizer", "epochs", "batch_size", "schedule", "metrics"),
    *("seed", "clip_norm", "clip_value", "workers"),
)


@pytest.mark.parametrize("key", SETTINGS)
def test_every_argument_of_train(key: str) -> None:
    usual = {"model": [Dense(3)], "data": (X, Y), "loss": "cross_entropy", "optimizer": "adam"}
    lasts = key in ("epochs", "workers")
    for value in VALUES:
        if not (lasts and isinstance(value, int | np.integer) and value >= 3):
            answered(train, **(usual | {"epochs": 1, key: value}))


@pytest.mark.parametrize(
    "key",
    [*("inputs", "targets", "test", "task", "channels", "validation", "split_seed"), "normalize"],
)
def test_every_argument_of_data_from_arrays(key: str) -> None:
    usual = {"inputs": X, "targets": Y}
    refused = [v for v in VALUES if not answered(data_from_arrays, **(usual | {key: v}))]
    assert len(refused) > 10
    for share in (-0.1, 1, 1.5, float("nan"), True):
        with pytest.raises(NnfsError, match="test expects a pair"):
            data_from_arrays(X, Y, test=share)


def test_arrays_of_every_kind() -> None:
    trained = train([Dense(3)], (X, Y), loss="cross_entropy", optimizer="adam", epochs=1)
    for array in [*ARRAYS, *VALUES]:
        answered(data_from_arrays, array, Y)
        answered(data_from_arrays, X, array)
        answered(data_from_arrays, X, Y, test=(array, Y))
        answered(trained.predict, array)
        answered(trained.model.predict, array)
        answered(trained.model.forward, array, training=True)
        trained.model.forward(X[:5], training=True)
        answered(trained.model.backward, array)


@pytest.mark.parametrize("word", sorted({member.word for member in Loss.members().values()}))
def test_losses_of_every_kind_of_array(word: str) -> None:
    for array in [*ARRAYS, *VALUES]:
        answered(Loss.read(word).value_and_grad, array, Y)
        answered(Loss.read(word).value_and_grad, np.zeros((60, 3)), array)


@pytest.mark.parametrize("word", sorted({member.word for member in Metric.members().values()}))
def test_metrics_of_every_kind_of_array(word: str) -> None:
    def measured(predictions: Any, targets: Any) -> float:
        measure = Metric.read(word)
        measure.reset(3)
        measure.update(predictions, targets)
        return measure.result()

    for array in [*ARRAYS, *VALUES]:
        answered(measured, array, Y)
        answered(measured, np.zeros((60, 3)), array)


SHAPES: list[Any] = [(), (0,), (4, 0), (0, 4, 4), (4, 4, 0), (2, 3), (4, 4, 4, 4), (10**9, 10**9)]
LAYERS: dict[str, dict[str, Any]] = {
    "reshape": {"shape": [2, -1]},
    "residual": {"layers": ["relu"]},
    "sequential": {"layers": ["relu"]},
}


def example(word: str) -> Layer:
    """The layer with its defaults; what is required and not above is 0.25 or 2, by its type."""
    fields = Layer.members()[word].__pydantic_fields__  # type: ignore[attr-defined]
    required = {name: field for name, field in fields.items() if field.is_required()}
    keys = {name: 0.25 if field.annotation is float else 2 for name, field in required.items()}
    return Layer.read({"type": word} | keys | LAYERS.get(word, {}))


@pytest.mark.parametrize("word", sorted({member.word for member in Layer.members().values()}))
def test_shapes_that_no_layer_takes(word: str) -> None:
    for shape in SHAPES + VALUES:
        answered(Model, [example(word)], shape)


def test_models_and_optimizers() -> None:
    for value in VALUES:
        answered(Model, value, (4,))
        answered(Model, [Dense(3)], (4,), seed=value)
        answered(Adam().bind, value)
        model, adam = Model([Dense(3)], (4,)), Adam()
        adam.bind(model.flat)
        answered(adam.step, value)
        assert np.isfinite(model.flat.values).all()
    with pytest.raises(NnfsError, match="a batch without samples"):
        Model([Flatten(), Dense(3)], (4,)).forward(np.zeros((0, 4)), training=True)


def test_no_rows_have_no_answers() -> None:
    trained = train([Dense(3)], (X, Y), loss="cross_entropy", optimizer="adam", epochs=1)
    assert trained.predict(X[:0]).shape == (0, 3)


def test_names_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for value in [*VALUES, "latest~", "latest~999999", "latest~-1", "\0", "..", "/", "a/b", "~"]:
        for checkpoint in (None, value):
            assert not answered(load_run, value, checkpoint)
