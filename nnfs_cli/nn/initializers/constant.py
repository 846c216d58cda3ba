"""Initializers that draw nothing."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import initializer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.initializer import Initializer


@initializer("zeros")
class Zeros(Initializer):
    """All zeros. For biases; a network whose weights are all zero cannot learn."""

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """Zeros."""
        return np.zeros(shape)


@initializer("constant")
class Constant(Initializer):
    """The same number everywhere."""

    value: float = Field(ge=-1e6, le=1e6, description="the number")

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """The number, ``shape`` times."""
        return np.full(shape, self.value)
