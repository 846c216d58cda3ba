"""Bringing a picture to what the network was trained on; a digit, the way MNIST was made.

MNIST's digits were scaled, proportions kept, until the longer side measured 20 pixels, smoothed,
and placed in 28 x 28 with the centre of mass in the middle (LeCun, Bottou, Bengio, Haffner,
"Gradient-based learning applied to document recognition", 1998). The bundled digits of 8 x 8
fill their field.
"""

from __future__ import annotations

import numpy as np

from nnfs_cli.parameter import Array, Shape
from nnfs_cli.pictures import Picture, stretched, with_channels
from nnfs_cli.strokes import find_ink, keep_strokes, stroke_width, thicken

FINE = 4
"""Strokes are measured and thickened at so many times the final resolution."""
THINNEST = 0.11
"""Strokes are at least this share of the digit's longer side: 2.2 of 20 pixels, as MNIST's are."""
FAINT = 0.1
"""Less ink than this does not count for where a digit ends."""


def fit_picture(
    picture: Picture,
    shape: Shape,
    white: float,
    digit: bool,
    invert: bool | None,
    center: bool | None,
) -> tuple[Array, list[str]]:
    """A sample (H, W, C) from 0 to ``white``, and what was done to get it.

    A picture that has the right size, and shows light on dark if it is to be a digit, is not
    touched. ``invert`` and ``center`` overrule what is detected; only digits are detected. The
    sample is uint8 if ``white`` is 255, or the number of shades of digits; otherwise float32.
    """
    notes = list(picture.notes)
    wanted = (shape[1], shape[0])
    most = int(white) if digit and 1 < white < 255 else 255
    if not can_be_centred(shape) or not (digit or center):
        sample = stretched(with_channels(picture.pixels, shape[2], notes), (shape[0], shape[1]))
        sample = 255 - sample if invert else sample
        notes += ["inverted"] * bool(invert)
        sample = _in_units(sample, most)
    elif picture.pixels.shape == shape:
        sample = _fit_small(picture.pixels, most, invert, center, notes)
    else:
        sample = _fit_photo(picture.pixels, shape[0], most, invert, center, notes)
    if picture.size != wanted:
        notes.append(f"resized from {picture.size[0]}x{picture.size[1]}")
    if most != white:
        sample = sample.astype(np.float32) * np.float32(white) / np.float32(most)
    return sample, notes


def can_be_centred(shape: Shape) -> bool:
    """Whether samples of this shape are square grey pictures, as digits are."""
    return len(shape) == 3 and shape[0] == shape[1] and shape[2] == 1


def _fit_small(
    pixels: Array, white: int, invert: bool | None, center: bool | None, notes: list[str]
) -> Array:
    """A grey picture of the right size: inverted if its rim is light, moved if it is far off."""
    pixels = _in_units(pixels, white)
    if invert is None:
        rim = np.concatenate([pixels[[0, -1]].ravel(), pixels[:, [0, -1]].ravel()])
        invert = bool(2 * np.median(rim) > white)
    if invert:
        notes.append("inverted (dark on light)")
        pixels = white - pixels
    ink = pixels[..., 0] / np.float32(white)
    if center is None:
        center = not in_place(ink)
    if not center or not ink.any():
        return pixels
    notes.append("centred")
    return _to_pixels(centred(ink, len(ink), notes), white)


