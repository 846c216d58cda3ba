"""Two filled ellipses: what a line can almost divide."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Toy, alternating


@dataset("ellipses")
class Ellipses(Toy):
    """Two filled ellipses side by side: a straight line almost divides them (2 classes)."""

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """Uniform in semi-axes 1 and 0.5, turned by ±30°, around (±0.9, 0)."""
        label = alternating(count, 2)
        angle, radius = generator.uniform(0, 2 * np.pi, count), np.sqrt(generator.random(count))
        side, tilt = 2 * label - 1, np.radians(30)
        u, v = radius * np.cos(angle), 0.5 * radius * np.sin(angle)
        x = 0.9 * side + np.cos(tilt) * u - side * np.sin(tilt) * v
        y = side * np.sin(tilt) * u + np.cos(tilt) * v
        return np.stack([x, y], axis=1), label
