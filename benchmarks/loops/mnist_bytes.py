"""MNIST's bytes and digits, for the plain loops. Needs NNFS_DATA."""

import gzip
import os
from pathlib import Path

import numpy as np


def load(split):
    """Images (N, 784) and digits of ``train`` or ``t10k``."""
    folder = Path(os.environ["NNFS_DATA"]) / "mnist"
    with gzip.open(folder / f"{split}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(folder / f"{split}-labels-idx1-ubyte.gz") as file:
        return images, np.frombuffer(file.read(), np.uint8, offset=8)
