"""Starting from another run's weights: what matches by name and shape, and saying so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.errors import DataError
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.batch_norm import BatchNorm
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.optimizers.adam import Adam
from nnfs_cli.runs.checkpoint import arrays_of, read_text, save
from nnfs_cli.runs.initial_weights import initialize_from

GOLDEN = Path(__file__).parents[1] / "golden/format_1/checkpoints/last.npz"


@pytest.fixture
def origin() -> Model:
    model = Model([Dense(4), BatchNorm(), Dense(3)], (2,), seed=1)
    for buffer in model.named_buffers().values():
        buffer.value[...] = 5.0
    return model


@pytest.fixture
def checkpoint(origin: Model, tmp_path: Path) -> Path:
    adam = Adam(lr=0.1)
    adam.bind(origin.flat)
    save(tmp_path / "best.npz", arrays_of(origin, adam), read_text(GOLDEN))
    return tmp_path / "best.npz"


def taken(model: Model, origin: Model) -> set[str]:
    theirs = {path: p.value for path, p in origin.named_parameters().items()}
    ours = model.named_parameters()
    return {
        path for path in theirs if path in ours and np.array_equal(ours[path].value, theirs[path])
    }


def test_all_of_it(checkpoint: Path, origin: Model) -> None:
    model = Model([Dense(4), BatchNorm(), Dense(3)], (2,), seed=2)
    assert initialize_from(checkpoint, model) == f"took 8 of 8 arrays from {checkpoint}"
    x = np.ones((1, 2), np.float32)
    assert np.array_equal(model.predict(x), origin.predict(x))
    assert np.shares_memory(model.named_parameters()["dense_1.weight"].value, model.flat.values)


@pytest.mark.parametrize(
    ("layers", "sentence", "names"),
    [
        ([Dense(4), BatchNorm(), Dense(9)], "took 6 of 8 arrays", "dense_2.weight, dense_2.bias"),
        ([Dense(4), Dense(3)], "took 4 of 4 arrays", ""),
        ([Dense(4), Dense(9)], "took 2 of 4 arrays", "dense_2.weight, dense_2.bias"),
        (
            [Dense(4, trainable=False), Dense(9)],
            "took 2 of 4 arrays",
            "dense_2.weight, dense_2.bias",
        ),
    ],
)
def test_what_fits(
    checkpoint: Path, origin: Model, layers: list[Layer], sentence: str, names: str
) -> None:
    model = Model(layers, (2,), seed=2)
    before = {path: p.value.copy() for path, p in model.named_parameters().items()}
    said = initialize_from(checkpoint, model)
    assert said == f"{sentence} from {checkpoint}" + (
        f"; left as initialized: {names}" if names else ""
    )
    left = set(names.split(", ")) - {""}
    assert left.isdisjoint(taken(model, origin) - {"dense_2.bias"})  # biases start at zero alike
    for path in left & set(before):
        assert np.array_equal(model.named_parameters()[path].value, before[path])


def test_nothing_fits(checkpoint: Path) -> None:
    model = Model([Dense(7)], (6,))
    with pytest.raises(
        DataError, match=r"nothing in .* fits this network \(parameters/dense_1\.we"
    ):
        initialize_from(checkpoint, model)


def test_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no checkpoint"):
        initialize_from(tmp_path / "none.npz", Model([Dense(7)], (6,)))
