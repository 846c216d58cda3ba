"""Two half circles: what a line cannot divide."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Toy, alternating


@dataset("moons")
class Moons(Toy):
    """Two half circles that reach into each other (2 classes)."""

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """(cos t, sin t) and (1 - cos t, 0.5 - sin t), t uniform in 0..π."""
        label, t = alternating(count, 2), generator.uniform(0, np.pi, count)
        x = np.where(label, 1 - np.cos(t), np.cos(t))
        y = np.where(label, 0.5 - np.sin(t), np.sin(t))
        return np.stack([x, y], axis=1), label
