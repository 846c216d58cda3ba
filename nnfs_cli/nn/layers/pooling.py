"""What poolings share: each window of an image becomes one number.

A window is pooled along the image's rows first, then along its columns: both the largest number
and the mean allow it, and k + k steps are fewer than k · k. Arrays are seen as
(before, axis, behind), in which the same lines of code serve both axes::

    rows     (N, H, W, C)  as  (N, H, W · C)
    columns  (N, R, W, C)  as  (N · R, W, C)
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import family
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.window import Padding, Pair, Window, windows


@family("layer")
class Pooling(Layer):
    """One number for each window of each channel: x (N, H, W, C), y (N, rows, columns, C).

    A pooling says how the windows along one axis are pooled, and how their gradient is spread.
    """

    pool_size: Pair = Field(default=2, description="the window: a side, or [height, width]")
    strides: Pair | None = Field(
        default=None, description="pixels from window to window, or [down, right]; null: pool_size"
    )
    padding: Padding = Field(
        default="valid",
        description="pixels around the image: none (valid), as many as keep its size at stride 1 "
        "(same), or a number on every side",
    )

    fill: ClassVar[float] = 0.0
    """What the padding holds."""

    def build(self, input_shape: Shape) -> Shape:
        """The places of the window; refuse what is no image or too small."""
        strides = self.pool_size if self.strides is None else self.strides
        size = (self.pool_size, strides, self.padding)
        self.rows, self.columns = windows(self.word, input_shape, *size)
        channels = input_shape[2]
        self.image_shape = input_shape
        self.padded_shape = (self.rows.padded, self.columns.padded, channels)
        self.middle_shape = (self.rows.outputs, self.columns.padded, channels)
        self.pooled_shape = (self.rows.outputs, self.columns.outputs, channels)
        return self.pooled_shape

    def forward(self, x: Array, training: bool) -> Array:
        """y = a number for each window: along the rows first, then along the columns."""
        self.x = self.padded(x)
        self.middle = self.scratch("middle", (len(x), *self.middle_shape))
        self.y = self.scratch("out", (len(x), *self.pooled_shape))
        self.pool(self.rows, along_rows(self.x), along_rows(self.middle))
        self.pool(self.columns, along_columns(self.middle), along_columns(self.y))
        return self.y

    def backward(self, dy: Array) -> Array:
        """dL/dx = dy, spread over the windows: along the columns first, then along the rows."""
        d_middle = self.temporary((len(dy), *self.middle_shape))
        dx = self.gradient((len(dy), *self.padded_shape))
        self.spread(self.columns, *map(along_columns, (self.middle, self.y, dy, d_middle)))
        self.spread(self.rows, *map(along_rows, (self.x, self.middle, d_middle, dx)))
        if self.padded_shape == self.image_shape:
            return dx
        image = self.scratch("dx_image", (len(dy), *self.image_shape))
        np.copyto(image, dx[:, self.rows.inside, self.columns.inside])
        return image

    def pool(self, axis: Window, x: Array, y: Array) -> None:
        """Write to y (A, outputs, B) what the windows along the axis of x (A, padded, B) give."""
        raise NotImplementedError

    def spread(self, axis: Window, x: Array, y: Array, dy: Array, dx: Array) -> None:
        """Write dL/dx along an axis; dy may be overwritten."""
        raise NotImplementedError

    def padded(self, x: Array) -> Array:
        """Images within their padding; the images themselves if they have none."""
        if self.padded_shape == self.image_shape:
            return x
        padded = self.scratch("padded", (len(x), *self.padded_shape))
        padded.fill(self.fill)
        np.copyto(padded[:, self.rows.inside, self.columns.inside], x)
        return padded

    def flops(self, input_shape: Shape) -> int:
        """One for each number of each window."""
        return self.rows.kernel * self.columns.kernel * math.prod(self.pooled_shape)


def along_rows(images: Array) -> Array:
    """(N, H, W, C) as (N, H, W · C)."""
    return images.reshape(*images.shape[:2], -1)


def along_columns(images: Array) -> Array:
    """(N, H, W, C) as (N · H, W, C)."""
    return images.reshape(-1, *images.shape[2:])
