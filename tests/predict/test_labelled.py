"""Samples with targets for an evaluation: folders of classes, and files in the training's range."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.errors import DataError
from nnfs_cli.predict.labelled import read_folder, read_labelled

GENERATOR = np.random.default_rng(0)
PIXELS = GENERATOR.integers(0, 256, (20, 5, 5), dtype=np.uint8)


@pytest.fixture
def known() -> Preprocessing:
    return data_from_arrays(PIXELS, ["cat", "dog"] * 10, test=0, validation=0).preprocessing


def put(path: Path, pixels: Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def test_of_a_divided_folder_it_is_the_test_split(tmp_path: Path, known: Preprocessing) -> None:
    for number, name in enumerate(("train/cat/0", "train/dog/1", "test/dog/b", "test/cat/a")):
        put(tmp_path / f"{name}.png", PIXELS[number])
    name, samples, _ = read_labelled(tmp_path, known)
    assert name == f"{tmp_path.name}/test"
    assert samples.inputs[..., 0].tolist() == [PIXELS[3].tolist(), PIXELS[2].tolist()]
    assert samples.targets.tolist() == [0, 1]
    assert samples.origins is not None
    assert samples.origins.tolist() == ["test/cat/a.png", "test/dog/b.png"]


def test_folders_that_cannot_be_evaluated(tmp_path: Path, known: Preprocessing) -> None:
    for split in ("train", "val"):
        put(tmp_path / f"{split}/cat/0.png", PIXELS[0])
    with pytest.raises(DataError, match="has no test split; name a folder that holds the class"):
        read_folder(tmp_path, known)
    with pytest.raises(DataError, match="has classes, and the network predicts values; name a"):
        read_folder(tmp_path, replace(known, labels=()))
    put(tmp_path / "other/eel/0.png", PIXELS[0])
    told = "has the class 'eel', which is not among those trained on; known are cat, dog"
    with pytest.raises(DataError, match=told):
        read_folder(tmp_path / "other", known)


def test_images_that_cannot_be_used_are_counted_and_some_named(
    tmp_path: Path, known: Preprocessing
) -> None:
    put(tmp_path / "cat/good.png", PIXELS[0])
    for number in range(7):
        (tmp_path / f"cat/{number}.png").write_bytes(b"no image")
    with pytest.raises(DataError, match="7 of 8 images cannot be used: ") as caught:
        read_folder(tmp_path, known)
    assert [f"{number}.png" in caught.value.message for number in range(7)] == [True] * 5 + [
        False, False,
    ]  # fmt: skip


def test_values_of_another_range_are_brought_to_that_of_the_training(
    tmp_path: Path, known: Preprocessing
) -> None:
    np.savez(tmp_path / "same.npz", x=PIXELS, y=["cat", "dog"] * 10)
    np.savez(tmp_path / "unit.npz", x=PIXELS / 255, y=["cat", "dog"] * 10)
    name, same, notice = read_labelled(tmp_path / "same.npz", known)
    assert (name, notice) == ("same.npz", "")
    np.testing.assert_array_equal(same.inputs[..., 0], PIXELS)
    _, scaled, notice = read_labelled(tmp_path / "unit.npz", known)
    np.testing.assert_allclose(scaled.inputs[..., 0], PIXELS, atol=1)
    assert notice == "values from 0 to 1 brought to 0 to 255"


def test_a_file_needs_targets_and_some_weight(tmp_path: Path, known: Preprocessing) -> None:
    np.savez(tmp_path / "x.npz", x=PIXELS)
    with pytest.raises(DataError, match="has no targets; an evaluation needs them"):
        read_labelled(tmp_path / "x.npz", known)
    np.savez(tmp_path / "w.npz", x=PIXELS, y=["cat"] * 20, sample_weight=np.zeros(20))
    with pytest.raises(DataError, match=r"all 20 w\.npz samples have the weight 0"):
        read_labelled(tmp_path / "w.npz", known)
