"""The contract of toy data: points drawn from a formula, as many as you like."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import family
from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.data.dataset import Dataset, Loaded, Samples
from nnfs_cli.data.source import Source

TRAIN, TEST = 0, 1
Deviation = Annotated[float, Field(ge=0, le=1e6)]
"""Of the noise."""


@family("dataset", noun="toy data set")
class Toy(Dataset):
    """Points from a generator: nothing to download, and the truth is known."""

    samples: int = Field(
        default=1000, ge=2, le=10_000_000, kw_only=True, description="points for training"
    )
    test_samples: int = Field(
        default=500, ge=0, le=10_000_000, kw_only=True, description="further points for testing"
    )
    noise: Deviation = Field(
        default=0.1,
        kw_only=True,
        description="standard deviation of the normal noise",
    )
    seed: int = Field(
        default=0, ge=0, kw_only=True, description="seed of the points, not of the training"
    )
    regression: ClassVar[bool] = False

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """Inputs (count, features) without noise, and classes (count,) or values (count, k)."""
        raise NotImplementedError

    def load(self, source: Source) -> Loaded:
        """Training and test points from two streams of their own, noise added to the inputs.

        In a regression the noise is added to the targets instead.
        """
        train, test = self._draw(self.samples, TRAIN), self._draw(self.test_samples, TEST)
        classes = 0 if self.regression else int(train.targets.max()) + 1
        return Loaded(train, test, labels=tuple(str(label) for label in range(classes)))

    def disturb(self, values: Array, generator: np.random.Generator) -> None:
        """Add the noise to the inputs, in a regression to the targets."""
        values += self.noise * generator.standard_normal(values.shape)

    def _draw(self, count: int, split: int) -> Samples:
        generator = stream(self.seed, Purpose.TOY_DATA, split)
        inputs, targets = self.points(count, generator)
        self.disturb(targets if self.regression else inputs, generator)
        kind = np.float32 if self.regression else np.int64
        return Samples(inputs.astype(np.float32), targets.astype(kind))


def alternating(count: int, classes: int) -> Array:
    """Class numbers 0, 1, ..., 0, 1, ...: every class equally often."""
    return np.arange(count) % classes
