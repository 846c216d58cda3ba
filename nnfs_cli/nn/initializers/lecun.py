"""LeCun initialization: keeps the variance of activations through linear layers; suits SELU."""

from __future__ import annotations

import math

import numpy as np

from nnfs_cli.components.component import initializer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.initializer import Initializer, fans


@initializer("lecun_normal")
class LeCunNormal(Initializer):
    """Normal with standard deviation sqrt(1 / fan_in).

    LeCun et al., "Efficient BackProp", 1998.
    """

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """N(0, 1 / fan_in)."""
        fan_in, _ = fans(shape)
        return generator.normal(0.0, math.sqrt(1.0 / fan_in), shape)


@initializer("lecun_uniform")
class LeCunUniform(Initializer):
    """Uniform with the same variance, 1 / fan_in: limits ± sqrt(3 / fan_in).

    LeCun et al., "Efficient BackProp", 1998.
    """

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """U(-limit, limit)."""
        fan_in, _ = fans(shape)
        limit = math.sqrt(3.0 / fan_in)
        return generator.uniform(-limit, limit, shape)
