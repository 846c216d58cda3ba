"""A circle inside another: what no line can divide."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Toy, alternating


@dataset("circles")
class Circles(Toy):
    """A circle inside another (2 classes)."""

    factor: float = Field(
        default=0.5, gt=0, lt=1, kw_only=True, description="radius of the inner circle"
    )

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """r · (cos t, sin t), r = 1 or ``factor``, t uniform in 0..2π."""
        label, t = alternating(count, 2), generator.uniform(0, 2 * np.pi, count)
        radius = np.where(label, self.factor, 1.0)
        return np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1), label
