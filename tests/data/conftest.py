from __future__ import annotations

import gzip
import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.archive import Archive
from nnfs_cli.data.mnist import FILES
from nnfs_cli.data.source import Source


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
    """A source with an empty cache that asks nobody."""
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
