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
        default=0.03,
        ge=0,
        le=1e6,
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
    angle_noise: float = Field(
        default=0.0,
        ge=0,
        le=1e6,
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


@dataset("flower")
class Flower(Toy):
    """Two petals of each class, turn by turn around a centre (2 classes).

    A rose curve with noise along the angle and along the radius; the planar data of Ng's course
    "Neural Networks and Deep Learning", 2017.
    """

    samples: int = Field(
        default=400, ge=2, le=10_000_000, kw_only=True, description="points for training"
    )
    noise: float = Field(
        default=0.2,
        ge=0,
        le=1e6,
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
