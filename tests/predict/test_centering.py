from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.images.geometry import centre_of_mass, extent, like_mnist, stroke_width
from nnfs_cli.data.images.image_file import OpenedImage, open_image
from nnfs_cli.data.source import Source
from nnfs_cli.predict.centering import NO_FIGURE, fit_image
from nnfs_cli.predict.pieces import keep_strokes, pieces
from nnfs_cli.predict.strokes import find_ink, paper, thicken

MNIST = (28, 28, 1)


def fit(
    pixels: Array,
    shape: Shape = MNIST,
    white: int = 255,
    digit: bool = True,
    invert: bool | None = None,
    center: bool | None = None,
) -> tuple[Array, list[str]]:
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    image = OpenedImage(pixels, (pixels.shape[1], pixels.shape[0]), [])
    geometry = like_mnist(shape[0]) if digit else None
    fitted = fit_image(image, shape, white, geometry, invert, center)
    return fitted.sample, fitted.notes


def refused(pixels: Array) -> str:
    """Why an image is not answered; empty if it is."""
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    image = OpenedImage(pixels, (pixels.shape[1], pixels.shape[0]), [])
    return fit_image(image, MNIST, 255, like_mnist(28), None, None).refusal


def written(
    size: tuple[int, int] = (640, 480),
    at: tuple[int, int] = (90, 60),
    pen: int = 26,
    ink: object = (30, 30, 60),
    paper: object = (240, 238, 230),
) -> Array:
    """A two: an arc, a diagonal and a foot, 120 x 180 pixels."""
    image = Image.new("RGB", size, paper)  # type: ignore[arg-type]
    draw = ImageDraw.Draw(image)
    x, y = at
    points = [(5, 50), (20, 12), (60, 0), (100, 15), (112, 55), (80, 100), (0, 180), (120, 178)]
    line = [(x + a, y + b) for a, b in points]
    draw.line(line, fill=ink, width=pen, joint="curve")  # type: ignore[arg-type]
    return np.array(image)


def check_geometry(sample: Array) -> None:
    ink = sample[..., 0] / 255
    top, left, bottom, right = extent(ink)
    assert sample.shape == MNIST
    assert sample.dtype == np.uint8
    assert max(bottom - top, right - left) in (19, 20)
    assert np.abs(np.subtract(centre_of_mass(ink), 14.5)).max() <= 0.6
    assert sample[[0, -1]].max() == 0
    assert sample.max() > 200
    assert 1.7 <= stroke_width(ink) <= 4


def test_a_dark_digit_off_centre_on_light_paper() -> None:
    sample, notes = fit(written())
    check_geometry(sample)
    assert notes == ["inverted (dark on light)", "centred", "resized from 640x480"]


def test_a_light_digit_on_a_blackboard_is_the_same_digit() -> None:
    dark, _ = fit(written(ink=(20, 20, 20), paper=(230, 230, 230)))
    light, notes = fit(written(ink=(235, 235, 235), paper=(25, 25, 25)))
    assert np.abs(dark.astype(int) - light.astype(int)).max() <= 1
    assert notes == ["centred", "resized from 640x480"]


@pytest.mark.slow
@pytest.mark.parametrize("ink", [(250, 220, 40), (200, 30, 40), (60, 90, 220), (170, 170, 170)])
def test_coloured_and_faint_ink(ink: tuple[int, int, int]) -> None:
    check_geometry(fit(written(ink=ink))[0])


def test_thin_pen_strokes_are_thickened() -> None:
    sample, notes = fit(written(pen=4))
    check_geometry(sample)
    assert "strokes thickened" in notes
    assert "strokes thickened" not in fit(written(pen=30))[1]


def uneven(pixels: Array, light: Array) -> Array:
    noise = np.random.default_rng(0).normal(0, 4, pixels.shape)
    return np.clip(pixels * light[..., None] + noise, 0, 255).astype(np.uint8)


