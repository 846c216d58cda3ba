from __future__ import annotations

import gzip
import hashlib
import io
import os
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.datasets.mnist import FILES
from nnfs_cli.data.source import Source
from nnfs_cli.data.sources.archive import Archive


def idx_bytes(array: np.ndarray) -> bytes:
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def tiny_idx_files(train: int = 60, test: int = 20, classes: int = 10) -> dict[str, bytes]:
    """The four files of an MNIST-like archive, gzipped, by name; image n is full of n."""
    contents = []
    for count in (train, test):
        images = np.broadcast_to(np.arange(count)[:, None, None], (count, 28, 28))
        contents += [images, np.arange(count) % classes]
    return {
        name: gzip.compress(idx_bytes(array), mtime=0)
        for name, array in zip(FILES, contents, strict=True)
    }


@pytest.fixture
def tiny_files() -> dict[str, bytes]:
    return tiny_idx_files()


@pytest.fixture
def offline(tmp_path: Path) -> Source:
    """A source with an empty cache and no mirrors."""
    return Source(cache_dir=tmp_path / "cache", offline=True)


@pytest.fixture
def tiny_archive(tiny_files: dict[str, bytes]) -> Archive:
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in tiny_files.items()}
    return Archive("tiny", hashes, ("http://127.0.0.1:9/",))


@pytest.fixture
def real_mnist(tmp_path: Path) -> Source:
    folder = os.environ.get("NNFS_DATA")
    if not folder or not (Path(folder) / "mnist").is_dir():
        pytest.skip("needs MNIST: set NNFS_DATA to a folder that holds mnist/")
    return Source(data_dir=Path(folder), cache_dir=tmp_path, offline=True)


def cifar_files(rows: int = 4) -> dict[str, bytes]:
    """Six files in CIFAR-10's binary format: sample n of file f is of class (n + f) % 10.

    Its byte for the pixel in row r, column c and colour k is (f + n + r + 3 c + 70 k) % 256.
    """
    names = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]
    files = {}
    for f, name in enumerate(names):
        content = bytearray()
        for n in range(rows):
            content.append((n + f) % 10)
            for k in range(3):
                content += bytes(
                    (f + n + r + 3 * c + 70 * k) % 256 for r in range(32) for c in range(32)
                )
        files[name] = bytes(content)
    return files


def tar_bytes(files: dict[str, bytes], format: int = tarfile.GNU_FORMAT) -> bytes:
    """A gzipped tar of files by name, as tarfile writes it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=format) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
