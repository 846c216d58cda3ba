"""Toy data: without noise every point lies where its formula has it, and noise is normal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.datasets.blobs import Blobs
from nnfs_cli.data.datasets.circles import Circles
from nnfs_cli.data.datasets.ellipses import Ellipses
from nnfs_cli.data.datasets.flower import Flower
from nnfs_cli.data.datasets.moons import Moons
from nnfs_cli.data.datasets.sine import Sine
from nnfs_cli.data.datasets.spirals import Spirals
from nnfs_cli.data.datasets.toy import Toy
from nnfs_cli.data.datasets.xor import Xor
from nnfs_cli.data.source import Source

COUNT = 600
CLOSE: dict[str, Any] = {"atol": 1e-6}


def loaded(kind: type[Toy], **keys: Any) -> Samples:
    found = kind(samples=COUNT, test_samples=30, **{"noise": 0.0} | keys).load(Source())
    classes = 0 if kind.regression else keys.get("classes", 3 if kind is Blobs else 2)
    assert found.labels == tuple(str(n) for n in range(classes))
    assert found.test is not None
    assert len(found.test) == 30
    assert not np.array_equal(found.train.inputs[:30], found.test.inputs) or kind in (Blobs, Xor)
    return found.train


def by_class(kind: type[Toy], **keys: Any) -> list[np.ndarray]:
    """The points (N, 2) of each class, equally many."""
    samples = loaded(kind, **keys)
    assert samples.inputs.shape == (COUNT, 2)
    found = [samples.inputs[samples.targets == n] for n in np.unique(samples.targets)]
    assert {len(points) for points in found} == {COUNT // len(found)}
    return found


def test_ellipses() -> None:
    """Turned back, each fills semi-axes of 1 and a half evenly: r² is uniform from 0 to 1."""
    for points, side in zip(by_class(Ellipses), (-1, 1), strict=True):
        turn = complex(math.cos(math.pi / 6), -side * math.sin(math.pi / 6))
        place = (points[:, 0] - side * 0.9 + 1j * points[:, 1]) * turn
        radius = np.hypot(place.real, place.imag / 0.5)
        assert 0.97 < radius.max() <= 1 + 1e-6
        assert np.mean(radius**2) == pytest.approx(0.5, abs=0.05)
        assert np.hypot(place.real, place.imag).max() > 0.95
        angle = np.arctan2(place.imag / 0.5, place.real)
        assert np.abs(np.mean(np.exp(1j * angle))) < 0.15


def test_moons() -> None:
    upper, lower = by_class(Moons)
    np.testing.assert_allclose(np.hypot(*upper.T), 1, **CLOSE)
    assert upper[:, 1].min() >= 0
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1, **CLOSE)
    assert lower[:, 1].max() <= 0.5
    for x in (upper[:, 0], 1 - lower[:, 0]):
        assert np.mean(np.arccos(np.clip(x, -1, 1))) == pytest.approx(math.pi / 2, abs=0.15)


@pytest.mark.parametrize("factor", [0.5, 0.25])
def test_circles(factor: float) -> None:
    outer, inner = by_class(Circles, factor=factor)
    np.testing.assert_allclose(np.hypot(*outer.T), 1, **CLOSE)
    np.testing.assert_allclose(np.hypot(*inner.T), factor, **CLOSE)
    for points in (outer, inner):
        quarters = np.histogram(np.arctan2(points[:, 1], points[:, 0]), 4)[0]
        assert quarters.min() > 45


@pytest.mark.parametrize(("classes", "turns"), [(2, 1.0), (3, 1.5)])
def test_spirals(classes: int, turns: float) -> None:
    for label, points in enumerate(by_class(Spirals, classes=classes, turns=turns)):
        radius = np.hypot(*points.T)
        assert 0.1 <= radius.min() < 0.12
        assert 0.98 < radius.max() <= 1
        assert radius.mean() == pytest.approx(0.55, abs=0.05)
        phi = 2 * math.pi * (turns * radius + label / classes)
        np.testing.assert_allclose(
            points, np.stack([radius * np.cos(phi), radius * np.sin(phi)], 1), atol=1e-5
        )


def test_the_spirals_of_cs231n() -> None:
    """Arms from the centre, a third of a turn apart, whose noise is in the angle alone."""
    keys = {"classes": 3, "turns": 4 / (2 * math.pi), "inner": 0.0, "angle_noise": 0.2}
    for label, points in enumerate(by_class(Spirals, **keys)):
        radius = np.hypot(*points.T)
        assert radius.min() < 0.02
        middle = 4 * radius + label * 2 * math.pi / 3
        angles = np.angle((points[:, 0] + 1j * points[:, 1]) * np.exp(-1j * middle))
        assert angles.mean() == pytest.approx(0, abs=0.05)
        assert angles.std() == pytest.approx(0.2, rel=0.15)


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_the_flower_is_that_of_the_course(noise: float) -> None:
    """Beside the lines of the course: as many points left of any place, and below it."""
    own = Flower(samples=8000, noise=noise).load(Source()).train
    generator, count = np.random.RandomState(1), 4000
    for j in range(2):
        t = np.linspace(j * 3.12, (j + 1) * 3.12, count) + generator.randn(count) * noise
        r = 4 * np.sin(4 * t) + generator.randn(count) * noise
        course = np.c_[r * np.sin(t), r * np.cos(t)]
        for ours, theirs in zip(own.inputs[own.targets == j].T, course.T, strict=True):
            places = np.linspace(-4.5, 4.5, 60)
            below = (ours[:, None] < places).mean(axis=0) - (theirs[:, None] < places).mean(axis=0)
            assert np.abs(below).max() < 0.03


@pytest.mark.parametrize("classes", [2, 5])
def test_blobs(classes: int) -> None:
    for label, points in enumerate(by_class(Blobs, classes=classes)):
        phi = 2 * math.pi * label / classes
        np.testing.assert_allclose(points, [[math.cos(phi), math.sin(phi)]] * len(points), **CLOSE)


def test_xor() -> None:
    same, other = by_class(Xor)
    assert {*map(tuple, same.tolist())} == {(0, 0), (1, 1)}
    assert {*map(tuple, other.tolist())} == {(0, 1), (1, 0)}
    assert np.count_nonzero(other[:, 0]) == COUNT // 4


@pytest.mark.parametrize("frequency", [1.0, 3.0])
def test_sine(frequency: float) -> None:
    samples = loaded(Sine, frequency=frequency)
    x, y = samples.inputs[:, 0], samples.targets[:, 0]
    np.testing.assert_allclose(y, np.sin(frequency * x.astype(float)), **CLOSE)
    assert (x.min(), x.max()) == pytest.approx((-math.pi, math.pi), abs=0.05)
    assert x.mean() == pytest.approx(0, abs=0.2)
    noisy = loaded(Sine, frequency=frequency, noise=0.5)
    assert np.array_equal(noisy.inputs, samples.inputs)
    assert np.std(noisy.targets - samples.targets) == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize("kind", [Ellipses, Moons, Circles, Spirals, Blobs, Xor])
def test_noise_is_added_to_the_inputs(kind: type[Toy]) -> None:
    plain, noisy = loaded(kind), loaded(kind, noise=0.25)
    assert np.array_equal(plain.targets, noisy.targets)
    apart = noisy.inputs - plain.inputs
    assert apart.std(axis=0) == pytest.approx([0.25, 0.25], rel=0.1)
    assert apart.mean(axis=0) == pytest.approx([0, 0], abs=0.05)
    assert not np.array_equal(loaded(kind, noise=0.25, seed=1).inputs, noisy.inputs)


def test_the_truth_table_of_xor() -> None:
    rows = Xor(samples=4, test_samples=0, noise=0.0).load(Source()).train
    assert rows.inputs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert rows.targets.tolist() == [0, 1, 1, 0]
