"""Petals in turn: the planar data of a well-known course."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Deviation, Toy, alternating


@dataset("flower")
class Flower(Toy):
    """Two petals of each class, turn by turn around a centre (2 classes).

    A rose curve with noise along the angle and along the radius; the planar data of Ng's course
    "Neural Networks and Deep Learning", 2017.
    """

    samples: int = Field(
        default=400, ge=2, le=10_000_000, kw_only=True, description="points for training"
    )
    noise: Deviation = Field(
        default=0.2,
        kw_only=True,
        description="standard deviation of the normal noise, of angle and radius",
    )
    radius: float = Field(default=4.0, gt=0, le=1e6, kw_only=True, description="length of a petal")

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """r · (sin t, cos t), r = radius · sin 4t, t uniform in 3.12 · (label..label + 1)."""
        label = alternating(count, 2)
        t = 3.12 * (label + generator.random(count))
        t += self.noise * generator.standard_normal(count)
        r = self.radius * np.sin(4 * t) + self.noise * generator.standard_normal(count)
        return np.stack([r * np.sin(t), r * np.cos(t)], axis=1), label

    def disturb(self, values: Array, generator: np.random.Generator) -> None:
        """Not again: the noise is in the angle and in the radius."""
