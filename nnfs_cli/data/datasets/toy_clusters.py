"""Toy classes in clusters: blobs, and the four corners of XOR."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Toy, alternating


@dataset("blobs")
class Blobs(Toy):
    """Round clusters, their centres evenly on a circle (2 classes or more)."""

    noise: float = Field(
        default=0.3, ge=0, le=1e6, kw_only=True, description="standard deviation of each cluster"
    )
    classes: int = Field(default=3, ge=2, le=100, kw_only=True, description="clusters")

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """(cos φ, sin φ), φ = 2π · label / classes: the noise makes the clusters."""
        label = alternating(count, self.classes)
        phi = 2 * np.pi * label / self.classes
        return np.stack([np.cos(phi), np.sin(phi)], axis=1), label


@dataset("xor")
class Xor(Toy):
    """The exclusive or of two bits: no straight line can divide it (2 classes).

    The problem by which Minsky and Papert, *Perceptrons*, 1969, showed what one layer cannot do.
    With ``noise: 0`` the four points are repeated exactly; with ``samples: 4`` besides they are
    the four rows of the truth table.
    """

    samples: int = Field(default=200, ge=2, kw_only=True, description="points for training")
    test_samples: int = Field(
        default=200, ge=0, kw_only=True, description="further points for testing"
    )

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """The corners (a, b) of the unit square in turn, and a xor b."""
        corner = alternating(count, 4)
        a, b = corner // 2, corner % 2
        return np.stack([a, b], axis=1).astype(np.float64), a ^ b
