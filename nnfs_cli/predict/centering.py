"""Converting an image to a network's input; a digit also to the geometry of the training's."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.images.geometry import FAINT, Geometry, extent, like_mnist, rim, stroke_width
from nnfs_cli.data.images.image_file import OpenedImage, stretched, with_channels
from nnfs_cli.predict.framing import without_frame
from nnfs_cli.predict.pieces import is_noise, keep_strokes, separate_figures
from nnfs_cli.predict.strokes import find_ink, thicken, thin

FINE = 4
"""Strokes are measured, thickened and thinned at so many times the final resolution."""
THINNEST, THICKEST = 0.11, 0.2
"""A stroke's width / the figure's longer side: 2.2 to 4 of 20 pixels, as MNIST's."""
SMALL = 56
"""An image with fewer pixels a side is enlarged until it has twice as many."""
PALE = 0.35
"""In a small image there is little else than ink, and so much of it is a stroke already."""
NO_FIGURE = "no figure found"
INVERTED = "inverted (dark on light)"


@dataclass(frozen=True, eq=False)
class Fitted:
    """A sample (H, W, C) for the network, and what was done to get it.

    ``refusal`` says why it should not be answered: it shows no figure, or several.
    """

    sample: Array
    notes: list[str] = field(default_factory=list)
    refusal: str = ""


def fit_image(
    image: OpenedImage,
    shape: Shape,
    white: float,
    geometry: Geometry | None,
    invert: bool | None,
    center: bool | None,
) -> Fitted:
    """An image as a sample from 0 to ``white``.

    With ``geometry`` it is to be a figure such as those of the training: light on dark, of their
    size, in their place. An image that is so is not touched. ``invert`` and ``center`` overrule
    what is detected; only figures are detected. The sample is uint8 if ``white`` is 255, or the
    number of shades of the bundled digits; otherwise float32.
    """
    notes = list(image.notes)
    most = int(white) if geometry and 1 < white < 255 else 255
    if can_be_centred(shape) and (geometry or center):
        figure = _Figure(geometry or like_mnist(shape[0]), shape[0], most, invert, center, notes)
        fitted = figure.fit(image.pixels)
    else:
        sample = stretched(with_channels(image.pixels, shape[2], notes), (shape[0], shape[1]))
        notes += ["inverted"] * bool(invert)
        fitted = Fitted(255 - sample if invert else sample, notes)
    if image.size != (shape[1], shape[0]):
        fitted.notes.append(f"resized from {image.size[0]}x{image.size[1]}")
    if most == white:
        return fitted
    scaled = fitted.sample.astype(np.float32) * np.float32(white) / np.float32(most)
    return Fitted(scaled, fitted.notes, fitted.refusal)


def can_be_centred(shape: Shape) -> bool:
    """Whether samples of this shape are square grey images, as digits are."""
    return len(shape) == 3 and shape[0] == shape[1] and shape[2] == 1


@dataclass(frozen=True, eq=False)
class _Figure:
    """How to bring one image to a geometry; ``white`` is that of the sample."""

    geometry: Geometry
    side: int
    white: int
    invert: bool | None
    center: bool | None
    notes: list[str]

    def fit(self, pixels: Array) -> Fitted:
        if pixels.shape == (self.side, self.side, 1):
            whole, inverted = self._light(_in_units(pixels, self.white))
            ink = whole[..., 0] / np.float32(self.white)
            if self.center is False or (self.center is None and self.geometry.has(ink)):
                return Fitted(whole, self.notes + [INVERTED] * inverted, refusal(ink))
        return self._from_photo(pixels)

    def _light(self, pixels: Array) -> tuple[Array, bool]:
        """Light on dark, and whether that needed inverting: by the rim, unless it is said."""
        dark = bool(2 * np.median(rim(pixels[..., 0])) > self.white)
        inverted = dark if self.invert is None else self.invert
        return self.white - pixels if inverted else pixels, inverted

    def _from_photo(self, pixels: Array) -> Fitted:
        """The strokes found in an image of any size, and centred unless that is not wanted."""
        pixels = without_frame(pixels)
        small = max(pixels.shape) < SMALL
        ink, dark = find_ink(_enlarged(pixels) if small else pixels, self.invert)
        strokes = keep_strokes(ink, PALE) if small else keep_strokes(ink)
        notes = self.notes + [INVERTED] * dark
        if ink.any() and self.center is not False:
            notes.append("centred")
            field = centred(strokes, self.side, self.geometry, notes)
        else:
            field = resized(_squared(ink), (self.side, self.side))
        return Fitted(_to_pixels(field, self.white), notes, refusal(strokes))


def _enlarged(pixels: Array) -> Array:
    """A small image (H, W, C) with several times as many pixels a side."""
    times = -(-2 * SMALL // max(pixels.shape))
    return stretched(pixels, (times * pixels.shape[0], times * pixels.shape[1]))


def refusal(ink: Array) -> str:
    """Why an image of this ink (H, W) is not answered: it has no figure, or several."""
    if not ink.any() or is_noise(ink):
        return NO_FIGURE
    count = separate_figures(ink)
    return f"{count} separate figures" if count > 1 else ""


def _squared(ink: Array) -> Array:
    """In the middle of a square."""
    square = np.zeros((max(ink.shape),) * 2, dtype=np.float32)
    top, left = ((len(square) - n) // 2 for n in ink.shape)
    square[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return square


def centred(ink: Array, side: int, geometry: Geometry, notes: list[str]) -> Array:
    """Strokes (H, W), 0 to 1, as a figure (side, side) of the geometry."""
    small = _cropped(ink)
    if max(small.shape) != geometry.box:
        small = _boxed(small, geometry.box, notes)
    y, x = geometry.centre(small)
    top = int(np.clip(round(geometry.middle - y), 0, side - small.shape[0]))
    left = int(np.clip(round(geometry.middle - x), 0, side - small.shape[1]))
    field = np.zeros((side, side), dtype=np.float32)
    field[top : top + small.shape[0], left : left + small.shape[1]] = small
    return field


def _boxed(ink: Array, box: int, notes: list[str]) -> Array:
    """Scaled to the box, strokes made as thick as they are in the data if they are thinner."""
    fine = np.clip(_scaled(ink, FINE * box) * 1.1, 0, 1)
    width = stroke_width(fine)
    missing = THINNEST * FINE * box - width
    if width > THICKEST * FINE * box:
        notes.append("strokes thinned")
        fine = _cropped(thin(fine, (width - THICKEST * FINE * box) / 2))
        fine = np.clip(_scaled(fine, FINE * box), 0, 1)
    if missing > 0.5:
        notes.append("strokes thickened")
        fine = _cropped(thicken(fine / max(float(fine.max()), FAINT), missing / 2))
    return _scaled(fine, box)


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
