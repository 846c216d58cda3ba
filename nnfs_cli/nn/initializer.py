"""The contract of an initializer: random first values for a parameter of a given shape."""

from __future__ import annotations

import numpy as np

from nnfs_cli.components.component import Component, family
from nnfs_cli.compute.arrays import Array, Shape


@family("initializer")
class Initializer(Component):
    """First values of a parameter."""

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """Draw an array of ``shape`` (float64; it is rounded to the parameter's own dtype)."""
        raise NotImplementedError


def fans(shape: Shape) -> tuple[int, int]:
    """How many inputs reach an output, and how many outputs an input reaches.

    The last axis holds outputs and the one before it inputs, (inputs, outputs) for dense; axes
    further in front, a kernel's height and width, multiply both. A vector has fans of its length.
    """
    if len(shape) < 2:
        return (int(np.prod(shape)),) * 2
    receptive_field = int(np.prod(shape[:-2]))
    return shape[-2] * receptive_field, shape[-1] * receptive_field
