"""Where the figures of a data set lie in their images: how large they are, and where centred.

MNIST's digits were scaled, proportions kept, until the longer side measured 20 pixels, smoothed,
and placed in 28 x 28 with the centre of mass in the middle (LeCun, Bottou, Bengio, Haffner,
"Gradient-based learning applied to document recognition", 1998). The bundled digits of 8 x 8
fill their field. Of other data the geometry is measured in training; most have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array

FAINT = 0.1
"""Less ink than this does not count for where a figure ends."""
DARK_RIM = 0.04
"""The median of the outermost pixels of a light figure on a dark ground is at most this."""
MARGIN = 0.9
"""Figures whose longer side takes a larger fraction of the image than this are not set in a box."""
SAME_SIZE = 0.15
"""Sizes of the figures of one data set differ from the median by at most this fraction of it."""
NEAR = 1 / 14
"""Centres of figures are at most this fraction of the image's side from their mean place."""
THICKEST = 0.4
"""Figures are drawn with a pen; its median width is at most this fraction of their longer side."""
TYPICAL = 0.98
"""The fraction of images that must be so. The others may be faulty."""
SAMPLES = 500
"""So many images say how wide the pen is."""


@dataclass(frozen=True)
class Geometry:
    """Light figures on a dark ground: ``box`` pixels long, centred at ``middle`` on both axes.

    ``by`` says what is centred: the centre of ``mass``, or of the ``extent`` (the rectangle
    around the figure). In an image with this geometry the longer side measures ``least`` to
    ``most`` pixels, and the centre is at most ``offset`` pixels off along each axis. Places count
    from the image's edge: the middle of MNIST's pixel 14 is 14.5.
    """

    box: int
    middle: float
    least: float
    most: float
    offset: float
    by: str = "mass"

    def has(self, ink: Array) -> bool:
        """Whether a figure (n, n), 0 to 1, is as large as those of the data and in their place.

        So are blank images, and all where figures fill their images.
        """
        if self.least == 0 or not ink.any():
            return True
        if np.median(rim(ink)) > DARK_RIM:
            return False
        top, left, bottom, right = extent(ink)
        far = np.abs(np.subtract(self.centre(ink), self.middle)).max()
        return bool(
            self.least <= max(bottom - top, right - left) <= self.most and far <= self.offset
        )

    def centre(self, ink: Array) -> tuple[float, float]:
        """The point (y, x) of a figure that belongs in the middle."""
        if self.by == "mass":
            return centre_of_mass(ink)
        top, left, bottom, right = extent(ink)
        return (top + bottom) / 2, (left + right) / 2

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Geometry:
        """The geometry that :meth:`to_json` described."""
        return cls(**stored)


def like_mnist(side: int) -> Geometry:
    """MNIST's geometry, in proportion to the image's side; all 70,000 images of MNIST have it.

    Below 16 pixels figures fill their image, as the bundled digits of 8 x 8 do.
    """
    if side < 16:
        return Geometry(box=side, middle=side / 2, least=0, most=side, offset=side)
    box, slack = round(side * 20 / 28), side / 28
    return Geometry(box, side / 2 + 0.5, box - 2 * slack, box, 0.51 * slack)


def rim(image: Array) -> Array:
    """The outermost pixels of an image (H, W), the corners twice."""
    return np.concatenate([image[[0, -1]].ravel(), image[:, [0, -1]].ravel()])


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


def stroke_width(ink: Array) -> float:
    """The mean width of the strokes in pixels: twice the area over the outline's length.

    Crossings from paper to ink, counted along rows and columns, overrate the length of an
    outline of random direction by 4 / π (Cauchy and Crofton).
    """
    mask = np.pad(ink > 0.5, 1)
    crossings = (mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum()
    return float(2 * mask.sum() / max(crossings * np.pi / 4, 1))


def measure(images: Array, white: float) -> Geometry | None:
    """The geometry of images (N, H, W, C) from 0 to ``white``; None if they are no such figures.

    They are if they are square and grey, with a dark rim, and nearly all of them hold, within a
    margin, one figure of nearly the same size in nearly the same place, drawn with a pen.
    """
    side = images.shape[1]
    if images.ndim != 4 or images.shape[1:] != (side, side, 1) or side < 16:
        return None
    images = images[..., 0]
    edges = np.concatenate([images[:, [0, -1]], images[:, :, [0, -1]].swapaxes(1, 2)], axis=1)
    dark = np.median(edges.reshape(len(images), -1), axis=1) <= DARK_RIM * white
    drawn = images.max(axis=(1, 2)) > FAINT * white
    if np.mean(dark & drawn) < TYPICAL:
        return None
    return _of_figures(images[dark & drawn], side, white)


def _of_figures(images: Array, side: int, white: float) -> Geometry | None:
    mask = images > FAINT * white
    first, last = _bounds(mask, side)
    sizes = (last - first).max(axis=1)
    box = int(np.median(sizes))
    typical = abs(sizes - box) <= SAME_SIZE * box
    if box > MARGIN * side or typical.mean() < TYPICAL:
        return None
    centres = {"mass": _centres_of_mass(images), "extent": (first + last) / 2}
    spreads = {by: _spread(places) for by, places in centres.items()}
    by = min(spreads, key=lambda name: spreads[name])
    middle = float(np.round(2 * centres[by].mean()) / 2)
    far = abs(centres[by] - middle).max(axis=1)
    typical &= far <= NEAR * side
    some = images[:: max(1, len(images) // SAMPLES)] / np.float32(white)
    if typical.mean() < TYPICAL or np.median([stroke_width(i) for i in some]) > THICKEST * box:
        return None
    least, most = int(sizes[typical].min()), int(sizes[typical].max())
    return Geometry(box, middle, least, most, round(float(far[typical].max()) + 0.01, 3), by)


def _bounds(mask: Array, side: int) -> tuple[Array, Array]:
    """Where figures begin and end: two arrays (N, 2) of rows and columns."""
    lines = np.stack([mask.any(axis=2), mask.any(axis=1)], axis=1)
    return lines.argmax(axis=2), side - lines[..., ::-1].argmax(axis=2)


def _centres_of_mass(images: Array) -> Array:
    """(N, 2): y and x of each image."""
    places = np.arange(images.shape[1]) + 0.5
    sums = np.stack([images.sum(axis=2, dtype=float), images.sum(axis=1, dtype=float)], axis=1)
    centres: Array = sums @ places / sums.sum(axis=2)
    return centres


def _spread(places: Array) -> float:
    return float(np.quantile(abs(places - places.mean(axis=0)), TYPICAL))
