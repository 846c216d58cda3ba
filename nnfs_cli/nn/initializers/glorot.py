"""Glorot initialization: keeps the variance of activations and of gradients at a balance."""

from __future__ import annotations

import math

import numpy as np

from nnfs_cli.components.component import initializer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.initializer import Initializer, fans


@initializer("glorot_normal", "xavier_normal")
class GlorotNormal(Initializer):
    """Normal with standard deviation sqrt(2 / (fan_in + fan_out)).

    Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural
    Networks", 2010.
    """

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """N(0, 2 / (fan_in + fan_out))."""
        return generator.normal(0.0, math.sqrt(2.0 / sum(fans(shape))), shape)


@initializer("glorot_uniform", "xavier_uniform")
class GlorotUniform(Initializer):
    """Uniform with the same variance: limits ± sqrt(6 / (fan_in + fan_out)).

    Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural
    Networks", 2010.
    """

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """U(-limit, limit)."""
        limit = math.sqrt(6.0 / sum(fans(shape)))
        return generator.uniform(-limit, limit, shape)
