"""CIFAR-10 from archives that follow its page's description byte by byte."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.catalogue import download, listing
from nnfs_cli.data.datasets.cifar10 import MOST, Cifar10
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.source import Source, Unavailable
from nnfs_cli.errors import DataError

from ..conftest import cifar_files, tar_bytes

PACKED, FOLDER = "cifar-10-binary.tar.gz", "cifar-10-batches-bin"
FILES = cifar_files()
ARCHIVE = tar_bytes({f"{FOLDER}/{name}": content for name, content in FILES.items()})


def put(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("place", ["packed", "tar", "unpacked", "flat", "itself", "cache"])
def test_loads_from_wherever_it_is(tmp_path: Path, place: str) -> None:
    source = Source(data_dir=tmp_path, cache_dir=tmp_path / "cache", offline=True)
    if place in ("packed", "cache"):
        put(tmp_path / ("cache/cifar10" if place == "cache" else "cifar10"), {PACKED: ARCHIVE})
    elif place == "tar":
        put(tmp_path / "cifar10", {PACKED.removesuffix(".gz"): gzip.decompress(ARCHIVE)})
    else:
        put(tmp_path / "cifar10" / (FOLDER if place == "unpacked" else ""), FILES)
    if place == "itself":
        source = replace(source, data_dir=tmp_path / "cifar10")
    loaded = Cifar10().load(source)
    assert loaded.test is not None
    assert loaded.train.inputs.dtype == np.uint8
    assert loaded.train.inputs.shape == (20, 32, 32, 3)
    assert loaded.test.inputs.shape == (4, 32, 32, 3)
    assert loaded.train.inputs.flags.c_contiguous
    for f, n, r, c, k in [(0, 0, 0, 0, 0), (0, 1, 5, 9, 2), (3, 2, 31, 0, 1), (4, 3, 0, 31, 2)]:
        assert loaded.train.inputs[4 * f + n, r, c, k] == (f + n + r + 3 * c + 70 * k) % 256
    assert loaded.test.inputs[2, 7, 8, 1] == (5 + 2 + 7 + 24 + 70) % 256
    expected = [(n + f) % 10 for f in range(5) for n in range(4)]
    np.testing.assert_array_equal(loaded.train.targets, expected)
    np.testing.assert_array_equal(loaded.test.targets, [5, 6, 7, 8])
    assert (loaded.labels[0], loaded.labels[6], loaded.labels[9]) == ("airplane", "frog", "truck")
    assert (loaded.kind, loaded.white) == ("image", 255)


LABEL_255 = FILES["data_batch_2.bin"][:3073] + b"\xff" + bytes(3072)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("data_batch_3.bin", FILES["data_batch_3.bin"][:-1], "12,291 bytes, which are no samples"),
        ("data_batch_3.bin", b"", "0 bytes, which are no samples"),
        ("data_batch_2.bin", LABEL_255, "data_batch_2.bin has the label 255 in row 1"),
        ("test_batch.bin", b"\x0a" + bytes(3072), "the label 10 in row 0"),
        ("test_batch.bin", bytes(MOST + 1), "30,730,001 bytes instead of 30,730,000"),
        ("data_batch_5.bin", None, "it has no data_batch_5.bin"),
    ],
    ids=["a byte short", "empty", "label 255", "label 10", "too large", "missing"],
)
@pytest.mark.parametrize("packed", [True, False])
def test_damage_is_named(
    tmp_path: Path, name: str, content: bytes | None, message: str, packed: bool
) -> None:
    files = {k: v for k, v in (FILES | {name: content}).items() if v is not None}
    put(tmp_path / "cifar10", {PACKED: tar_bytes(files)} if packed else files)
    source = Source(data_dir=tmp_path, cache_dir=tmp_path / "cache", offline=True)
    if content is None and not packed:
        message = "no copy of cifar10"
    with pytest.raises(DataError, match=message) as caught:
        Cifar10().load(source)
    assert str(tmp_path / "cifar10") in str(caught.value)
    assert caught.value.hint


def test_without_a_copy_the_error_says_what_to_put_where(offline: Source, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        prepare(Cifar10(), offline)
    text = str(caught.value)
    assert caught.value.code == 3
    assert str(tmp_path / "cache" / "cifar10") in text
    for expected in (PACKED, *Cifar10.archive.files.values(), *FILES):
        assert expected in text


def test_the_catalogue_knows_it(tmp_path: Path) -> None:
    source = Source(data_dir=tmp_path, cache_dir=tmp_path / "cache", offline=True)
    availabilities = []
    for place in ("none", "cache/cifar10", "cifar10"):
        put(tmp_path / place, {PACKED: ARCHIVE})
        entry = next(entry for entry in listing(source) if entry.name == "cifar10")
        assert (entry.train, entry.test, entry.classes) == (50_000, 10_000, 10)
        availabilities.append(entry.availability)
    assert availabilities == ["needs download", "cached", "in data folder"]
    assert download("cifar10", source) == [tmp_path / "cifar10" / PACKED]


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    put(tmp_path / "cifar10", FILES)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    source = Source(data_dir=tmp_path, cache_dir=tmp_path / "cache", offline=True)
    with pytest.raises(DataError, match=r"data_batch_1\.bin cannot be read: Permission denied"):
        Cifar10().load(source)
