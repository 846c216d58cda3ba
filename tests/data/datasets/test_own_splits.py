"""Validation and test of the user's own, beside arrays and folders of images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.data.datasets.image_folder import ImageFolder
from nnfs_cli.data.datasets.npz import Npz
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.read_file import read_samples
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2


def saved(tmp_path: Path, name: str = "a.npz", **arrays: np.ndarray) -> str:
    np.savez(tmp_path / name, **arrays)
    return str(tmp_path / name)


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"train_images": X, "train_labels": Y, "val_images": -X, "val_labels": Y}, {}),
        ({"X": X, "y": Y, "X_val": -X, "y_val": Y}, {}),
        ({"X_train": X, "y_train": Y, "X_valid": -X, "y_valid": Y}, {}),
        (
            {"pixels": X, "kind": Y, "pixels_val": -X, "kind_val": Y},
            {"inputs": "pixels", "targets": "kind"},
        ),
    ],
)
def test_arrays_of_other_names(
    tmp_path: Path, given: dict[str, np.ndarray], keys: dict[str, str]
) -> None:
    path = saved(tmp_path, **given)
    data = prepare(Npz(path=path, test=0.0, **keys), Source())  # type: ignore[arg-type]
    assert data.validation is not None
    np.testing.assert_array_equal(data.train.inputs, X)
    np.testing.assert_array_equal(data.validation.inputs, -X)
    first, second = list(given)[:2]
    assert (f"the inputs are '{first}', the targets '{second}'" in data.notice) == (not keys)
    fresh = saved(tmp_path, "n.npz", **{first.replace("train", "test"): X[:3]})
    again = read_samples(Path(fresh), data.preprocessing)
    np.testing.assert_array_equal(again.inputs, X[:3])


def test_two_arrays_without_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X, Y)
    data = prepare(Npz(path=str(tmp_path / "a.npz")), Source())
    assert data.sizes == {"train": 14, "validation": 2, "test": 4}
    assert "the inputs are 'arr_0', the targets 'arr_1'" in data.notice


@pytest.mark.parametrize(
    ("arrays", "keys", "message"),
    [
        ({"a": X, "y": Y}, {"inputs": "b"}, "no array 'b'"),
        ({"images": X, "y": Y}, {"inputs": "image"}, "did you mean 'images'"),
        ({"x": X, "y": Y}, {"inputs": "y"}, "inputs and targets are both 'y'"),
        ({"X": X, "y": Y, "groups": Y}, {}, "does not know: 'groups'"),
        ({"train_images": X, "train_labels": Y, "val_images": X}, {}, "no array 'val_labels'"),
        ({"a": X, "b": Y}, {}, "no array 'x', but a, b.*data.inputs"),
    ],
)
def test_faults_of_names(
    tmp_path: Path, arrays: dict[str, np.ndarray], keys: dict[str, str], message: str
) -> None:
    with pytest.raises(DataError) as caught:
        Npz(path=saved(tmp_path, **arrays), **keys).load(Source())  # type: ignore[arg-type]
    assert message.split(".*")[0] in str(caught.value)
    assert message.split(".*")[-1] in str(caught.value)


@pytest.mark.parametrize("names", [("x", "y"), ("x_val", "y_val"), ("X", "y")])
def test_arrays_in_a_file_of_their_own(tmp_path: Path, names: tuple[str, str]) -> None:
    path = saved(tmp_path, x=X, y=Y)
    other = saved(tmp_path, "v.npz", **dict(zip(names, (-X[:6], Y[:6]), strict=True)))
    data = prepare(Npz(path=path, validation=other, test=0.0), Source())
    assert data.sizes == {"train": 20, "validation": 6}
    np.testing.assert_array_equal(data.splits["validation"].inputs, -X[:6])


def images(folder: Path, classes: str, grey: int) -> str:
    for name in classes:
        for n in range(4):
            (folder / name).mkdir(parents=True, exist_ok=True)
            Image.new("L", (5, 5), grey + n).save(folder / name / f"{n}.png")
    return str(folder)


def test_folders_of_their_own(tmp_path: Path) -> None:
    path, val = images(tmp_path / "all", "ab", 0), images(tmp_path / "other", "ab", 100)
    test = images(tmp_path / "third", "b", 200)
    data = prepare(ImageFolder(path=path, validation=val, test=test), Source())
    assert data.sizes == {"train": 8, "validation": 8, "test": 4}
    assert data.validation is not None
    assert data.validation.origins is not None
    assert data.validation.inputs.min() == 100
    assert data.validation.origins[0] == str(tmp_path / "other" / "a" / "0.png")
    assert data.splits["test"].targets.tolist() == [1, 1, 1, 1]


def test_faults_of_folders(tmp_path: Path) -> None:
    path, other = images(tmp_path / "all", "ab", 0), images(tmp_path / "other", "c", 9)
    (tmp_path / "empty").mkdir()
    divided = images(tmp_path / "d" / "train", "ab", 0)
    images(tmp_path / "d" / "val", "ab", 0)
    for root, given, message in (
        (path, other, "has the class 'c', which training has not"),
        (path, str(tmp_path / "empty"), "has no class folders"),
        (path, str(tmp_path / "none"), "there is no folder"),
        (str(tmp_path / "d"), divided, "data.validation names a folder"),
    ):
        with pytest.raises(DataError) as caught:
            ImageFolder(path=root, validation=given).load(Source())
        assert message in str(caught.value)
