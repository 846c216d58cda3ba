"""The model: initial weights by key, names, and predicting without touching the input."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.compute.team import Team
from nnfs_cli.errors import DataError, MachineError
from nnfs_cli.nn.activations.relu import ReLU
from nnfs_cli.nn.activations.softmax import Softmax
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.batch_norm import BatchNorm
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.dropout import Dropout
from nnfs_cli.nn.layers.flatten import Flatten
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.model import Model


def values(model: Model) -> dict[str, bytes]:
    return {path: p.value.tobytes() for path, p in model.named_parameters().items()}


def test_dropout_changes_neither_weights_nor_names() -> None:
    plain = Model([Flatten(), Dense(5), ReLU(), Dense(2)], (2, 3), seed=4)
    dropped = Model(
        [Dropout(0.1), Flatten(), Dense(5), ReLU(), Dropout(0.5), Dense(2), Dropout(0.2)],
        (2, 3),
        seed=4,
    )
    assert values(plain) == values(dropped)


def test_seeds_decide_the_weights() -> None:
    model = Model([Dense(5), Dense(5)], (5,), seed=1)
    weights = [p.value for path, p in model.named_parameters().items() if "weight" in path]
    assert not np.array_equal(*weights)
    first = values(model)
    model.initialize(2)
    assert values(model) != first
    model.initialize(1)
    assert values(model) == first


def test_names_run_from_the_first_layer_to_the_last() -> None:
    frozen = Sequential([Dense(3), BatchNorm()], trainable=False)
    model = Model([Dense(4, activation=ReLU()), frozen, Dense(2, use_bias=False)], (3,))
    assert list(model.named_parameters()) == [
        "dense_1.weight",
        "dense_1.bias",
        "sequential_1.dense_1.weight",
        "sequential_1.dense_1.bias",
        "sequential_1.batch_norm_1.gamma",
        "sequential_1.batch_norm_1.beta",
        "dense_2.weight",
    ]
    assert list(model.flat.trainable) == ["dense_1.weight", "dense_2.weight", "dense_1.bias"]
    assert list(model.named_buffers()) == [
        "sequential_1.batch_norm_1.running_mean",
        "sequential_1.batch_norm_1.running_variance",
    ]
    assert model.parameter_count == 3 * 4 + 4 + 4 * 3 + 3 + 3 + 3 + 3 * 2
    assert sum(row.parameters for row in model.summary() if "." not in row.path) == 43


@pytest.mark.parametrize(
    "layers",
    [[Dense(3)], [ReLU()], [Flatten(), ReLU()], [Dropout(0.5)], [Softmax()], [BatchNorm(), ReLU()]],
    ids=str,
)
@pytest.mark.parametrize("count", [0, 1, 300])
def test_predict_writes_nothing_but_a_new_array(layers: list[Layer], count: int) -> None:
    layers = [Layer.read({"type": layer.word} | _settings(layer)) for layer in layers]
    model = Model(layers, (4,))
    x = np.random.default_rng(0).standard_normal((count, 4)).astype(np.float32)
    before = x.copy()
    x.flags.writeable = False
    first = model.predict(x)
    kept = first.copy()
    assert first.shape == (count, *model.output_shape)
    assert not np.shares_memory(first, x)
    model.predict(np.zeros_like(x))
    model.forward(np.ones((3, 4), np.float32), training=True)
    assert np.array_equal(first, kept)
    assert np.array_equal(x, before)


def _settings(layer: Layer) -> dict[str, object]:
    return {name: getattr(layer, name) for name in ("units", "rate") if hasattr(layer, name)}


def test_predicting_goes_on_through_a_head_that_was_split_off() -> None:
    layers = lambda: [Dense(5, activation=ReLU()), Dense(3, activation=Softmax())]  # noqa: E731
    whole, split = Model(layers(), (4,), seed=3), Model(layers(), (4,), seed=3)
    split.split_head()
    x = np.random.default_rng(1).standard_normal((7, 4)).astype(np.float32)
    assert np.array_equal(whole.predict(x), split.predict(x))
    logits = split.forward(x, training=True)
    assert not np.allclose(logits.sum(axis=1), 1)
    assert isinstance(split.head, Softmax)
    assert values(whole) == values(split)
    assert [row.path for row in whole.summary()] == [row.path for row in split.summary()]


def test_each_random_layer_step_and_worker_draws_its_own_numbers() -> None:
    model = Model([Dropout(0.5), Dropout(0.5)], (200,))
    x = np.ones((1, 200), np.float32)

    def drawn(seed: int, step: int, rank: int = 0) -> tuple[bytes, bytes]:
        team = Team()
        team.rank = rank
        model.flat.make_worker_grads(rank + 1)
        model.join(team, seed)
        model.start_step(step)
        model.forward(x, training=True)
        one, other = model.random_layers().values()
        return one.mask.tobytes(), other.mask.tobytes()  # type: ignore[attr-defined]

    first = drawn(0, 0)
    assert first[0] != first[1]
    assert len({first, drawn(0, 1), drawn(1, 0), drawn(0, 0, 1)}) == 4
    assert drawn(0, 0) == first


def test_a_batch_that_cannot_fit_is_refused_before_it_is_computed() -> None:
    model = Model([Dense(1000)], (10,))
    model.require_batch_memory(1000)
    with pytest.raises(MachineError, match="a step with a batch of 1,000,000,000 needs about"):
        model.require_batch_memory(10**9)


def test_more_parameters_than_there_may_be_are_refused_before_they_are_drawn() -> None:
    assert Model([Dense(20)], (10,), most_parameters=220).parameter_count == 220
    with pytest.raises(DataError, match="220 parameters are declared where 219 have room"):
        Model([Dense(20)], (10,), most_parameters=219)
