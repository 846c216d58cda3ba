"""The connected pieces of ink: strokes of a figure, dirt, or several figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.images.geometry import stroke_width

SPECK = 0.04
"""A piece with less ink than this fraction of the largest one is dirt."""
RIM_FRACTION = 0.2
"""A piece at the image's rim is no stroke if one inside has at least this fraction of its ink."""
MAP = 256
"""Pieces are told apart in a map of at most so many pixels a side."""
PALE = 0.25
"""Figures stand apart only where there is no more ink than this between them."""
TALL = 0.5
"""Of the pieces, those count that are at least this fraction of the tallest one's height."""
LINE = 0.8
"""Two lines of figures are at least so far apart, as a fraction of the height of the tallest."""
APART = 0.25
"""Figures in a line are so far apart, as a fraction of the height of the taller one, or ..."""
WIDE = 1.15
"""... together as wide as no single figure in two strokes is, as a fraction of its height."""
OVERLAP = 0.25
"""Strokes of one figure lie above one another: they share so much of the narrower one's width."""
TANGLED = 4.5
"""Strokes so many times as long as the figure is tall are none; those of MNIST reach 3.8."""
SCATTERED = 9
"""So many pieces are no figures if most of them are ..."""
DOTS = 4.0
"""... shorter than so many widths of the pen."""


def keep_strokes(ink: Array, least: float = 0.5) -> Array:
    """The ink without specks, and without what touches the rim if something inside does not.

    What is more than ``least`` holds together as a piece.
    """
    factor = -(-max(ink.shape) // MAP)
    coarse = reduce_by_maximum(ink, factor)
    numbers = pieces(coarse > least)
    found, masses = np.unique(numbers, return_inverse=True)
    sums = np.bincount(masses.reshape(-1), weights=coarse.reshape(-1))
    sums[found == 0] = 0
    if not sums.any():
        return ink
    at_rim = np.isin(found, np.concatenate([numbers[[0, -1]].ravel(), numbers[:, [0, -1]].ravel()]))
    inside = sums[~at_rim].max(initial=0)
    good = sums >= SPECK * sums.max()
    if inside >= RIM_FRACTION * sums[at_rim].max(initial=0):
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


def separate_figures(ink: Array) -> int:
    """How many figures stand apart in an image (H, W) of ink, in lines or one above the other.

    The strokes of one figure, a 5 and its bar or the two parts of a 4, count as one.
    """
    coarse = reduce_by_maximum(ink, -(-max(ink.shape) // MAP))
    boxes = _boxes(pieces(coarse > PALE))
    tallest = max((bottom - top for top, _, bottom, _ in boxes), default=0)
    boxes = [box for box in boxes if box[2] - box[0] >= TALL * tallest]
    lines = _joined(boxes, 0, lambda a, b: b[0] - a[2] >= LINE * tallest)
    return sum(len(_joined(line, 1, _stand_apart)) for line in lines)


Box = tuple[int, int, int, int]
"""Top, left, bottom and right of a piece."""


def _boxes(numbers: Array) -> list[Box]:
    found, which = np.unique(numbers, return_inverse=True)
    which = which.reshape(numbers.shape)
    far = max(numbers.shape)
    least, most = np.full((2, len(found)), far), np.zeros((2, len(found)), dtype=int)
    for axis, places in enumerate(np.indices(numbers.shape)):
        np.minimum.at(least[axis], which, places)
        np.maximum.at(most[axis], which, places + 1)
    boxes = np.concatenate([least, most])[:, found > 0]
    return [(int(a), int(b), int(c), int(d)) for a, b, c, d in boxes.T]


def _joined(boxes: list[Box], axis: int, apart: Callable[[Box, Box], bool]) -> list[list[Box]]:
    """Boxes in groups along an axis; a box joins the group before it unless it is apart from it."""
    groups: list[list[Box]] = []
    whole: Box | None = None
    for box in sorted(boxes, key=lambda box: box[axis]):
        if whole is None or apart(whole, box):
            groups.append([])
            whole = box
        groups[-1].append(box)
        whole = _around(whole, box)
    return groups


def _around(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _stand_apart(left: Box, right: Box) -> bool:
    """Whether two pieces side by side are two figures."""
    _, first, _, last = _around(left, right)
    height = max(left[2] - left[0], right[2] - right[0])
    gap = right[1] - left[3]
    narrower = min(left[3] - left[1], right[3] - right[1])
    overlaps = -gap > OVERLAP * narrower
    return not overlaps and (gap >= APART * height or last - first >= WIDE * height)


def is_noise(ink: Array) -> bool:
    """Whether the ink (H, W) is noise or texture: strokes longer than a figure's, or many dots."""
    width = max(stroke_width(ink), 1.0)
    boxes = _boxes(pieces(ink > 0.5))
    if not boxes:
        return False
    lengths = [max(bottom - top, right - left) for top, left, bottom, right in boxes]
    top, left, bottom, right = reduce(_around, boxes)
    strokes = float((ink > 0.5).sum()) / width
    scattered = len(boxes) > SCATTERED and float(np.median(lengths)) < DOTS * width
    return scattered or strokes > TANGLED * max(bottom - top, right - left)
