"""Cutting an image out of its frame: a dark canvas on a white page, a border around the paper."""

from __future__ import annotations

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.images.geometry import rim

SAME = 32
"""Grey levels, of 255, by which pixels of one surface differ at most."""
WHOLE = 0.98
"""So much of a line belongs to the frame, or the line does not."""
EVEN = 0.85
"""So much of the rim is of one colour where a canvas begins. A figure may touch it."""
LEAST = 0.4
"""A canvas has at least this fraction of the image's height and width."""
DIRT = 0.005
"""A canvas on which less than this fraction differs from its rim is blank."""
LAYERS = 4
"""How many frames may lie around each other."""


def without_frame(pixels: Array) -> Array:
    """The pixels (H, W, C) within a frame; all of them if there is none.

    A frame is of one colour, and what it surrounds has a rim of another. What lies within must
    hold something: a drawn rectangle is no frame.
    """
    least = LEAST * np.array(pixels.shape[:2])
    canvas = pixels
    for _ in range(LAYERS):
        inner = _within(canvas)
        if inner is None or (inner.shape[:2] < least).any():
            break
        canvas = inner
    return canvas if _holds_something(canvas) else pixels


def _within(pixels: Array) -> Array | None:
    """What is left when lines of the rim's colour are taken away, if that has an even rim."""
    grey = pixels.mean(axis=2)
    colour = float(np.median(rim(grey)))
    other = abs(grey - colour) > SAME
    rows = np.flatnonzero(other.mean(axis=1) > 1 - WHOLE)
    columns = np.flatnonzero(other.mean(axis=0) > 1 - WHOLE)
    if not len(rows) or not len(columns):
        return None
    across = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    edge = rim(grey[across])
    ground = float(np.median(edge))
    even = np.mean(abs(edge - ground) <= SAME) >= EVEN
    return pixels[across] if even and abs(ground - colour) > SAME else None


def _holds_something(canvas: Array) -> bool:
    grey = canvas.mean(axis=2)
    return bool(np.mean(abs(grey - np.median(rim(grey))) > SAME) > DIRT)
