"""Bilinear sampling: the value of an image between its pixels."""

from __future__ import annotations

import numpy as np

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.scratch import Scratch

BEFORE, AFTER = 1, 2
"""Width of the frame of ``fill`` around an image: wherever one looks, four pixels exist."""


class Sampler:
    """Reads images at places (row, column) that need not be whole, outside of them ``fill``.

    With the row's fraction u and the column's v, between the four nearest pixels a b / c d:

        value = (1 - u) ((1 - v) a + v b) + u ((1 - v) c + v d)

    Places are measured from the image's centre, so that turning is a plain matrix product.
    """

    def __init__(self, shape: Shape, fill: float) -> None:
        height, width, _ = shape
        self.shape, self.fill = shape, fill
        self.scratch = Scratch()
        self.centre = np.array([(height - 1) / 2, (width - 1) / 2], dtype=np.float32)
        pixels = np.indices((height, width), dtype=np.float32)
        self.grid: Array = pixels - self.centre[:, None, None]
        """Where each pixel is: (2, H, W)."""
        self._frames = self._empty_frames(0)

    def sample(self, images: Array, places: Array) -> Array:
        """The images (N, H, W, C) as seen at ``places`` (N, 2, H, W), which are overwritten."""
        n, (height, width, channels) = len(images), self.shape
        framed = self._framed(images)
        index = self._split(places)
        u, v = places[:, 0], places[:, 1]
        below = width + BEFORE + AFTER
        near, far, lower = (self.scratch(x, (n, height, width)) for x in ("a", "b", "c"))
        sampled = self.scratch("sampled", (n, *self.shape))
        for channel in range(channels):
            pixels = framed[channel, :n].reshape(-1)
            np.take(pixels, index, out=near, mode="clip")
            _mix(near, np.take(pixels[1:], index, out=far, mode="clip"), v)
            np.take(pixels[below:], index, out=lower, mode="clip")
            _mix(lower, np.take(pixels[below + 1 :], index, out=far, mode="clip"), v)
            _mix(near, lower, u)
            sampled[..., channel] = near
        return sampled

    def _framed(self, images: Array) -> Array:
        """The images inside their frames: (C, N or more, H + 3, W + 3)."""
        height, width, _ = self.shape
        if self._frames.shape[1] < len(images):
            self._frames = self._empty_frames(len(images))
        rows, columns = slice(BEFORE, BEFORE + height), slice(BEFORE, BEFORE + width)
        self._frames[:, : len(images), rows, columns] = images.transpose(3, 0, 1, 2)
        return self._frames

    def _empty_frames(self, n: int) -> Array:
        height, width, channels = self.shape
        frame = BEFORE + AFTER
        shape = (channels, n, height + frame, width + frame)
        return np.full(shape, self.fill, dtype=np.float32)

    def _split(self, places: Array) -> Array:
        """Places to fractions, and the number of the pixel above and to the left: (N, H, W)."""
        n, (height, width, _) = len(places), self.shape
        rows, columns = height + BEFORE + AFTER, width + BEFORE + AFTER
        last = np.array([height + BEFORE, width + BEFORE], dtype=np.float32)
        places += (self.centre + BEFORE)[:, None, None]
        np.maximum(places, 0, out=places)
        np.minimum(places, last[:, None, None], out=places)
        whole = np.floor(places, out=self.scratch("whole", places.shape))
        places -= whole
        whole[:, 0] *= columns
        whole[:, 0] += whole[:, 1]
        index = self.scratch("index", (n, height, width), np.intp)
        np.copyto(index, whole[:, 0], casting="unsafe")
        index += (np.arange(n) * (rows * columns))[:, None, None]
        return index


def _mix(first: Array, second: Array, fraction: Array) -> None:
    """``first`` becomes (1 - fraction) first + fraction second; ``second`` is overwritten."""
    second -= first
    second *= fraction
    first += second
