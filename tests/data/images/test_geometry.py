"""The geometry of figures, compared with naive loops and with Pillow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.images.geometry import (
    Geometry,
    centre_of_mass,
    extent,
    like_mnist,
    measure,
    rim,
    stroke_width,
)
from nnfs_cli.data.source import Source

RNG = np.random.default_rng(0)


def drawn(count: int, side: int = 28, box: int = 20, off: int = 0) -> Array:
    """Rings and bars (N, side, side, 1), centred by their extent, moved by up to ``off``."""
    images = []
    for number in range(count):
        image = Image.new("L", (side, side))
        place = (side - box) // 2 + RNG.integers(-off, off + 1, 2)
        left, top = (int(n) for n in place)
        wide = box if number % 2 else box // 2
        ends = (left, top, left + wide - 1, top + box - 1)
        ImageDraw.Draw(image).ellipse(ends, outline=255, width=3)
        images.append(np.asarray(image))
    return np.stack(images)[..., None]


def test_centre_extent_and_rim_by_naive_loops() -> None:
    for _ in range(20):
        height, width = RNG.integers(3, 12, 2)
        ink = (RNG.random((height, width)) * (RNG.random((height, width)) < 0.4)).astype(np.float32)
        ink[1, 1] = 1
        total = y = x = 0.0
        rows, columns, edge = set(), set(), []
        for i in range(height):
            for j in range(width):
                total, y, x = (
                    total + ink[i, j],
                    y + ink[i, j] * (i + 0.5),
                    x + ink[i, j] * (j + 0.5),
                )
                if ink[i, j] > 0.1:
                    rows.add(i)
                    columns.add(j)
                edge += [float(ink[i, j])] * ((i in (0, height - 1)) + (j in (0, width - 1)))
        assert centre_of_mass(ink) == pytest.approx((y / total, x / total), rel=1e-5)
        assert extent(ink) == (min(rows), min(columns), max(rows) + 1, max(columns) + 1)
        assert sorted(rim(ink).tolist()) == sorted(edge)


def test_the_extent_is_that_of_pillow() -> None:
    for image in drawn(6, off=4)[..., 0]:
        left, top, right, bottom = Image.fromarray(image).getbbox() or (0, 0, 0, 0)
        assert extent(image / np.float32(255)) == (top, left, bottom, right)


@pytest.mark.parametrize("width", [5, 9, 15])
@pytest.mark.parametrize("degrees", [0, 30, 45, 80])
def test_the_width_of_a_turned_bar(width: int, degrees: int) -> None:
    """The estimate is exact on average over all directions; along an axis it is 4 / π of it."""
    y, x = np.mgrid[-100:101, -100:101]
    turn = np.deg2rad(degrees)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    bar = (abs(along) <= 70) & (abs(across) <= width / 2)
    assert 0.8 * width <= stroke_width(bar.astype(np.float32)) <= 4 / np.pi * (width + 1)


def test_mnists_geometry_is_measured_where_it_is() -> None:
    digits = Digits(geometry="mnist").load(Source()).train.inputs
    found = measure(digits, 255)
    assert found is not None
    assert (found.box, found.middle, found.by) == (20, 14.5, "mass")
    assert all(found.has(image[..., 0] / np.float32(255)) for image in digits)
    moved = np.roll(digits[0, ..., 0], 3, axis=1) / np.float32(255)
    assert not found.has(moved)
    floats = measure(digits.astype(np.float32) / 255, 1)
    assert floats == found
    padded = measure(np.pad(digits, ((0, 0), (2, 2), (2, 2), (0, 0))), 255)
    assert padded is not None
    assert (padded.box, padded.middle) == (20, 16.5)


def test_figures_centred_by_their_extent() -> None:
    """Flags, whose mass is at the pole, in the middle of a box of 24."""
    flags = np.zeros((40, 32, 32, 1), np.uint8)
    for number, flag in enumerate(flags):
        pole = 8 + number % 3
        flag[4:28, pole : pole + 3] = 255
        flag[4 : 8 + number % 9, pole : 32 - pole] = 255
    found = measure(flags, 255)
    assert found is not None
    assert (found.box, found.middle, found.by) == (24, 16, "extent")


def photos(count: int) -> Array:
    """Smooth random images, bright everywhere."""
    noise = RNG.integers(0, 256, (count, 7, 7), dtype=np.uint8)
    return np.stack([np.asarray(Image.fromarray(n).resize((28, 28))) for n in noise])[..., None]


@pytest.mark.parametrize(
    "images",
    [
        photos(50),
        255 - drawn(50),
        drawn(50, off=4),
        np.stack([drawn(1, box=int(b))[0] for b in RNG.integers(8, 25, 50)]),
        np.pad(np.full((50, 20, 20, 1), 255, np.uint8), ((0, 0), (4, 4), (4, 4), (0, 0))),
        drawn(50, box=28),
        np.zeros((50, 28, 28, 1), np.uint8),
        drawn(50).repeat(3, axis=3),
        drawn(50)[:, :, :20],
        RNG.integers(0, 256, (50, 28, 28, 1), dtype=np.uint8),
        np.zeros((50, 784), np.uint8),
    ],
    ids=["photos", "dark", "anywhere", "any size", "filled", "to the rim", "blank", "colour",
         "oblong", "noise", "rows"],
)  # fmt: skip
def test_other_images_have_no_geometry(images: Array) -> None:
    assert measure(images, 255) is None


def test_facts_survive_the_checkpoint() -> None:
    for geometry in (like_mnist(28), like_mnist(8), Geometry(24, 16, 22, 24, 1.5, "extent")):
        assert Geometry.from_json(geometry.to_json()) == geometry


def test_the_point_of_a_figure_that_belongs_in_the_middle() -> None:
    ink = np.zeros((10, 10), np.float32)
    ink[2:8, 3] = 1  # a pole, and a flag at its top
    ink[2, 3:9] = 1
    assert Geometry(6, 5, 4, 8, 1, "extent").centre(ink) == ((2 + 8) / 2, (3 + 9) / 2)
    by_mass = Geometry(6, 5, 4, 8, 1, "mass").centre(ink)
    rows, columns = np.nonzero(ink)
    assert by_mass == pytest.approx((rows.mean() + 0.5, columns.mean() + 0.5))


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"least": 6, "most": 6, "middle": 6, "offset": 1}, True),
        ({"least": 6.1}, False),
        ({"most": 5.9}, False),
        ({"middle": 6, "offset": 0.9}, False),
        ({"middle": 9, "least": 0}, True),
    ],
)
def test_a_figure_is_as_large_and_in_place(change: dict[str, Any], fits: bool) -> None:
    ink = np.zeros((10, 10), np.float32)
    ink[2:8, 2:8] = 1
    geometry = Geometry(**({"box": 6, "middle": 5, "least": 5, "most": 7, "offset": 1} | change))
    assert geometry.has(ink) is fits
    assert geometry.has(np.zeros_like(ink))
    ink[0], ink[-1], ink[:, 0] = 1, 1, 1
    assert geometry.has(ink) is (geometry.least == 0)
