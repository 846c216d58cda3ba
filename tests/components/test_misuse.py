"""What a program asks wrongly: an error of our own, never a wrong number or pydantic's words."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnfs_cli import (
    Adam,
    BatchNorm,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Loss,
    Metric,
    Model,
    NnfsError,
    Sequential,
    train,
)
from nnfs_cli.compute.arrays import Array

X = np.random.default_rng(0).random((60, 4))
Y = np.random.default_rng(1).integers(0, 3, 60)


def trained(**settings: Any) -> Any:
    given: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "adam", "epochs": 1} | settings
    model = given.pop("model", None) or Sequential([Dense(3)])
    return train(model, given.pop("data", (X, Y)), **given)


CONSTRUCTIONS: dict[str, Callable[[], Any]] = {
    "dense: `units` should be greater than or equal to 1, received 0": lambda: Dense(0),
    "dense: `units` should be a valid integer, received '3'": lambda: Dense("3"),  # type: ignore[arg-type]
    "dense: `units` field required": lambda: Dense(),  # type: ignore[call-arg]
    "dense: `activation.type` unknown activation 'rlu'; did you mean 'relu'?": lambda: Dense(
        3,
        activation="rlu",  # type: ignore[arg-type]
    ),
    "sequential: `layers.1.rate` should be less than or equal to 0.999, received 7": (
        lambda: Sequential([Dense(3), {"type": "dropout", "rate": 7}])  # type: ignore[list-item]
    ),
    "adam: `lr` should be a finite number, received nan": lambda: Adam(lr=float("nan")),
}


@pytest.mark.parametrize("words", CONSTRUCTIONS)
def test_components_speak_our_words(words: str) -> None:
    for _ in range(2):  # pydantic builds a validator at the first call
        with pytest.raises(NnfsError) as caught:
            CONSTRUCTIONS[words]()
        assert str(caught.value) == words


@pytest.mark.parametrize(
    "settings",
    [
        {"clip_norm": -1},
        {"clip_norm": 0},
        {"clip_norm": float("inf")},
        {"clip_value": float("nan")},
        {"clip_value": True},
        {"epochs": 0},
        {"epochs": 1.5},
        {"batch_size": 0},
        {"batch_size": -3},
        {"batch_size": 2.5},
        {"batch_size": "all"},
        {"workers": 0},
        {"workers": True},
        {"seed": -1},
        {"seed": 0.5},
        {"loss": "mze"},
        {"loss": 3},
        {"optimizer": None},
        {"metrics": ["acc"]},
        {"metrics": "accuracy"},
        {"metrics": ["r2"]},
        {"schedule": 3},
        {"watch": 3},
        {"model": Dense(3)},
        {"model": "mlp"},
        {"data": X},
        {"data": None},
        {"data": (X, Y, Y, Y)},
        {"data": (X, Y[:5])},
        {"data": ("a", "b")},
    ],
    ids=str,
)
def test_train_refuses_what_a_config_cannot_say(settings: dict[str, Any]) -> None:
    with pytest.raises(NnfsError):
        trained(**settings)


def test_training_twice_with_one_sequential_gives_two_networks() -> None:
    model, optimizer = Sequential([Flatten(), Dense(3)]), Adam(lr=0.01)
    first = trained(model=model, optimizer=optimizer, epochs=3)
    answer = first.predict(X)
    second = trained(model=model, optimizer=optimizer, data=(5 * X, Y))
    assert np.array_equal(first.predict(X), answer)
    assert not np.array_equal(second.predict(X), answer)
    assert np.array_equal(trained(model=model, epochs=3, optimizer=optimizer).predict(X), answer)


def test_a_layer_belongs_to_one_model_as_long_as_that_lives() -> None:
    layers: list[Layer] = [Dense(3)]
    model = Model(layers, (4,))
    with pytest.raises(NnfsError, match="the layer dense_2 belongs to another model"):
        Model([Dense(2), *layers], (4,))
    Model(copy.deepcopy(layers), (4,))
    del model
    Model(layers, (4,))


def test_an_optimizer_works_on_one_model() -> None:
    optimizer = Adam()
    with pytest.raises(NnfsError, match="no parameters to work on"):
        optimizer.step()
    first, second = Model([Dense(3)], (4,)), Model([Dense(3)], (4,))
    optimizer.bind(first.flat)
    optimizer.bind(first.flat)
    with pytest.raises(NnfsError, match="another model"):
        optimizer.bind(second.flat)
    optimizer.unbound().bind(second.flat)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float16", "float64", "bool"])
def test_batches_of_any_numbers_are_the_same_batch(dtype: str) -> None:
    model = Model([BatchNorm(), Dense(3)], (4,))
    x = (200 * X).astype(dtype)
    expected = model.forward(x.astype(np.float32), training=True).copy()
    assert np.array_equal(model.forward(x, training=True), expected)


def test_backward_belongs_to_the_last_forward_in_training() -> None:
    model = Model([Dense(3)], (4,))
    with pytest.raises(NnfsError, match="no batch went forward yet"):
        model.backward(np.zeros((5, 3)))
    model.forward(X[:5], training=True)
    with pytest.raises(NnfsError, match=r"returned shape \(5 x 3\), backward received \(6 x 3\)"):
        model.backward(np.zeros((6, 3)))
    model.forward(X[:5], training=False)
    with pytest.raises(NnfsError, match="a batch went forward with training=False between"):
        model.backward(np.zeros((5, 3)))
    model.forward(X[:5], training=True)
    model.backward(np.zeros((5, 3)))
    model.forward(X[:5], training=False)
    model.backward(np.zeros((5, 3)))


@pytest.mark.parametrize("shape", [(3, 5), (4,), (2, 2, 2)])
def test_a_model_refuses_shapes_it_was_not_built_for(shape: tuple[int, ...]) -> None:
    model = Model([BatchNorm()], (4,))
    with pytest.raises(NnfsError, match="the model was built for inputs of 4"):
        model.forward(np.zeros(shape), training=True)


def test_dropout_layers_of_a_bare_loop_draw_different_numbers() -> None:
    def masks(seed: int) -> list[Array]:
        model = Model([Dropout(0.5), Dropout(0.5)], (50,), seed=seed)
        model.forward(np.ones((4, 50)), training=True)
        return [part.mask.copy() for part in model.layers]  # type: ignore[attr-defined]

    (one, other), (later, _) = masks(0), masks(1)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, later)
    assert np.array_equal(one, masks(0)[0])


BAD_CLASSES = {
    "too large": np.array([0, 1, 2, 3, 0]),
    "negative": np.array([0, -1, 2, 1, 0]),
    "a column": np.array([[0], [1], [2], [0], [1]]),
    "fractions": np.array([0.0, 1.0, 2.0, 0.0, 1.0]),
    "too few": np.array([0, 1]),
}
BAD_VALUES = {"a column": np.zeros((5, 1)), "a vector": np.zeros(5), "too few": np.zeros((4, 3))}


@pytest.mark.parametrize("bad", BAD_CLASSES)
@pytest.mark.parametrize("word", ["cross_entropy", "hinge"])
def test_losses_refuse_targets_that_are_no_classes(word: str, bad: str) -> None:
    with pytest.raises(NnfsError):
        Loss.read(word).value_and_grad(np.zeros((5, 3), np.float32), BAD_CLASSES[bad])


@pytest.mark.parametrize("bad", BAD_VALUES)
@pytest.mark.parametrize("word", ["mse", "mae", "huber", "binary_cross_entropy", "cross_entropy"])
def test_losses_refuse_targets_of_another_shape(word: str, bad: str) -> None:
    with pytest.raises(NnfsError):
        Loss.read(word).value_and_grad(np.zeros((5, 3), np.float32), BAD_VALUES[bad])


@pytest.mark.parametrize(
    ("word", "number"), [("binary_cross_entropy", -0.1), ("binary_cross_entropy", 1.1)]
)
def test_losses_refuse_what_is_no_probability(word: str, number: float) -> None:
    with pytest.raises(NnfsError, match="between 0 and 1"):
        Loss.read(word).value_and_grad(np.zeros((5, 3)), np.full((5, 3), number))
    with pytest.raises(NnfsError, match="rows that sum to one"):
        Loss.read("cross_entropy").value_and_grad(np.zeros((5, 3)), np.full((5, 3), number))


METRICS = {member.word: member for member in Metric.members().values()}


@pytest.mark.parametrize("word", sorted(METRICS))
def test_metrics_refuse_targets_that_do_not_fit(word: str) -> None:
    for targets in (BAD_CLASSES if METRICS[word].targets == "classes" else BAD_VALUES).values():
        measure = Metric.read(word)
        measure.reset(3)
        with pytest.raises(NnfsError):
            measure.update(np.full((5, 3), 0.3), targets)


def test_predict_takes_channels_first_as_training_does() -> None:
    images = np.random.default_rng(2).integers(0, 255, (60, 3, 8, 9)).astype(np.uint8)
    network = trained(model=Sequential([Flatten(), Dense(3)]), data=(images, Y))
    expected = network.predict(np.moveaxis(images, 1, -1))
    assert np.array_equal(network.predict(images), expected)
    for odd in (images[:, :2], [[1, 2], [3]], np.array([["a"]])):
        with pytest.raises(NnfsError):
            network.predict(odd)


def test_train_documents_every_argument() -> None:
    documented = re.findall(r"^- ``(\w+)``: ", inspect.getdoc(train) or "", re.MULTILINE)
    assert documented == list(inspect.signature(train).parameters)


@pytest.mark.parametrize("given", ["accuracy", Metric.read("accuracy")])
def test_one_metric_is_no_list(given: object) -> None:
    with pytest.raises(NnfsError, match=r"metrics expects a list; write metrics=\["):
        trained(metrics=given)
