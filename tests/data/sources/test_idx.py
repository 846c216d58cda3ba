from __future__ import annotations

import gzip
import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.data.sources.idx import read_any_idx, read_idx
from nnfs_cli.errors import DataError

from ..conftest import idx_bytes

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


@pytest.mark.parametrize("packed", [True, False])
def test_reads_what_was_written(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(idx_bytes(IMAGES)) if packed else idx_bytes(IMAGES))
    array = read_idx(path, axes=3)
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, IMAGES)


def damaged() -> dict[str, tuple[bytes, str]]:
    whole = idx_bytes(IMAGES)
    wrong_magic = b"\0\0\x0d\x03" + whole[4:]
    liar = bytes((0, 0, 8, 3)) + struct.pack(">3I", 2**31, 2**15, 2**15) + bytes(60)
    flipped = bytearray(gzip.compress(whole))
    flipped[-6] ^= 1
    return {
        "empty": (b"", "no idx file"),
        "text": (b"hello, world", "no idx file"),
        "wrong type": (wrong_magic, "no idx file of 3 axes: it begins with 00000d03"),
        "wrong axes": (idx_bytes(IMAGES[0]), "no idx file of 3 axes"),
        "only a header's half": (whole[:9], "truncated inside its header"),
        "cut short": (whole[:-1], "truncated"),
        "too long": (whole + b"x", "longer"),
        "gzip cut short": (gzip.compress(whole)[:-12], "truncated"),
        "gzip without its checksum": (gzip.compress(whole)[:-8], "truncated"),
        "gzip with a wrong checksum": (bytes(flipped), "not a valid gzip file"),
        "gzip of too little": (gzip.compress(whole[:-7]), "truncated: 53 of 60 bytes"),
        "gzip of too much": (gzip.compress(whole + bytes(9)), "longer"),
        "a header that lies": (liar, "truncated: 60 of 2,305,843,009,213,693,952 bytes"),
        "a gzipped header that lies": (gzip.compress(liar), "its header promises"),
    }


@pytest.mark.parametrize("fault", damaged())
def test_damage_is_named(tmp_path: Path, fault: str) -> None:
    content, message = damaged()[fault]
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_idx(path, axes=3)
    assert str(path) in str(caught.value)
    assert caught.value.hint


def test_a_bomb_is_not_inflated(tmp_path: Path) -> None:
    bomb = gzip.compress(idx_bytes(IMAGES) + bytes(50_000_000), compresslevel=1)
    path = tmp_path / "images"
    path.write_bytes(bomb)
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(DataError, match="longer"):
        read_idx(path, axes=3)
    took, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000
    assert took < 1


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("axes", [1, 2, 3, 4])
def test_any_number_of_axes_from_one_to_four(tmp_path: Path, axes: int, packed: bool) -> None:
    array = np.arange(2**axes, dtype=np.uint8).reshape((2,) * axes)
    content = idx_bytes(array)
    path = tmp_path / "a-idx"
    path.write_bytes(gzip.compress(content) if packed else content)
    np.testing.assert_array_equal(read_any_idx(path), array)


@pytest.mark.parametrize("read", [read_any_idx, lambda path: read_idx(path, 3)])
def test_what_cannot_be_read_is_named(tmp_path: Path, read: Callable[[Path], Any]) -> None:
    with pytest.raises(DataError, match=f"cannot read {tmp_path}: Is a directory"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x1f\x8b" + bytes(20), "not a valid gzip file"),
        (b"\0\0\x08", "no idx file of bytes"),
        (bytes((0, 0, 8, 0)), "no idx file of bytes"),
        (bytes((0, 0, 8, 5)) + bytes(20), "no idx file of bytes"),
        (bytes((0, 0, 13, 3)) + bytes(20), "no idx file of bytes; save its array as .npy"),
    ],
)
def test_what_is_no_idx_file_of_any_axes(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a-idx3").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_any_idx(tmp_path / "a-idx3")
