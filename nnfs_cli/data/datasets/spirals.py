"""Arms that wind around each other."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Deviation, Toy, alternating


@dataset("spirals")
class Spirals(Toy):
    """Arms that wind around each other: the hardest of the toys (2 classes or more)."""

    noise: Deviation = Field(
        default=0.03,
        kw_only=True,
        description="standard deviation of the normal noise",
    )
    classes: int = Field(default=2, ge=2, le=10, kw_only=True, description="arms")
    turns: float = Field(
        default=1.0,
        gt=0,
        le=1e6,
        kw_only=True,
        description="windings of an arm, were it to begin at 0",
    )
    inner: float = Field(
        default=0.1, ge=0, lt=1, kw_only=True, description="radius at which the arms begin"
    )
    angle_noise: Deviation = Field(
        default=0.0,
        kw_only=True,
        description="standard deviation of the angle, in radians",
    )

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """r · (cos φ, sin φ), φ = 2π (turns · r + label / classes), r uniform in ``inner``..1."""
        label, radius = alternating(count, self.classes), generator.uniform(self.inner, 1, count)
        phi = 2 * np.pi * (self.turns * radius + label / self.classes)
        if self.angle_noise:
            phi += self.angle_noise * generator.standard_normal(count)
        return np.stack([radius * np.cos(phi), radius * np.sin(phi)], axis=1), label
