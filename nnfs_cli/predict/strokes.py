"""Telling a digit's strokes from the paper they are on.

Paper is bright here and shaded there, ink has a colour, a photo has noise and perhaps a speck or
the edge of the table. What is left is ink: an image from 0 (paper) to 1 (stroke).
"""

from __future__ import annotations

import numpy as np

from nnfs_cli.compute.arrays import Array

WINDOW = 5
"""The running window reaches to each side this fraction of the image's longer side."""
GRID = 48
"""The paper is measured at most at so many places a side."""
LEAST_CONTRAST = 12.0
"""Grey levels, of 255, that ink must differ from the paper and its noise."""


def find_ink(pixels: Array, dark: bool | None) -> tuple[Array, bool]:
    """The ink (H, W), 0 to 1, of pixels (H, W, C) from 0 to 255; and whether it is dark.

    ``dark`` says so beforehand; None finds out. In colour, the channel in which the ink differs
    most from the paper counts. An image without contrast has no ink.
    """
    values = pixels.astype(np.float32)
    dark = is_dark(values) if dark is None else dark
    values -= paper(values)
    ink = narrow(-values if dark else values)
    full, noise = contrast(ink), 2 * float(np.median(ink))
    if full < noise + LEAST_CONTRAST:
        return np.zeros_like(ink), dark
    low = max(0.15 * full, min(noise, 0.4 * full))
    return np.clip((ink - low) / (0.9 * full - low), 0, 1), dark


def narrow(values: Array) -> Array:
    """How far (H, W) values stand out from what is around them, where what stands out is narrow.

    That is v - opening(v): the opening, a running minimum and then a running maximum, wipes out
    whatever is narrower than its window, yet keeps the edge of a shadow where it is.
    """
    reach = max(values.shape[:2]) // WINDOW
    opened = running_maximum(-running_maximum(-values, reach), reach)
    stands_out: Array = (values - opened).max(axis=2)
    return stands_out


def running_maximum(values: Array, reach: int) -> Array:
    """The maximum over ``reach`` places in every direction; each round doubles what is seen."""
    for axis in (0, 1):
        margins = [(reach, reach) if a == axis else (0, 0) for a in range(values.ndim)]
        rest = np.moveaxis(np.pad(values, margins, mode="edge"), axis, 0)
        seen, wanted = 1, 2 * reach + 1
        while seen < wanted:
            step = min(seen, wanted - seen)
            rest = np.maximum(rest[:-step], rest[step:])
            seen += step
        values = np.moveaxis(rest, 0, axis)
    return values


def is_dark(values: Array) -> bool:
    """Whether the ink is dark: the sign of the third moment of the differences from around.

    Strokes are few pixels far from the mean of their surroundings, paper is many pixels close to
    it. The two sides of a shadow's edge cancel.
    """
    grey = values.mean(axis=2, dtype=np.float64)
    return float(((grey - running_mean(grey, max(grey.shape) // WINDOW)) ** 3).sum()) < 0


def running_mean(values: Array, reach: int) -> Array:
    """The mean over ``reach`` places in every direction, by differences of running sums."""
    for axis in (0, 1):
        margins = [(reach + 1, reach) if a == axis else (0, 0) for a in (0, 1)]
        sums = np.moveaxis(np.pad(values, margins, mode="edge"), axis, 0).cumsum(axis=0)
        window = 2 * reach + 1
        values = np.moveaxis((sums[window:] - sums[:-window]) / window, 0, axis)
    return values


def contrast(ink: Array) -> float:
    """How much full strokes differ from the paper: the median of the stronger half of them."""
    count = min(max(8, ink.size // 2000), ink.size)
    peak = float(np.median(np.partition(ink, -count, axis=None)[-count:]))
    return float(np.median(ink[ink >= peak / 2]))


def paper(values: Array) -> Array:
    """The brightness (H, W, C) that the paper would have without the strokes.

    A quadratic surface a + bx + cy + dx² + exy + fy² for each channel, fitted by least squares
    to the rim first, then again and again to all places that do not stand out from the last fit.
    """
    height, width, channels = values.shape
    rows = np.unique(np.linspace(0, height - 1, GRID).astype(int))
    columns = np.unique(np.linspace(0, width - 1, GRID).astype(int))
    y, x = np.linspace(-1, 1, height), np.linspace(-1, 1, width)
    sampled = values[np.ix_(rows, columns)].reshape(-1, channels).astype(np.float64)
    terms = _terms(*np.meshgrid(y[rows], x[columns], indexing="ij")).reshape(6, -1).T
    kept = np.maximum(abs(terms[:, 1]), abs(terms[:, 2])) >= 0.85
    middle = np.median(sampled[kept], axis=0)
    kept &= _typical(abs(sampled - middle).max(axis=1), kept)
    for _ in range(12):
        coefficients = np.linalg.lstsq(terms[kept], sampled[kept], rcond=None)[0]
        kept = _typical(abs(sampled - terms @ coefficients).max(axis=1), kept)
    surface = np.tensordot(coefficients, _terms(y[:, np.newaxis], x[np.newaxis]), axes=(0, 0))
    return np.moveaxis(surface, 0, 2).astype(np.float32)


def _terms(y: Array, x: Array) -> Array:
    y, x = np.broadcast_arrays(y, x)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y])


def _typical(distances: Array, kept: Array) -> Array:
    """Where a distance is not unusual: within three deviations of a normal distribution."""
    deviation = 1.4826 * np.median(distances[kept])
    typical: Array = distances <= 3 * max(float(deviation), 2.0)
    return typical


def thicken(ink: Array, radius: float) -> Array:
    """The ink, each point of it a disk of ``radius``; the result is larger by it on each side."""
    reach = int(np.ceil(radius))
    padded = np.pad(ink, reach)
    thick = padded.copy()
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            coverage = np.clip(radius + 0.5 - np.hypot(down, right), 0, 1)
            if coverage > 0:
                np.maximum(thick, coverage * np.roll(padded, (down, right), (0, 1)), out=thick)
    return thick


def thin(ink: Array, radius: float) -> Array:
    """The ink without what is nearer to the paper than ``radius``."""
    reach = int(np.ceil(radius))
    paper_grown = thicken(np.pad(1 - ink, reach, constant_values=1), radius)
    cut = slice(2 * reach, -2 * reach)
    thinned: Array = 1 - paper_grown[cut, cut]
    return thinned
