"""Frames around what was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nnfs_cli.compute.arrays import Array
from nnfs_cli.predict.framing import without_frame


def canvas(side: int, ground: int, ink: int) -> Image.Image:
    """A seven."""
    image = Image.new("L", (side, side), ground)
    points = [(side * 0.3, side * 0.25), (side * 0.7, side * 0.25), (side * 0.4, side * 0.8)]
    ImageDraw.Draw(image).line(points, fill=ink, width=max(1, side // 12))
    return image


def cut(image: Image.Image) -> Array:
    return without_frame(np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("side", [24, 60, 200])
@pytest.mark.parametrize("margins", [(1, 1, 1, 1), (9, 2, 5, 12), (0, 3, 3, 3)])
def test_a_dark_canvas_on_a_white_page(side: int, margins: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = margins
    page = Image.new("L", (side + left + right, side + top + bottom), 255)
    inner = canvas(side, 0, 255)
    page.paste(inner, (left, top))
    np.testing.assert_array_equal(cut(page)[..., 0], np.asarray(inner))


@pytest.mark.parametrize("margin", [0, 6])
def test_a_border_around_the_paper(margin: int) -> None:
    image = canvas(100, 255, 0)
    ends = (margin, margin, 99 - margin, 99 - margin)
    ImageDraw.Draw(image).rectangle(ends, outline=40, width=2)
    inner = np.asarray(image)[margin + 2 : 98 - margin, margin + 2 : 98 - margin]
    np.testing.assert_array_equal(cut(image)[..., 0], inner)


def test_what_is_drawn_is_no_frame() -> None:
    bar, square, block = (Image.new("L", (100, 100), 255) for _ in range(3))
    ImageDraw.Draw(bar).rectangle((45, 10, 55, 90), fill=0)
    ImageDraw.Draw(square).rectangle((20, 20, 80, 80), outline=0, width=6)
    ImageDraw.Draw(block).rectangle((20, 20, 80, 80), fill=0)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8))
    for image in (canvas(100, 255, 0), canvas(28, 0, 255), bar, square, block, noise):
        assert cut(image).shape[:2] == image.size[::-1]
    for size in ((1, 1), (1, 9), (9, 1)):
        assert cut(Image.new("L", size, 255)).shape[:2] == size[::-1]


@pytest.mark.parametrize("frames", [3, 4, 5])
def test_no_more_than_four_frames_are_taken_away(frames: int) -> None:
    inner = canvas(100, 255, 0)
    image, sizes = inner, [inner.size]
    for number in range(frames):
        page = Image.new("L", (image.size[0] + 6, image.size[1] + 6), 0 if number % 2 == 0 else 255)
        page.paste(image, (3, 3))
        image = page
        sizes.append(image.size)
    assert cut(image).shape[1::-1] == sizes[max(frames - 4, 0)]
