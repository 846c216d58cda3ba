"""Single augmentations against what NumPy's own functions, or a naive loop, make of an image."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.augmentation import Augmentation
from nnfs_cli.data.augmentations.affine import Rotate, Scale, Shear, Shift
from nnfs_cli.data.augmentations.augmenter import Augmenter
from nnfs_cli.data.augmentations.crop import Crop
from nnfs_cli.data.augmentations.elastic import Elastic, smoothing
from nnfs_cli.data.augmentations.erase import Erase
from nnfs_cli.data.augmentations.flip import Flip
from nnfs_cli.data.augmentations.tone import Brightness, Contrast, Noise
from nnfs_cli.errors import ShapeError


class Extreme(np.random.Generator):
    """Always draws the end of a range: ``sign`` chooses which one."""

    def __init__(self, sign: int) -> None:
        super().__init__(np.random.PCG64(0))
        self.sign = sign

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        return np.full(size, high if self.sign > 0 else low)


def random_images(n: int, *shape: int) -> Array:
    return np.random.default_rng(0).integers(1, 256, (n, *shape)).astype(np.float32)


def changed(part: Augmentation, images: Array, generator: np.random.Generator) -> Array:
    part.build(images.shape[1:], 255)
    return part.apply(images.copy(), generator)


@pytest.mark.parametrize("pixels", [1.0, 3.0, 4.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_shift_by_whole_pixels_is_a_roll_with_fill(pixels: float, sign: int) -> None:
    images = random_images(2, 6, 9, 3)
    n = sign * int(pixels)
    expected = np.roll(images, (n, n), axis=(1, 2))
    gone = slice(0, n) if n > 0 else slice(n, None)
    expected[:, gone] = expected[:, :, gone] = 5.0
    shifted = changed(Shift(pixels=pixels, fill=5.0), images, Extreme(sign))
    np.testing.assert_array_equal(shifted, expected)


def test_half_a_pixel_is_the_mean_of_two() -> None:
    images = random_images(1, 1, 8, 1)
    row = np.concatenate([[0.0], images.ravel()])
    shift = Shift(pixels=0.5)
    shifted = changed(shift, images, Extreme(1)).ravel()
    np.testing.assert_allclose(shifted, 0.5 * (row[1:] + row[:-1]) / 2)  # half of it off the top


@pytest.mark.parametrize("side", [5, 8])
@pytest.mark.parametrize(("degrees", "turns"), [(90.0, 1), (180.0, 2)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_right_angle_is_rot90(side: int, degrees: float, turns: int, sign: int) -> None:
    images = random_images(3, side, side, 2)
    turned = changed(Rotate(degrees=degrees), images, Extreme(sign))
    expected = np.rot90(images, sign * turns, axes=(1, 2))
    np.testing.assert_allclose(turned, expected, rtol=1e-4)


def test_a_turn_is_undone_by_the_opposite_one() -> None:
    y, x = np.mgrid[-20:21, -20:21]
    slope = (3 * y + 2 * x + 100).astype(np.float32)[None, ..., None]
    there = changed(Rotate(degrees=30.0), slope, Extreme(1))
    back = changed(Rotate(degrees=30.0), there, Extreme(-1))
    inner = (slice(None), slice(12, 29), slice(12, 29))
    assert np.abs(there - slope)[inner].max() > 10
    np.testing.assert_allclose(back[inner], slope[inner], rtol=1e-4)


@pytest.mark.parametrize("sign", [-1, 1])
def test_scaling_stretches_a_ramp(sign: int) -> None:
    ramp = np.arange(-10, 11, dtype=np.float32)
    images = np.tile(ramp, (1, 21, 1))[..., None]
    scaled = changed(Scale(fraction=0.25), images, Extreme(sign))[0, 10, 6:15, 0]
    np.testing.assert_allclose(scaled, ramp[6:15] / (1 + sign * 0.25), atol=1e-5)


def test_shearing_moves_rows_by_their_distance_from_the_middle() -> None:
    images = random_images(1, 7, 15, 1)
    slanted = changed(Shear(degrees=45.0), images, Extreme(1))
    for row in range(7):
        n = row - 3
        inside = slice(max(0, -n), 15 - max(0, n))
        expected = np.roll(images[0, row, :, 0], -n)[inside]
        np.testing.assert_allclose(slanted[0, row, inside, 0], expected, rtol=1e-5)


def test_smoothing_is_a_gaussian_convolution() -> None:
    row = np.random.default_rng(0).normal(size=12)
    kernel = {k: math.exp(-(k**2) / (2 * 1.5**2)) for k in range(-30, 31)}
    total = sum(kernel.values())
    expected = [sum(row[j] * kernel[i - j] for j in range(12)) / total for i in range(12)]
    np.testing.assert_allclose(smoothing(12, 1.5) @ row, expected, rtol=1e-5)


def test_elastic_moves_pixels_as_far_as_it_says() -> None:
    part = Elastic(alpha=34.0, sigma=4.0)
    part.build((61, 61, 1))
    places = np.zeros((50, 2, 61, 61), dtype=np.float32)
    moved = part.move(places, np.random.default_rng(0))[:, :, 20:41, 20:41]
    assert math.sqrt(float((moved**2).mean())) == pytest.approx(34 / (6 * 4), rel=0.1)
    assert abs(float(moved.mean())) < 0.1
    steps = np.diff(moved, axis=3)
    assert math.sqrt(float((steps**2).mean())) == pytest.approx(1.38 / (math.sqrt(2) * 4), rel=0.1)


def test_a_crop_is_a_window_of_the_padded_image() -> None:
    images = random_images(200, 4, 5, 2)
    cropped = changed(Crop(padding=2, fill=9.0), images, np.random.default_rng(0))
    wide = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), constant_values=9.0)
    found = set()
    for image, source in zip(cropped, wide, strict=True):
        places = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if (source[y : y + 4, x : x + 5] == image).all()
        ]
        assert len(places) == 1
        found.update(places)
    assert len(found) == 25


def test_flips_are_reversals() -> None:
    images = random_images(4, 5, 6, 3)
    generator = np.random.default_rng(0)
    sideways = changed(Flip(horizontal=1.0), images, generator)
    np.testing.assert_array_equal(sideways, images[:, :, ::-1])
    both = changed(Flip(horizontal=1.0, vertical=1.0), images, generator)
    np.testing.assert_array_equal(both, images[:, ::-1, ::-1])


def test_flips_are_as_frequent_as_asked() -> None:
    images = np.tile(np.arange(6, dtype=np.float32).reshape(1, 2, 3, 1), (4000, 1, 1, 1))
    flipped = changed(Flip(horizontal=0.25, vertical=0.75), images, np.random.default_rng(0))
    corner = flipped[:, 0, 0, 0]
    assert np.isin(corner, [2, 5]).mean() == pytest.approx(0.25, abs=0.03)
    assert np.isin(corner, [3, 5]).mean() == pytest.approx(0.75, abs=0.03)


def test_erasing_leaves_a_rectangle() -> None:
    images = random_images(500, 6, 9, 2)
    erased = changed(Erase(size=4, probability=0.7, fill=-1.0), images, np.random.default_rng(0))
    holes = (erased == -1).all(axis=3)
    np.testing.assert_array_equal(erased[~holes], images[~holes])
    assert holes.any(axis=(1, 2)).mean() == pytest.approx(0.7, abs=0.07)
    sizes = set()
    for hole in holes[holes.any(axis=(1, 2))]:
        rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
        assert hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert hole.sum() == len(rows) * len(columns)
        sizes.add((len(rows), len(columns)))
    assert sizes == {(height, width) for height in range(1, 5) for width in range(1, 5)}
    assert holes.any(axis=0).all()


def test_brightness_adds_a_share_of_white() -> None:
    images = np.full((1, 3, 3, 1), 100, dtype=np.float32)
    lighter = changed(Brightness(fraction=0.2), images, Extreme(1))
    np.testing.assert_allclose(lighter, 151)
    np.testing.assert_array_equal(changed(Brightness(fraction=0.5), images, Extreme(-1)), 0)


def test_contrast_keeps_the_mean() -> None:
    images = random_images(3, 8, 8, 3) / 4 + 90
    flat = changed(Contrast(fraction=1.0), images, Extreme(-1))
    for image, original in zip(flat, images, strict=True):
        np.testing.assert_allclose(image, original.mean(), rtol=1e-5)
    means = images.mean(axis=(1, 2, 3), keepdims=True)
    sharper = changed(Contrast(fraction=0.3), images, Extreme(1))
    np.testing.assert_allclose(sharper, means + 1.3 * (images - means), rtol=1e-5)


def test_noise_has_the_std_it_says() -> None:
    images = np.full((50, 16, 16, 1), 128, dtype=np.float32)
    added = changed(Noise(std=0.05), images, np.random.default_rng(0)) - 128
    assert added.std() == pytest.approx(0.05 * 255, rel=0.03)
    assert abs(added.mean()) < 0.5


def test_values_that_are_no_pixels_are_not_clipped() -> None:
    part = Brightness(fraction=0.5)
    part.build((2, 2, 1), None)
    images = np.ones((1, 2, 2, 1), dtype=np.float32)
    np.testing.assert_allclose(part.apply(images, Extreme(1)), 1.5)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Erase(size=7), "erase with `size` 7 is larger than a 6 x 9 image; lower it to 6 or"),
        (Crop(padding=6), "crop with `padding` 6 can push all of a 6 x 9 image out of sight; "),
        (Shift(pixels=6.5), "shift with `pixels` 6.5 can push all of a 6 x 9 image out of"),
    ],
    ids=lambda value: getattr(value, "word", ""),
)
def test_what_cannot_work_is_refused_where_it_stands(part: Augmentation, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        Augmenter([Flip(), part], (6, 9, 1), 255)
    assert str(caught.value).startswith(message)
    assert caught.value.location == ("data", "augment", 1)
