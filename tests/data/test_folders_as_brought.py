"""Folders of images as people have them: splits of all names, other files, numbers as names."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.data.dataset import Loaded
from nnfs_cli.data.datasets.image_folder import ImageFolder
from nnfs_cli.data.images.image_file import open_image
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError


def put(folder: Path, value: int = 90, count: int = 2) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        Image.fromarray(np.full((3, 3), value + number, np.uint8)).save(folder / f"{number}.png")


def load(path: Path, **fields: object) -> Loaded:
    return ImageFolder(path=str(path), **({"test": 0.0} | fields)).load(Source())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "parts",
    [
        ("train", "test"),
        ("training_set", "test_set"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("Training/Training", "Testing"),
        ("train_data", "test-data"),
        ("cats_train", "cats_test"),
    ],
)
def test_splits_of_many_names(tmp_path: Path, parts: tuple[str, str]) -> None:
    for k, name in enumerate(("cat", "dog")):
        put(tmp_path / parts[0] / name, 50 * k, count=3)
        put(tmp_path / parts[1] / name, 50 * k, count=1)
    loaded = load(tmp_path)
    assert loaded.labels == ("cat", "dog")
    assert loaded.test is not None
    assert (len(loaded.train), len(loaded.test)) == (6, 2)
    assert loaded.notice == ""
    assert loaded.train.origins is not None
    assert [str(Path(parts[0]) / "cat/0.png"), 0] == [
        loaded.train.origins[0], loaded.train.targets[0]
    ]  # fmt: skip


def test_a_class_may_have_train_in_its_name(tmp_path: Path) -> None:
    for name in ("steam_train/left", "steam_train/right", "car"):
        put(tmp_path / name)
    assert load(tmp_path).labels == ("car", "steam_train")


def test_two_training_splits_are_refused(tmp_path: Path) -> None:
    for part in ("train_1", "train_2", "test_1"):
        put(tmp_path / part / "cat")
    with pytest.raises(DataError, match="train_1 and train_2, which may both be the train"):
        load(tmp_path)


def test_splits_of_other_names_are_said(tmp_path: Path) -> None:
    for part in ("day", "night"):
        for name in ("cat", "dog"):
            put(tmp_path / part / name)
    loaded = load(tmp_path)
    assert loaded.labels == ("day", "night")
    assert "the classes day, night all hold the folders cat, dog" in loaded.notice


def test_a_wrapper_around_the_classes(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        put(tmp_path / "archive" / name)
    assert load(tmp_path).labels == ("cat", "dog")


@pytest.mark.parametrize("split", ["test", "val"])
@pytest.mark.parametrize("images", [0, 5])
def test_a_split_without_classes_is_said(tmp_path: Path, split: str, images: int) -> None:
    for name in ("cat", "dog"):
        put(tmp_path / "train" / name)
    put(tmp_path / split, count=images)
    loaded = load(tmp_path)
    assert loaded.validation is None
    assert not loaded.test
    assert (f"nnfs predict {tmp_path / split}" in loaded.notice) is (images > 0)
    assert f"{tmp_path / split} {'has 5' if images else 'is empty'}" in loaded.notice


def test_numbers_as_names_are_ordered_as_numbers(tmp_path: Path) -> None:
    for number in (1, 10, 2):
        put(tmp_path / str(number), number, count=1)
    loaded = load(tmp_path)
    assert loaded.labels == ("1", "2", "10")
    assert loaded.train.inputs[:, 0, 0, 0].tolist() == [1, 2, 10]
    # A run on record keeps the order that it was trained with.
    data = ImageFolder(path=str(tmp_path), test=0, validation=0)
    recorded = prepare(data, replace(Source(), classes=["1", "10", "2"]))
    assert recorded.preprocessing.labels == ("1", "10", "2")
    assert recorded.train.inputs[:, 0, 0, 0].tolist() == [1, 10, 2]


def test_what_is_not_used_is_named(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        put(tmp_path / name)
    for other in ("cat/a.HEIC", "cat/b.heic", "dog/none", "dog/Thumbs.db", "dog/.hidden"):
        (tmp_path / other).write_bytes(b"x")
    put(tmp_path / "@eaDir")
    put(tmp_path / "cat" / "__MACOSX")
    put(tmp_path, count=1)
    loaded = load(tmp_path)
    assert loaded.labels == ("cat", "dog")
    assert len(loaded.train) == 4
    assert "called no image: .heic (2), none (1)" in loaded.notice
    assert "in no class folder: 1" in loaded.notice


def test_names_that_look_the_same(tmp_path: Path) -> None:
    put(tmp_path / "caf\u00e9")
    put(tmp_path / "cafe\u0301")
    if len([*tmp_path.iterdir()]) < 2:
        pytest.skip("the file system makes one name of them")
    with pytest.raises(DataError, match="look the same and differ only in their Unicode form"):
        prepare(ImageFolder(path=str(tmp_path), test=0, validation=0), Source())


def deep(path: Path, low: float, high: float, mode: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.linspace(low, high, 16).reshape(4, 4)
    if mode == "16":
        Image.fromarray(values.astype(np.uint16)).save(path.with_suffix(".png"))
    else:
        Image.fromarray(values.astype(np.float32)).save(path.with_suffix(".tiff"))


@pytest.mark.parametrize("mode", ["16", "float"])
def test_images_of_more_than_8_bits_share_one_range(tmp_path: Path, mode: str) -> None:
    """A camera of 12 bits: dark images stay darker than bright ones, and none is black."""
    deep(tmp_path / "dark" / "a", 0, 1000, mode)
    deep(tmp_path / "bright" / "a", 2000, 4000, mode)
    data = prepare(ImageFolder(path=str(tmp_path), test=0, validation=0), Source())
    inputs = dict(zip(data.preprocessing.labels, data.train.inputs[..., 0], strict=True))
    assert data.preprocessing.span == (0, 4000)
    np.testing.assert_allclose(
        inputs["dark"].ravel(), np.linspace(0, 1000, 16) * 255 / 4000, atol=1
    )
    assert inputs["bright"].min() == round(2000 * 255 / 4000)
    (file,) = (tmp_path / "dark").iterdir()
    again = open_image(file, "", data.preprocessing.span).pixels[..., 0]
    np.testing.assert_array_equal(again, inputs["dark"])


def test_16_bits_that_are_well_used_are_divided_as_ever(tmp_path: Path) -> None:
    deep(tmp_path / "a" / "1", 0, 65535, "16")
    deep(tmp_path / "b" / "1", 257 * 100, 257 * 200, "16")
    data = prepare(ImageFolder(path=str(tmp_path), test=0, validation=0), Source())
    assert data.preprocessing.span is None
    assert [x.max() for x in data.train.inputs] == [255, 200]


@pytest.mark.parametrize("where", ["", "cat", "cat/siamese"])
def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    for name in ("cat", "dog", "cat/siamese"):
        put(tmp_path / name)
    scandir, listdir, refused = os.scandir, os.listdir, str(tmp_path / where)

    def refusing(ask: Any) -> Any:
        def refuse(path: Any = ".") -> Any:
            if str(path) == refused:
                raise PermissionError(13, "Permission denied", refused)
            return ask(path)

        return refuse

    monkeypatch.setattr("os.scandir", refusing(scandir))
    monkeypatch.setattr("os.listdir", refusing(listdir))
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    assert caught.value.message == f"cannot read {refused}: Permission denied"