def test_shade_noise_shadow_and_specks_of_dirt() -> None:
    y, x = np.mgrid[-1:1:480j, -1:1:640j]  # type: ignore[misc]
    plain, _ = fit(written(at=(300, 200)))
    lights = {
        "gradient": 0.8 + 0.15 * x - 0.1 * y,
        "vignette": 1 - 0.25 * (x * x + y * y),
        "shadow": np.where(x + 0.3 * y > 0.1, 1.0, 0.72),
    }
    for name, light in lights.items():
        photo = uneven(written(at=(300, 200)), light)
        photo[400:404, 40:44] = 20
        sample, _ = fit(photo)
        check_geometry(sample)
        assert np.abs(sample.astype(int) - plain).mean() < 6, name


def test_the_edge_of_the_table_is_no_stroke() -> None:
    photo = written(at=(300, 150))
    photo[:, :50] = (90, 60, 40)
    check_geometry(fit(photo)[0])


def test_what_is_seen_can_be_overruled() -> None:
    wrong, notes = fit(written(), invert=False)
    assert "inverted (dark on light)" not in notes
    assert np.abs(wrong.astype(int) - fit(written())[0]).mean() > 10
    whole, notes = fit(written(), center=False)
    assert notes == ["inverted (dark on light)", "resized from 640x480"]
    assert centre_of_mass(whole[..., 0])[1] < 10


def test_blank_paper_has_no_strokes() -> None:
    noise = np.random.default_rng(0).normal(235, 3, (200, 200, 3)).clip(0, 255).astype(np.uint8)
    for blank in (np.full((50, 60), 240, dtype=np.uint8), noise):
        assert not fit(blank)[0].any()
        assert refused(blank) == NO_FIGURE


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 3), (2000, 3), (28, 27)])
def test_no_size_is_too_odd(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    for center in (None, True, False):
        assert fit(pixels, center=center)[0].shape == MNIST


@pytest.mark.slow
def test_the_bundled_digits_pass_untouched() -> None:
    for geometry, white in (("original", 16), ("mnist", 255)):
        digits = Digits(geometry=geometry).load(Source()).train.inputs  # type: ignore[arg-type]
        shape = digits.shape[1:]
        for digit in digits:
            sample, notes = fit(digit, shape, white)
            assert notes == []
            np.testing.assert_array_equal(sample, digit)


def test_a_photo_for_the_digits_of_8_by_8() -> None:
    sample, _ = fit(written(), (8, 8, 1), 16)
    assert sample.shape == (8, 8, 1)
    assert sample.max() in range(12, 17)
    assert sample[0].any()
    assert sample[-1].any()
    eight = np.zeros((8, 8), dtype=np.uint8)
    eight[1:7, 3:5] = 255
    assert fit(eight, (8, 8, 1), 16)[0].max() == 16


def test_a_small_digit_far_off_is_centred_and_a_dark_one_inverted() -> None:
    digit = Digits(geometry="mnist").load(Source()).train.inputs[3]
    moved = np.roll(digit, (-4, 4), (0, 1))
    sample, notes = fit(moved)
    assert notes == ["centred"]
    assert like_mnist(28).has(sample[..., 0] / np.float32(255))
    near = [np.roll(sample, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    assert max(np.corrcoef(s.ravel(), digit.ravel())[0, 1] for s in near) > 0.9
    np.testing.assert_array_equal(fit(moved, center=False)[0], moved)
    sample, notes = fit(255 - digit)
    assert notes == ["inverted (dark on light)"]
    np.testing.assert_array_equal(sample, digit)
    np.testing.assert_array_equal(fit(255 - digit, invert=False, center=False)[0], 255 - digit)


@pytest.mark.parametrize(("stored", "note"), [((12, 10), []), ((10, 12), ["resized from 12x10"])])
def test_a_turned_photo_is_resized_if_it_has_another_size_as_it_is_seen(
    tmp_path: Path, stored: tuple[int, int], note: list[str]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", stored, 90).save(tmp_path / "a.jpg", exif=exif)
    image = open_image(tmp_path / "a.jpg", "a")
    fitted = fit_image(image, (12, 10, 1), 255, None, None, None)
    assert fitted.sample.shape == (12, 10, 1)
    assert fitted.notes == ["turned as its EXIF data says", *note]


def test_images_that_are_no_digits_are_only_resized_and_converted() -> None:
    photo = written()
    sample, notes = fit(photo, (32, 32, 3), digit=False)
    assert sample.shape == (32, 32, 3)
    assert notes == ["resized from 640x480"]
    assert sample.mean() > 200
    sample, notes = fit(photo, MNIST, digit=False, invert=True)
    assert notes == ["colour to grey", "inverted", "resized from 640x480"]
    assert sample.mean() < 55
    assert fit(photo[..., :1], (32, 32, 3), digit=False)[0].shape == (32, 32, 3)
    check_geometry(fit(photo, MNIST, digit=False, center=True)[0])


def test_ink_and_its_measures() -> None:
    ink, dark = find_ink(written(), None)
    assert dark
    assert ink.min() == 0
    assert ink.max() == 1
    bar = np.zeros((60, 60), dtype=np.float32)
    bar[10:50, 20:26] = 1
    assert abs(stroke_width(bar) - 6) < 1.2
    assert abs(stroke_width(thicken(bar, 2)) - 10) < 2
    bar[5, 50] = 1
    assert keep_strokes(bar)[5, 50] == 0
    assert keep_strokes(bar)[30, 22] == 1


def test_pieces_are_told_apart_however_they_wind() -> None:
    spiral = np.array([list(row) for row in ("#####", "    #", "### #", "#   #", "#####")]) == "#"
    assert len(np.unique(pieces(spiral))) == 2
    corners = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0]], dtype=bool)
    assert len(np.unique(pieces(corners))) == 3


@pytest.fixture(scope="module")
def mnist() -> Array:
    folder = os.environ.get("NNFS_DATA")
    if not folder:
        pytest.skip("NNFS_DATA does not say where MNIST is")
    path = Path(folder) / "mnist" / "t10k-images-idx3-ubyte.gz"
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 28, 28)


