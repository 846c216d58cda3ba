"""Validation and test of the user's own, beside arrays and folders of images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.data.datasets.image_folder import ImageFolder
from nnfs_cli.data.datasets.npz import Npz
from nnfs_cli.data.from_arrays import data_from_arrays
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


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X[:6]}, "v.npz has no array 'y'"),
        ({"x_val": X[:6], "y": Y[:6]}, "v.npz has no array 'y_val'"),
        ({"a": X[:6], "b": Y[:6]}, "v.npz has no array 'x', but a, b"),
        ({"x": X[:6], "y": Y[:6], "z": Y}, "v.npz has arrays that nnfs does not know: 'z'"),
    ],
)
def test_faults_of_a_file_of_its_own(
    tmp_path: Path, arrays: dict[str, np.ndarray], message: str
) -> None:
    other = saved(tmp_path, "v.npz", **arrays)
    with pytest.raises(DataError) as caught:
        Npz(path=saved(tmp_path, x=X, y=Y), validation=other).load(Source())
    assert message in str(caught.value)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_split_inside_and_beside_a_file_is_refused(tmp_path: Path, split: str) -> None:
    path = saved(tmp_path, x=X, y=Y, **{f"x_{split}": X, f"y_{split}": Y})
    beside = {split: saved(tmp_path, "v.npz", x=X, y=Y)}
    told = f"a.npz has {split} arrays, and data.{split} names a file; leave one of them out"
    with pytest.raises(DataError, match=told):
        Npz(path=path, **beside).load(Source())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["sample_weight", "sample_weight_val", "sample_weight_train"])
def test_a_file_of_its_own_has_weights_of_its_own(tmp_path: Path, name: str) -> None:
    weights = np.arange(1.0, 7.0)
    other = saved(tmp_path, "v.npz", x=-X[:6], y=Y[:6], **{name: weights})
    path = saved(tmp_path, x=X, y=Y, sample_weight=np.full(20, 9.0))
    loaded = Npz(path=path, validation=other, test=0.0).load(Source())
    assert loaded.validation is not None
    assert loaded.validation.weights is not None
    assert loaded.validation.weights.tolist() == weights.tolist()
    assert loaded.train.weights is not None
    assert loaded.train.weights.tolist() == [9.0] * 20


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"x": X[:3], "y": Y[:3], "sample_weight": np.array([1.0, 0.0, 2.0])}, [1.0, 0.0, 2.0]),
        ({"x_test": X[:2], "y_test": Y[:2], "sample_weight_test": np.array([3, 4])}, [3.0, 4.0]),
        ({"x": X[:3], "sample_weight": np.array([1.0, 0.0, 2.0])}, None),
        ({"x": X[:3], "y": Y[:3]}, None),
    ],
)
def test_a_further_file_is_weighed_where_it_has_targets(
    tmp_path: Path, arrays: dict[str, np.ndarray], expected: list[float] | None
) -> None:
    known = prepare(Npz(path=saved(tmp_path, x=X, y=Y)), Source()).preprocessing
    found = read_samples(Path(saved(tmp_path, "n.npz", **arrays)), known)
    assert (None if found.weights is None else found.weights.tolist()) == expected


def test_a_further_file_without_inputs_is_refused_by_what_it_has(tmp_path: Path) -> None:
    known = prepare(Npz(path=saved(tmp_path, x=X, y=Y)), Source()).preprocessing
    other = Path(saved(tmp_path, "n.npz", b=X, a=Y))
    with pytest.raises(DataError, match="has neither x nor x_test, but a, b; name the inputs x"):
        read_samples(other, known)


def test_too_few_samples_to_spare_a_test() -> None:
    with pytest.raises(DataError, match=r"too few samples: 2 cannot spare 0\.4 of them"):
        data_from_arrays([[1.0], [2.0]], ["a", "b"], test=0.4)
    data = data_from_arrays([[1.0], [2.0], [3.0]], ["a", "b", "b"], test=0.1, validation=0)
    assert data.sizes == {"train": 2, "test": 1}
    assert sorted(data.train.targets.tolist()) == [0, 1]
