"""The bilinear sampler against the formula, a pixel at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.augmentations.sampler import Sampler

FILL = 7.0


def naive(image: Array, row: float, column: float) -> Array:
    """The value at a place: each of the four pixels by the area opposite to it."""
    height, width, channels = image.shape
    total = np.zeros(channels)
    for y in (math.floor(row), math.floor(row) + 1):
        for x in (math.floor(column), math.floor(column) + 1):
            inside = 0 <= y < height and 0 <= x < width
            value = image[y, x] if inside else np.full(channels, FILL)
            total += max(0.0, 1 - abs(row - y)) * max(0.0, 1 - abs(column - x)) * value
    return total


@pytest.mark.parametrize("shape", [(5, 5, 1), (4, 7, 3), (1, 6, 2), (6, 1, 1), (1, 1, 1)], ids=str)
def test_against_a_naive_loop(shape: Shape) -> None:
    generator = np.random.default_rng(0)
    height, width, _ = shape
    images = generator.uniform(0, 255, (3, *shape)).astype(np.float32)
    spread = np.array([height, width])[:, None, None]
    places = generator.uniform(-1.2, 1.2, (3, 2, height, width)) * spread
    places[0] = np.rint(places[0] * 2) / 2  # pixels, and the middles between them
    sampled = Sampler(shape, FILL).sample(images, places.astype(np.float32))
    for n in range(3):
        for y in range(height):
            for x in range(width):
                row, column = places[n, :, y, x] + [(height - 1) / 2, (width - 1) / 2]
                expected = naive(images[n], row, column)
                np.testing.assert_allclose(sampled[n, y, x], expected, rtol=1e-4, atol=2e-3)


def test_far_away_is_exactly_the_fill() -> None:
    images = np.full((2, 4, 5, 1), 200, dtype=np.float32)
    for distance in (-1e6, 1e6):
        places = np.full((2, 2, 4, 5), distance, dtype=np.float32)
        np.testing.assert_array_equal(Sampler((4, 5, 1), FILL).sample(images, places), FILL)


def test_smaller_batches_do_not_see_what_larger_ones_left() -> None:
    generator = np.random.default_rng(0)
    images = generator.uniform(0, 255, (8, 6, 6, 2)).astype(np.float32)
    sampler = Sampler((6, 6, 2), FILL)
    places = generator.uniform(-5, 5, (8, 2, 6, 6)).astype(np.float32)
    together = sampler.sample(images, places.copy()).copy()
    for n in (3, 1, 8):
        np.testing.assert_array_equal(sampler.sample(images[:n], places[:n].copy()), together[:n])
