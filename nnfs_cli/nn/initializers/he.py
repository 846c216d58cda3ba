"""He initialization: keeps the variance of activations through layers of ReLU."""

from __future__ import annotations

import math

import numpy as np

from nnfs_cli.components.component import initializer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.initializer import Initializer, fans


@initializer("he_normal", "kaiming_normal")
class HeNormal(Initializer):
    """Normal with standard deviation sqrt(2 / fan_in).

    He et al., "Delving Deep into Rectifiers", 2015, arXiv:1502.01852.
    """

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """N(0, 2 / fan_in)."""
        fan_in, _ = fans(shape)
        return generator.normal(0.0, math.sqrt(2.0 / fan_in), shape)


@initializer("he_uniform", "kaiming_uniform")
class HeUniform(Initializer):
    """Uniform with the same variance, 2 / fan_in: limits ± sqrt(6 / fan_in).

    He et al., "Delving Deep into Rectifiers", 2015, arXiv:1502.01852.
    """

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """U(-limit, limit)."""
        fan_in, _ = fans(shape)
        limit = math.sqrt(6.0 / fan_in)
        return generator.uniform(-limit, limit, shape)
