"""The bundled data set: 1,797 handwritten digits of 8 x 8 pixels.

Source: E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning
Repository, 1998, https://doi.org/10.24432/C50P49, CC BY 4.0; the selection that scikit-learn
ships. A pixel counts the inked dots, 0 to 16, of a 4 x 4 block of the scanned digit.
"""

from __future__ import annotations

from importlib.resources import files
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Dataset, Loaded, Samples
from nnfs_cli.data.source import Source

FILE = files("nnfs_cli.data") / "files" / "digits.npz"
WHITE = 16
MIDDLE = 14.5
"""Where MNIST's own centres of mass lie on average: the middle of pixel 14, from the edge."""
EVERY_FIFTH = 5


@dataset("digits")
class Digits(Dataset):
    """Small handwritten digits, bundled: no download (8 x 8, 10 classes)."""

    sizes: ClassVar[tuple[int, int]] = (1_442, 355)

    geometry: Literal["original", "mnist"] = Field(
        default="original",
        kw_only=True,
        description="original: 8 x 8, values 0..16; mnist: enlarged and centred as MNIST's 28 x 28",
    )

    def load(self, source: Source) -> Loaded:
        """Images as uint8 (N, 8, 8, 1) or (N, 28, 28, 1); a fifth of each class is for testing."""
        with FILE.open("rb") as file, np.load(file, allow_pickle=False) as members:
            images, targets = members["images"], members["labels"].astype(np.int64)
        if self.geometry == "mnist":
            images = mnist_geometry(images.astype(np.float32) * (255 / WHITE))
        test = test_positions(targets)
        samples = Samples(images[..., None], targets)
        return Loaded(
            samples.pick(~test),
            samples.pick(test),
            labels=tuple("0123456789"),
            kind="digit",
            white=255 if self.geometry == "mnist" else WHITE,
        )


def test_positions(targets: Array) -> Array:
    """Where the test samples are, as (N,) bool: of each class the 5th, 10th, 15th, ... sample.

    A rule without a random number: the split can never change, and is stratified by class.
    """
    test = np.zeros(len(targets), dtype=bool)
    for label in np.unique(targets):
        test[np.flatnonzero(targets == label)[EVERY_FIFTH - 1 :: EVERY_FIFTH]] = True
    return test


def mnist_geometry(images: Array) -> Array:
    """Grey images (N, h, w) from 0 to 255 as MNIST shows them: uint8 (N, 28, 28).

    As LeCun et al. did: enlarged to a box of 20 x 20, whose centre of mass (the mean position of
    the ink) is then moved to the middle of 28 x 28, or rather to pixel 14, where MNIST has it.
    """
    rows = cubic_weights(images.shape[1], 20)
    columns = cubic_weights(images.shape[2], 20)
    box = np.clip(rows @ images @ columns.T, 0, 255)
    ink = np.maximum(box.sum(axis=(1, 2)), 1e-6)
    pixel_centres = np.arange(20) + 0.5
    top = MIDDLE - (box.sum(axis=2) @ pixel_centres) / ink
    left = MIDDLE - (box.sum(axis=1) @ pixel_centres) / ink
    top, left = (np.clip(np.rint(corner), 0, 8).astype(int) for corner in (top, left))
    field = np.zeros((len(images), 28, 28), dtype=np.uint8)
    n, y, x = np.ogrid[: len(images), :20, :20]
    field[n, top[:, None, None] + y, left[:, None, None] + x] = np.rint(box)
    return field


def cubic_weights(size: int, new_size: int) -> Array:
    """The matrix (new_size, size) that resamples a line of pixels by Catmull-Rom's cubic.

    w(t) = 1.5|t|³ - 2.5|t|² + 1 for |t| <= 1; -0.5|t|³ + 2.5|t|² - 4|t| + 2 for |t| <= 2; else 0,
    where t is the distance between the centres of a new and an old pixel. R. G. Keys, 1981.
    """
    centres = (np.arange(new_size) + 0.5) * size / new_size - 0.5
    t = np.abs(centres[:, None] - np.arange(size))
    near, far = 1.5 * t**3 - 2.5 * t**2 + 1, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    weights = np.where(t <= 1, near, np.where(t < 2, far, 0))
    normalised: Array = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return normalised