@pytest.mark.slow
def test_every_test_image_of_mnist_passes_untouched_and_inverted_comes_back(mnist: Array) -> None:
    for image in mnist:
        np.testing.assert_array_equal(fit(image)[0][..., 0], image)
    for image in mnist[::20]:
        np.testing.assert_array_equal(fit(255 - image)[0][..., 0], image)
        assert like_mnist(28).has(image / np.float32(255))


@pytest.mark.slow
def test_mnist_photographed_comes_back(mnist: Array) -> None:
    """Enlarged, in blue ink, off centre, on shaded, noisy paper: close to the original."""
    rng = np.random.default_rng(0)
    paper, ink = np.array([235, 230, 220]), np.array([40, 50, 120])
    differences = []
    for image in mnist[:50]:
        scale = int(rng.integers(5, 12)) * 28
        large = np.asarray(Image.fromarray(image).resize((scale, scale), Image.Resampling.BICUBIC))
        canvas = np.zeros((400, 600))
        top, left = rng.integers(0, 400 - scale), rng.integers(0, 600 - scale)
        canvas[top : top + scale, left : left + scale] = large / 255
        y, x = np.mgrid[-1:1:400j, -1:1:600j]  # type: ignore[misc]
        photo = uneven(paper + (ink - paper) * canvas[..., None], 1 + 0.1 * x - 0.1 * y * y)
        sample, notes = fit(photo)
        assert "inverted (dark on light)" in notes
        differences.append(np.abs(sample[..., 0].astype(int) - image).mean())
    assert np.mean(differences) < 9
    assert np.max(differences) < 25


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_paper_is_measured_on_all_four_sides_alike(turns: int) -> None:
    """Ink that hides two sides and half of a third; turned, it is the same paper turned."""
    y, x = np.mgrid[-1:1:48j, -1:1:48j]
    shade = (180 + 30 * x - 20 * y + 15 * x * y)[..., np.newaxis].astype(np.float32)
    shade[:, :16] -= 120
    shade[:18, 16:36] -= 120
    turned = np.rot90(shade, turns).copy()
    np.testing.assert_allclose(paper(turned), np.rot90(paper(shade), turns), atol=0.01)
