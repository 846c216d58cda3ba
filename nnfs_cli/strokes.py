"""Telling a digit's strokes from the paper they are on.

Paper is bright here and shaded there, ink has a colour, a photo has noise and perhaps a speck or
the edge of the table. What is left is ink: an image from 0 (paper) to 1 (stroke).
"""

from __future__ import annotations

import numpy as np

from nnfs_cli.parameter import Array

WINDOW = 6
"""The running window reaches to each side this part of the picture's longer side."""
GRID = 48
"""The paper is measured at most at so many places a side."""
LEAST_CONTRAST = 12.0
"""Grey levels, of 255, that ink must differ from the paper and its noise."""
SPECK = 0.04
"""A piece with less ink than this share of the largest one is dirt."""
RIM_SHARE = 0.2
"""A piece at the picture's rim is no stroke if one inside has at least this share of its ink."""
MAP = 256
"""Pieces are told apart in a map of at most so many pixels a side."""


def find_ink(pixels: Array, dark: bool | None) -> tuple[Array, bool]:
    """The ink (H, W), 0 to 1, of pixels (H, W, C) from 0 to 255; and whether it is dark.

    ``dark`` says so beforehand; None finds out. In colour, the channel in which the ink differs
    most from the paper counts. A picture without contrast has no ink.
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


def keep_strokes(ink: Array) -> Array:
    """The ink without specks, and without what touches the rim if something inside does not."""
    factor = -(-max(ink.shape) // MAP)
    coarse = reduce_by_maximum(ink, factor)
    numbers = pieces(coarse > 0.5)
    found, masses = np.unique(numbers, return_inverse=True)
    sums = np.bincount(masses.reshape(-1), weights=coarse.reshape(-1))
    sums[found == 0] = 0
    if not sums.any():
        return ink
    at_rim = np.isin(found, np.concatenate([numbers[[0, -1]].ravel(), numbers[:, [0, -1]].ravel()]))
    inside = sums[~at_rim].max(initial=0)
    good = sums >= SPECK * sums.max()
    if inside >= RIM_SHARE * sums[at_rim].max(initial=0):
        good = ~at_rim & (sums >= SPECK * inside)
    kept = spread(np.isin(numbers, found[good & (found > 0)]))
    fine = kept.repeat(factor, axis=0).repeat(factor, axis=1)
    strokes: Array = ink * fine[: ink.shape[0], : ink.shape[1]]
    return strokes


def pieces(mask: Array) -> Array:
    """Number the connected pieces of a mask (H, W), diagonals included; 0 is outside.

    Each pixel takes the largest number around it, then the number of the pixel that this names:
    the distance that a number travels doubles with each round.
    """
    numbers = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        grown = spread(numbers) * mask
        grown = np.concatenate([[0], grown.reshape(-1)])[grown]
        if (grown == numbers).all():
            return numbers
        numbers = grown


def spread(values: Array) -> Array:
    """Each pixel's maximum over its 3 x 3 surroundings."""
    padded = np.pad(values, 1)
    rows = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    spread_out: Array = np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return spread_out


def reduce_by_maximum(ink: Array, factor: int) -> Array:
    """Blocks of ``factor`` x ``factor`` pixels as one: their maximum, so no thin line is lost."""
    height, width = (-(-n // factor) * factor for n in ink.shape)
    padded = np.pad(ink, ((0, height - ink.shape[0]), (0, width - ink.shape[1])))
    blocks = padded.reshape(height // factor, factor, width // factor, factor)
    largest: Array = blocks.max(axis=(1, 3))
    return largest


def stroke_width(ink: Array) -> float:
    """The mean width of the strokes in pixels: twice the area over the outline's length.

    Crossings from paper to ink, counted along rows and columns, overrate the length of an
    outline of random direction by 4 / π (Cauchy and Crofton).
    """
    mask = np.pad(ink > 0.5, 1)
    crossings = (mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum()
    return float(2 * mask.sum() / max(crossings * np.pi / 4, 1))


def thicken(ink: Array, radius: float) -> Array:
    """The ink, each point of it a disk of ``radius``; the result is larger by it on each side."""
    reach = int(np.ceil(radius))
    padded = np.pad(ink, reach)
    thick = padded.copy()
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            share = np.clip(radius + 0.5 - np.hypot(down, right), 0, 1)
            if share > 0:
                np.maximum(thick, share * np.roll(padded, (down, right), (0, 1)), out=thick)
    return thick
