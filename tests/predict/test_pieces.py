"""One figure, several, or none: what is answered and what is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.images.geometry import like_mnist
from nnfs_cli.data.images.image_file import OpenedImage
from nnfs_cli.data.source import Source
from nnfs_cli.predict.centering import NO_FIGURE, fit_image
from nnfs_cli.predict.pieces import is_noise, pieces, separate_figures

DIGITS = Digits(geometry="mnist").load(Source()).train.inputs[..., 0]


def refusal(pixels: Array) -> str:
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    image = OpenedImage(pixels, (pixels.shape[1], pixels.shape[0]), [])
    return fit_image(image, (28, 28, 1), 255, like_mnist(28), None, None).refusal


def row(count: int, first: int = 0) -> Array:
    """Digits side by side, light on dark, each in its 28 x 28."""
    return np.concatenate(DIGITS[first : first + count], axis=1)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_figures_side_by_side_are_counted(count: int) -> None:
    counts = [refusal(row(count, first)) for first in range(0, 100, count)]
    right = f"{count} separate figures"
    assert counts.count(right) >= 0.95 * len(counts)
    assert refusal(255 - np.kron(row(count), np.ones((6, 6), np.uint8))) == right


def test_figures_in_two_lines_are_counted() -> None:
    page = np.pad(np.concatenate([row(2), row(2, 20)]), ((0, 0), (0, 0)))
    spread = np.concatenate([page[:28], np.zeros((12, 56), np.uint8), page[28:]])
    assert refusal(np.kron(spread, np.ones((4, 4), np.uint8))) == "4 separate figures"


def stroke(*lines: tuple[tuple[int, int], ...]) -> Array:
    image = Image.new("L", (100, 100), 255)
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=0, width=7, joint="curve")
    return np.asarray(image)


def test_strokes_and_dots_of_one_figure_are_one() -> None:
    five = stroke(((30, 20), (70, 18)), ((32, 32), (32, 48), (60, 50), (65, 70), (32, 82)))
    four = stroke(((40, 15), (28, 55), (58, 55)), ((68, 30), (68, 90)))
    dotted = stroke(((50, 30), (50, 85)), ((49, 12), (51, 15)))
    broken = stroke(((50, 10), (50, 45)), ((50, 55), (50, 90)))
    for figure in (five, four, dotted, broken):
        assert refusal(figure) == ""


@pytest.mark.parametrize(("left", "count"), [(74, 1), (78, 2)])
def test_a_stroke_above_a_wide_foot_belongs_to_it_by_its_own_width(left: int, count: int) -> None:
    ink = np.zeros((100, 100), dtype=np.float32)
    ink[10:70, 10:16] = ink[64:70, 10:80] = 1  # an L of 70 x 60
    ink[10:56, left : left + 10] = 1  # 6 or 2 of its 10 columns are above the foot
    assert separate_figures(ink) == count
    assert separate_figures(ink[:, ::-1]) == count


def test_no_digit_of_the_bundled_ones_is_refused() -> None:
    assert not any(refusal(digit) for digit in DIGITS[::3])


RNG = np.random.default_rng(0)
NOTHING: dict[str, Callable[[int], Array]] = {
    "white": lambda n: np.full((n, n), 255, np.uint8),
    "black": lambda n: np.zeros((n, n), np.uint8),
    "wall": lambda n: np.full((n, n, 3), (90, 120, 90), np.uint8),
    "noise": lambda n: RNG.integers(0, 256, (n, n), dtype=np.uint8),
    "colour noise": lambda n: RNG.integers(0, 256, (n, n, 3), dtype=np.uint8),
    "grain": lambda n: RNG.normal(200, 12, (n, n)).clip(0, 255).astype(np.uint8),
    "shade": lambda n: np.linspace(60, 220, n * n).reshape(n, n).astype(np.uint8),
    "salt": lambda n: (255 * (RNG.random((n, n)) < 0.1)).astype(np.uint8),
}


@pytest.mark.parametrize("size", [28, 90, 200])
@pytest.mark.parametrize("name", NOTHING)
def test_blank_and_noisy_images_have_no_figure(name: str, size: int) -> None:
    assert [refusal(NOTHING[name](size)) for _ in range(5)] == [NO_FIGURE] * 5


def test_pieces_by_flooding() -> None:
    """Numbered as a naive flood over eight neighbours finds them."""
    for _ in range(10):
        mask = RNG.random((9, 12)) < 0.45
        numbers, seen = pieces(mask), np.zeros_like(mask)
        for start in zip(*np.nonzero(mask), strict=True):
            if seen[start]:
                continue
            stack, piece = [start], set()
            while stack:
                y, x = stack.pop()
                if not (0 <= y < 9 and 0 <= x < 12) or not mask[y, x] or (y, x) in piece:
                    continue
                piece.add((y, x))
                seen[y, x] = True
                stack += [(y + a, x + b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
            assert len({int(numbers[place]) for place in piece}) == 1
            assert (numbers == numbers[start]).sum() == len(piece)
        assert (numbers[~mask] == 0).all()


def test_no_ink_is_no_figure() -> None:
    assert separate_figures(np.zeros((20, 20), np.float32)) == 0


def test_what_is_noise() -> None:
    ink = np.zeros((40, 40), np.float32)
    assert not is_noise(ink)
    assert not is_noise(ink + np.float32(0.4)), "faint ink is no stroke"
    bar = ink.copy()
    bar[5:35, 18:22] = 1
    assert not is_noise(bar)
    dots = ink.copy()
    dots[::3, ::3] = 1
    assert is_noise(dots)
    few = ink.copy()
    few[5:10:3, 5:10:3] = 1
    assert not is_noise(few)
    tangle = ink.copy()
    tangle[::2] = 1
    tangle[:, 0] = 1
    assert is_noise(tangle)
