"""A sine wave to fit: the smallest regression."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Toy


@dataset("sine")
class Sine(Toy):
    """y = sin(frequency · x) + noise, x uniform in -π..π (regression)."""

    regression: ClassVar[bool] = True

    frequency: float = Field(
        default=1.0, gt=0, le=1e6, kw_only=True, description="waves between -π and π"
    )

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """x as (count, 1) and sin(frequency · x) as (count, 1)."""
        x = generator.uniform(-np.pi, np.pi, (count, 1))
        return x, np.sin(self.frequency * x)
