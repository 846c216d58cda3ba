"""An image as text: what the network saw, in any terminal."""

from __future__ import annotations

import numpy as np

from nnfs_cli.compute.arrays import Array

SHADES = " ░▒▓█"
ASCII_SHADES = " .:-=+*#%@"


def draw(image: Array, columns: int = 80, ascii_only: bool = False) -> str:
    """An image (H, W) or (H, W, C) from 0 to 1 in shades, light ones full.

    A character is about twice as high as wide: a pixel takes two of them side by side (56 columns
    for 28 x 28), or, where that is too wide, a character takes the mean of two rows and as few
    columns as will fit.
    """
    grey = image.mean(axis=2) if image.ndim == 3 else image
    if 2 * grey.shape[1] <= columns:
        grey = grey.repeat(2, axis=1)
    else:
        across = -(-grey.shape[1] // max(columns, 1))
        grey = _block_means(grey, 2 * across, across)
    shades = ASCII_SHADES if ascii_only else SHADES
    levels = np.rint(np.clip(grey, 0, 1) * (len(shades) - 1)).astype(int)
    return "\n".join("".join(shades[level] for level in row).rstrip() for row in levels)


def _block_means(grey: Array, height: int, width: int) -> Array:
    """The mean of each block of ``height`` x ``width`` pixels, those at the edges cut short."""
    rows, columns = (
        np.arange(0, n, step) for n, step in zip(grey.shape, (height, width), strict=True)
    )
    sums = np.add.reduceat(np.add.reduceat(grey, rows, axis=0), columns, axis=1)
    counts = np.outer(np.diff(rows, append=grey.shape[0]), np.diff(columns, append=grey.shape[1]))
    means: Array = sums / counts
    return means
