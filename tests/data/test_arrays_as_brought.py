"""Arrays as people bring them: every one is used or named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.datasets.npz import Npz
from nnfs_cli.data.prepare import Data, prepare
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(100, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


def load(folder: Path, **arrays: Array) -> Data:
    np.savez(folder / "d.npz", **arrays)  # type: ignore[arg-type]
    return prepare(Npz(path=str(folder / "d.npz")), Source())


@pytest.mark.parametrize("word", ["val", "valid", "validation"])
@pytest.mark.parametrize("suffix", ["_train", ""])
def test_a_validation_split_is_used(tmp_path: Path, word: str, suffix: str) -> None:
    data = load(
        tmp_path,
        **{f"x{suffix}": X[:60], f"y{suffix}": Y[:60]},
        **{f"x_{word}": X[60:80], f"y_{word}": 1 - Y[60:80]},
        x_test=X[80:],
        y_test=Y[80:],
    )
    assert data.validation is not None
    assert data.test is not None
    assert [len(part) for part in (data.train, data.validation, data.test)] == [60, 20, 20]
    np.testing.assert_array_equal(data.validation.inputs, X[60:80])
    np.testing.assert_array_equal(data.validation.targets, 1 - Y[60:80])


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"weights": Y}, "'weights'; weights of samples are called sample_weight"),
        ({"X": X}, "'X'; remove or rename them: the names are x_train"),
        ({"x_train": X, "y_train": Y}, "'x', 'y'"),
        ({"x_val": X, "y_val": Y, "x_valid": X}, "'x_valid'"),
        ({"x_val": X}, "has no array 'y_val'"),
        ({"y_valid": Y}, "has no array 'x_valid'"),
    ],
)
def test_every_other_array_is_named(tmp_path: Path, others: dict[str, Array], message: str) -> None:
    with pytest.raises(DataError) as caught:
        load(tmp_path, x=X, y=Y, **others)
    assert message in str(caught.value)


def test_bytes_as_classes(tmp_path: Path) -> None:
    names = np.array(["\u00e4hre", "bl\u00fcte"])[Y]
    data = load(tmp_path, x=X, y=np.char.encode(names, "utf-8"))
    assert data.preprocessing.labels == ("bl\u00fcte", "\u00e4hre")
    with pytest.raises(DataError, match="bytes that are no text"):
        load(tmp_path, x=X, y=np.char.encode(names, "latin-1"))


def test_numbers_as_texts_are_ordered_as_numbers(tmp_path: Path) -> None:
    names = np.array(["10", "9", "1"])[np.arange(100) % 3]
    assert load(tmp_path, x=X, y=names).preprocessing.labels == ("1", "9", "10")


def test_inputs_that_are_all_alike(tmp_path: Path) -> None:
    assert "all training inputs are alike" in load(tmp_path, x=np.ones_like(X), y=Y).notice
    assert load(tmp_path, x=X, y=Y).notice == ""


def test_splits_of_different_ranges(tmp_path: Path) -> None:
    pixels = GENERATOR.integers(0, 256, (100, 4, 4)).astype(np.float32)
    data = load(
        tmp_path, x_train=pixels[:80], y_train=Y[:80], x_test=pixels[80:] / 255, y_test=Y[80:]
    )
    assert "training inputs reach 255, test inputs 0.98" in data.notice


def test_columns_that_never_change(tmp_path: Path) -> None:
    rows = "".join(f"{i / 7},{'red' if i % 3 else 'blue'},5.5,{i % 2}\n" for i in range(40))
    (tmp_path / "t.csv").write_text("a,kind,still,y\n" + rows)
    notice = prepare(Csv(path=str(tmp_path / "t.csv")), Source()).notice
    assert notice == "these columns never change in training: 'still'"


def test_where_a_sample_stands(tmp_path: Path) -> None:
    data = load(tmp_path, x=X, y=Y)
    assert data.test is not None
    assert data.test.origins is not None
    for origin, inputs in zip(data.test.origins, data.test.inputs, strict=True):
        assert origin.startswith("d.npz: x[")
        np.testing.assert_array_equal(X[int(origin[9:-1])], inputs)