def _fit_photo(
    pixels: Array,
    side: int,
    white: int,
    invert: bool | None,
    center: bool | None,
    notes: list[str],
) -> Array:
    """A picture of any size: its strokes found, and centred unless ``center`` is False."""
    ink, dark = find_ink(pixels, invert)
    if dark:
        notes.append("inverted (dark on light)")
    if not ink.any():
        notes.append("no strokes found")
    elif center is not False:
        notes.append("centred")
        return _to_pixels(centred(keep_strokes(ink), side, notes), white)
    square = np.zeros((max(ink.shape),) * 2, dtype=np.float32)
    top, left = ((len(square) - n) // 2 for n in ink.shape)
    square[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return _to_pixels(resized(square, (side, side)), white)


def box_side(side: int) -> int:
    """How long the longer side of a digit is: 20 of 28; all of a field as small as 8."""
    return side if side < 16 else round(side * 20 / 28)


def middle(side: int) -> float:
    """Where the centre of mass belongs: amid pixel 14 of MNIST's 0 to 27, amid 8 x 8."""
    return side / 2 if box_side(side) == side else side / 2 + 0.5


def in_place(ink: Array) -> bool:
    """Whether a digit (n, n) is about as large, and as near to the middle, as all of MNIST's are.

    Those are 18 to 20 pixels long and within half a pixel of the middle; 15 to 24 pixels, and two
    pixels off, are let pass.
    """
    side, box = len(ink), box_side(len(ink))
    if box == side or not ink.any():
        return True
    top, left, bottom, right = extent(ink)
    longer = max(bottom - top, right - left)
    y, x = centre_of_mass(ink)
    off = max(abs(y - middle(side)), abs(x - middle(side)))
    return 0.75 * box <= longer <= 1.2 * box and off <= side / 14


def centred(ink: Array, side: int, notes: list[str]) -> Array:
    """Strokes (H, W), 0 to 1, as a digit (side, side) in MNIST's geometry."""
    small = _cropped(ink)
    if max(small.shape) != box_side(side):
        small = _boxed(small, box_side(side), notes)
    y, x = centre_of_mass(small)
    top = int(np.clip(round(middle(side) - y), 0, side - small.shape[0]))
    left = int(np.clip(round(middle(side) - x), 0, side - small.shape[1]))
    field = np.zeros((side, side), dtype=np.float32)
    field[top : top + small.shape[0], left : left + small.shape[1]] = small
    return field


def _boxed(ink: Array, box: int, notes: list[str]) -> Array:
    """Scaled to the box, strokes made as thick as they are in the data if they are thinner."""
    fine = np.clip(_scaled(ink, FINE * box) * 1.1, 0, 1)
    missing = THINNEST * FINE * box - stroke_width(fine)
    if missing > 0.5:
        notes.append("strokes thickened")
        fine = _cropped(thicken(fine / max(float(fine.max()), FAINT), missing / 2))
    return _scaled(fine, box)


def centre_of_mass(ink: Array) -> tuple[float, float]:
    """The mean position (y, x) of the ink; the first pixel reaches from 0 to 1."""
    total = float(ink.sum())
    y = float(ink.sum(axis=1) @ (np.arange(ink.shape[0]) + 0.5)) / total
    x = float(ink.sum(axis=0) @ (np.arange(ink.shape[1]) + 0.5)) / total
    return y, x


def extent(ink: Array) -> tuple[int, int, int, int]:
    """The rectangle (top, left, bottom, right) around all ink that is not faint."""
    mask = ink > min(FAINT, float(ink.max()) / 2)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _cropped(ink: Array) -> Array:
    top, left, bottom, right = extent(ink)
    return ink[top:bottom, left:right]


def _scaled(ink: Array, longer: int) -> Array:
    """Proportions kept, the longer side ``longer``."""
    factor = longer / max(ink.shape)
    height, width = (max(1, round(n * factor)) for n in ink.shape)
    return resized(ink, (width, height))


def resized(ink: Array, size: tuple[int, int]) -> Array:
    """Resampled to (width, height) by a cubic, smoothed as much as shrinking needs it."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(ink, dtype=np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC), dtype=np.float32).clip(0, 1)


def _in_units(pixels: Array, white: int) -> Array:
    """Pixels from 0 to 255 in the data's units; those that are in them already stay."""
    if white == 255 or pixels.max() <= white:
        return pixels
    return np.rint(pixels * (white / 255)).astype(np.uint8)


def _to_pixels(ink: Array, white: int) -> Array:
    grey: Array = np.rint(ink * white).astype(np.uint8)
    return grey[..., np.newaxis]
