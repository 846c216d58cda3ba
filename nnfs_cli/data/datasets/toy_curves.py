"""Toy classes along curves and in ellipses: what a line can divide, and what it cannot."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Toy, alternating


@dataset("ellipses")
class Ellipses(Toy):
    """Two filled ellipses side by side: a straight line almost divides them (2 classes)."""

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """Uniform in semi-axes 1 and 0.5, turned by ±30°, around (±0.9, 0)."""
        label = alternating(count, 2)
        angle, radius = generator.uniform(0, 2 * np.pi, count), np.sqrt(generator.random(count))
        side, tilt = 2 * label - 1, np.radians(30)
        u, v = radius * np.cos(angle), 0.5 * radius * np.sin(angle)
        x = 0.9 * side + np.cos(tilt) * u - side * np.sin(tilt) * v
        y = side * np.sin(tilt) * u + np.cos(tilt) * v
        return np.stack([x, y], axis=1), label


@dataset("moons")
class Moons(Toy):
    """Two half circles that reach into each other (2 classes)."""

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """(cos t, sin t) and (1 - cos t, 0.5 - sin t), t uniform in 0..π."""
        label, t = alternating(count, 2), generator.uniform(0, np.pi, count)
        x = np.where(label, 1 - np.cos(t), np.cos(t))
        y = np.where(label, 0.5 - np.sin(t), np.sin(t))
        return np.stack([x, y], axis=1), label


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


@dataset("spirals")
class Spirals(Toy):
    """Arms that wind around each other: the hardest of the toys (2 classes or more)."""

    noise: float = Field(
        default=0.03, ge=0, kw_only=True, description="standard deviation of the normal noise"
    )
    classes: int = Field(default=2, ge=2, le=10, kw_only=True, description="arms")
    turns: float = Field(default=1.0, gt=0, kw_only=True, description="windings of an arm")

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """r · (cos φ, sin φ), φ = 2π (turns · r + label / classes), r uniform in 0.1..1."""
        label, radius = alternating(count, self.classes), generator.uniform(0.1, 1, count)
        phi = 2 * np.pi * (self.turns * radius + label / self.classes)
        return np.stack([radius * np.cos(phi), radius * np.sin(phi)], axis=1), label
