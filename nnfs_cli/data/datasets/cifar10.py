"""CIFAR-10: 60,000 colour photos of 32 x 32 pixels in ten classes, from its binary version.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
https://www.cs.toronto.edu/~kriz/cifar.html. Each of the six files is a row of samples: a byte for
the class, then 1,024 bytes of red, as many of green and of blue, each row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

from nnfs_cli.components.component import dataset
from nnfs_cli.data.dataset import Loaded, Samples
from nnfs_cli.data.datasets.published import Published
from nnfs_cli.data.faults import inside
from nnfs_cli.data.source import Source
from nnfs_cli.data.sources.archive import Archive
from nnfs_cli.data.sources.tar import read_tar
from nnfs_cli.errors import DataError

SIDE, CHANNELS = 32, 3
ROW = 1 + CHANNELS * SIDE * SIDE
MOST = 10_000 * ROW
"""Bytes of a file: that many samples have those of the official version."""
TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST = "test_batch.bin"
FILES = (*TRAIN, TEST)


@dataset("cifar10")
class Cifar10(Published):
    """Small colour photos of animals and vehicles (32 x 32, 10 classes)."""

    sizes: ClassVar[tuple[int, int]] = (50_000, 10_000)
    labels: ClassVar[tuple[str, ...]] = (
        *("airplane", "automobile", "bird", "cat", "deer"),
        *("dog", "frog", "horse", "ship", "truck"),
    )
    archive: ClassVar[Archive] = Archive(
        "cifar10",
        {
            "cifar-10-binary.tar.gz": (
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
            )
        },
        ("https://www.cs.toronto.edu/~kriz/",),
        members=FILES,
        folder="cifar-10-batches-bin",
    )

    def load(self, source: Source) -> Loaded:
        """Images as uint8 (N, 32, 32, 3) from 0 to 255; labels as class numbers (N,)."""
        (path,) = self.archive.fetch(source).values()
        contents = _unpacked(path) if path.is_dir() else read_tar(path, dict.fromkeys(FILES, MOST))
        with inside(path):
            batches = {name: self._samples(name, content) for name, content in contents}
            missing = [name for name in FILES if name not in batches]
            if missing:
                raise DataError(f"it has no {', '.join(missing)}", "download it again")
        train = Samples(
            np.concatenate([batches[name].inputs for name in TRAIN]),
            np.concatenate([batches[name].targets for name in TRAIN]),
        )
        return Loaded(train, batches[TEST], self.labels, kind="image", white=255)

    def _samples(self, name: str, content: bytes) -> Samples:
        if not content or len(content) % ROW:
            raise DataError(
                f"{name} has {len(content):,} bytes, which are no samples of {ROW:,}",
                "download it again",
            )
        rows = np.frombuffer(content, dtype=np.uint8).reshape(-1, ROW)
        targets = rows[:, 0].astype(np.int64)
        if targets.max() >= len(self.labels):
            row = int(targets.argmax())
            raise DataError(
                f"{name} has the label {targets[row]} in row {row} (from 0)",
                f"the labels of {self.word} are 0 to {len(self.labels) - 1}: download it again",
            )
        planes = rows[:, 1:].reshape(-1, CHANNELS, SIDE, SIDE)
        return Samples(np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), targets)


def _unpacked(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a folder, none of them read if it is too large."""
    for name in FILES:
        path = folder / name
        try:
            size = path.stat().st_size
            if size > MOST:
                raise DataError(
                    f"{name} has {size:,} bytes instead of {MOST:,}", "download it again"
                )
            yield name, path.read_bytes()
        except OSError as error:
            raise DataError(f"{name} cannot be read: {error.strerror}") from error
