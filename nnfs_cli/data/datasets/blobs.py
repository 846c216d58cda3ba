"""Round clusters."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Deviation, Toy, alternating


@dataset("blobs")
class Blobs(Toy):
    """Round clusters, their centres evenly on a circle (2 classes or more)."""

    noise: Deviation = Field(
        default=0.3, kw_only=True, description="standard deviation of each cluster"
    )
    classes: int = Field(default=3, ge=2, le=100, kw_only=True, description="clusters")

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """(cos φ, sin φ), φ = 2π · label / classes: the noise makes the clusters."""
        label = alternating(count, self.classes)
        phi = 2 * np.pi * label / self.classes
        return np.stack([np.cos(phi), np.sin(phi)], axis=1), label
