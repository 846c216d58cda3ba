"""Initializers that draw from a fixed distribution, whatever the shape."""

from __future__ import annotations

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nnfs_cli.components.component import initializer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.initializer import Initializer


@initializer("normal", "random_normal")
class Normal(Initializer):
    """Normal distribution N(mean, std²)."""

    mean: float = Field(default=0.0, ge=-1e6, le=1e6, description="centre of the distribution")
    std: float = Field(default=0.05, ge=0.0, le=1e6, description="standard deviation")

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """N(mean, std²)."""
        return generator.normal(self.mean, self.std, shape)


@initializer("truncated_normal")
class TruncatedNormal(Initializer):
    """Normal distribution whose numbers farther than two ``std`` from the mean are drawn again.

    Their standard deviation is thereby 0.88 ``std``, as in Keras.
    """

    mean: float = Field(default=0.0, ge=-1e6, le=1e6, description="centre of the distribution")
    std: float = Field(
        default=0.05, ge=0.0, le=1e6, description="standard deviation before the truncation"
    )

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """N(mean, std²) within mean ± 2 std."""
        drawn = generator.standard_normal(shape)
        while (outside := np.abs(drawn) > 2.0).any():
            drawn[outside] = generator.standard_normal(np.count_nonzero(outside))
        return self.mean + self.std * drawn


@initializer("uniform", "random_uniform")
class Uniform(Initializer):
    """Uniform distribution between two limits."""

    low: float = Field(default=-0.05, ge=-1e6, le=1e6, description="lower limit")
    high: float = Field(default=0.05, ge=-1e6, le=1e6, description="upper limit")

    @model_validator(mode="after")
    def _check_order(self) -> Uniform:
        if self.low > self.high:
            raise PydanticCustomError("limits", "low must not be above high")
        return self

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """U(low, high)."""
        return generator.uniform(self.low, self.high, shape)
