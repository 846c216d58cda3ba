"""MNIST for the peers, as they want it: float32, standardized. Needs NNFS_DATA."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np


def read(name: str, header: int) -> np.ndarray:
    with gzip.open(Path(os.environ["NNFS_DATA"]) / "mnist" / name) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def load(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, 784) and classes of ``train`` or ``t10k``."""
    images = read(f"{split}-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype(np.float32)
    images /= 255 * 0.3081
    images -= 0.1307 / 0.3081
    return images, read(f"{split}-labels-idx1-ubyte.gz", 8).astype(np.int64)
