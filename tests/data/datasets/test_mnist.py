from __future__ import annotations

import gzip
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.components.described import describe
from nnfs_cli.data.dataset import Dataset
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.datasets.mnist import FILES, FashionMnist, IdxDataset, Kmnist, Mnist
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.source import Source, Unavailable
from nnfs_cli.errors import DataError

from ..conftest import idx_bytes, tiny_idx_files


def install(folder: Path, files: dict[str, bytes]) -> Source:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return Source(data_dir=folder.parent, cache_dir=folder.parent / "cache", offline=True)


@pytest.mark.parametrize("member", [Mnist, FashionMnist, Kmnist])
def test_loads_from_the_users_folder(
    tmp_path: Path, member: type[IdxDataset], tiny_files: dict[str, bytes]
) -> None:
    source = install(tmp_path / member.word, tiny_files)
    loaded = member().load(source)
    assert loaded.train.inputs.shape == (60, 28, 28, 1)
    assert loaded.train.inputs.dtype == np.uint8
    np.testing.assert_array_equal(loaded.train.inputs[:, 3, 4, 0], np.arange(60))
    np.testing.assert_array_equal(loaded.train.targets, np.arange(60) % 10)
    assert loaded.test is not None
    assert len(loaded.test) == 20
    assert len(loaded.labels) == 10
    assert loaded.kind == ("digit" if member is Mnist else "image")


def test_unpacked_files_are_accepted(tmp_path: Path, tiny_files: dict[str, bytes]) -> None:
    unpacked = {k.removesuffix(".gz"): gzip.decompress(v) for k, v in tiny_files.items()}
    loaded = Kmnist().load(install(tmp_path / "kmnist", unpacked))
    assert len(loaded.train) == 60


def test_the_folder_of_the_data_set_itself_will_do(
    tmp_path: Path, tiny_files: dict[str, bytes]
) -> None:
    source = replace(install(tmp_path / "mnist", tiny_files), data_dir=tmp_path / "mnist")
    assert len(Mnist().load(source).train) == 60
    with pytest.raises(Unavailable):
        Kmnist().load(source)


def test_the_cache_is_used(tmp_path: Path, tiny_files: dict[str, bytes]) -> None:
    install(tmp_path / "cache" / "fashion_mnist", tiny_files)
    source = Source(cache_dir=tmp_path / "cache", offline=True)
    assert len(FashionMnist().load(source).train) == 60


@pytest.mark.parametrize(
    ("file", "array", "message"),
    [
        (FILES[1], np.zeros(59), "60 images, but train-labels-idx1-ubyte.gz 59 labels"),
        (FILES[1], np.full(60, 10), "has a label 10"),
        (FILES[0], np.zeros((60, 8, 8)), "images of 8 x 8 pixels"),
    ],
)
def test_files_that_do_not_fit_are_refused(
    tmp_path: Path,
    tiny_files: dict[str, bytes],
    file: str,
    array: np.ndarray,
    message: str,
) -> None:
    source = install(tmp_path / "kmnist", tiny_files | {file: gzip.compress(idx_bytes(array))})
    with pytest.raises(DataError, match=message):
        Kmnist().load(source)


def test_without_a_copy_the_error_says_what_to_put_where(offline: Source, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        prepare(Mnist(), offline)
    text = str(caught.value)
    assert caught.value.code == 3
    assert "\n" not in text
    assert str(tmp_path / "cache" / "mnist") in text
    for file, digest in Mnist.archive.files.items():
        assert file in text
        assert digest in text


def test_digits_stand_in_openly(offline: Source) -> None:
    asked = Mnist(if_unavailable="digits", validation=6000, normalize="unit", split_seed=3)
    data = prepare(asked, offline)
    assert data.name == "digits"
    assert data.substituted_for == "mnist"
    assert "no copy of mnist" in data.notice
    assert "digits" in data.notice
    assert data.preprocessing.input_shape == (28, 28, 1)
    assert data.validation is not None
    assert len(data.validation) == round(0.1 * 1442)
    used = describe(data.dataset)
    assert used["type"] == "digits"
    assert used["geometry"] == "mnist"
    assert used["split_seed"] == 3
    again = prepare(Dataset.read(used), offline)
    assert again.hash == data.hash
    assert again.substituted_for is None
    assert not again.notice


def test_no_stand_in_for_damaged_files(tmp_path: Path, tiny_files: dict[str, bytes]) -> None:
    source = install(tmp_path / "mnist", tiny_files | {FILES[0]: b"damaged"})
    with pytest.raises(DataError, match="no idx file"):
        prepare(Mnist(if_unavailable="digits"), source)


def test_no_stand_in_where_there_is_a_copy(tmp_path: Path) -> None:
    source = install(tmp_path / "mnist", tiny_idx_files())
    data = prepare(Mnist(if_unavailable="digits"), source)
    assert (data.name, data.substituted_for, data.notice) == ("mnist", None, "")
    assert isinstance(data.dataset, Mnist)
    assert not isinstance(data.dataset, Digits)


@pytest.mark.slow
def test_the_real_mnist(real_mnist: Source) -> None:
    prepare(Mnist(), real_mnist)
    began = time.perf_counter()
    data = prepare(Mnist(), real_mnist)
    took = time.perf_counter() - began
    assert (len(data.train), len(data.test or [])) == (54_000, 10_000)
    assert data.validation is not None
    assert len(data.validation) == 6_000
    pixels = np.asarray(data.train.inputs, dtype=np.float64)
    np.testing.assert_allclose(data.preprocessing.scale, 1 / pixels.std(), rtol=1e-6)
    np.testing.assert_allclose(data.preprocessing.shift, pixels.mean() / pixels.std(), rtol=1e-6)
    np.testing.assert_array_equal(data.train.targets[:0], [])
    assert took < 5  # 0.25 s on two cores; a float copy or a slow parser would take far longer
