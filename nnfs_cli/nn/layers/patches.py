"""Patches: the numbers under a sliding window, as the rows of a matrix.

A convolution is one matrix product, once the patches of an image lie in the rows of a matrix.
For a 3 x 3 image and a 2 x 2 kernel::

    image         patches (one a row)        weights        outputs
                    ┌  a  b  d  e  ┐           ┌ w1 ┐         ┌ y1 ┐         y1 y2
    a  b  c         │  b  c  e  f  │           │ w2 │         │ y2 │
    d  e  f   -->   │  d  e  g  h  │     @     │ w3 │    =    │ y3 │   -->
    g  h  i         └  e  f  h  i  ┘           └ w4 ┘         └ y4 ┘         y3 y4

With channels each letter is several numbers, with several filters W has a column for each.
The matrix is as many times larger than the image as the kernel has numbers, so it is made for a
few samples at a time, in scratch memory that fits in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from nnfs_cli.compute.arrays import UNBOUND, Array, Shape
from nnfs_cli.compute.matmul import matmul
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.window import Window

CACHE = 1024 * 1024
"""Bytes that the matrix of a few samples and its product may take: a core's L2."""
SHORT = 8
"""Runs of fewer numbers than this are copied too slowly: the matrix is then stored by columns."""


class Patches:
    """The patches of images (N, H, W, C), a few samples at a time, for each group of channels.

    ``layer`` is the layer that asks, and lends its working memory; ``filters`` the number of
    outputs at each place, which have to fit in the cache too. ``blocks`` copies images to
    patches; ``put_back`` is its reverse, which adds patches up to images.
    """

    def __init__(
        self,
        layer: Layer,
        name: str,
        axes: tuple[Window, Window],
        channels: int,
        filters: int,
        groups: int = 1,
    ) -> None:
        self.layer, self.groups = layer, groups
        rows, columns = self.axes = axes
        self.places = rows.outputs * columns.outputs
        self.length = rows.kernel * columns.kernel * channels // groups
        numbers = self.places * (groups * self.length + filters)
        self.samples = max(1, CACHE // (numbers * np.dtype(layer.dtype).itemsize))

        shape = (self.samples, rows.padded, columns.padded, channels)
        self.padded = layer.scratch(f"{name}_padded", shape)
        self.padded.fill(0.0)  # blocks() counts on the border to stay zero
        self.inside = self.padded[:, rows.inside, columns.inside]
        self.view = sliding_view(self.padded, axes, groups)

        _, *places, kernel_rows, kernel_columns, per_group = self.view.shape
        self.by_rows = kernel_columns * per_group >= SHORT
        self.shape: Shape = self.view.shape
        if not self.by_rows:
            self.shape = (groups, kernel_rows, kernel_columns, per_group, *places)
        self.memory = UNBOUND

    def take_memory(self) -> None:
        """Lay the matrix out in the memory that the layers share, which moves where it grows."""
        memory = self.layer.temporary(self.shape)
        if memory is self.memory:
            return
        self.memory, groups = memory, self.groups
        if self.by_rows:
            self.patches, self.matrix = memory, memory.reshape(groups, -1, self.length)
        else:
            self.patches = np.moveaxis(memory, (4, 5, 6), (1, 2, 3))
            self.matrix = memory.reshape(groups, self.length, -1).swapaxes(1, 2)
        self.source, self.target = self.view, self.patches
        if self.by_rows and groups == self.axes[1].dilation == 1:
            self.source, self.target = in_runs(self.view), in_runs(self.patches)

    def blocks(self, images: Array) -> Iterator[tuple[slice, Array]]:
        """Places (of all outputs, sample by sample) and their patches (groups, places, length)."""
        self.take_memory()
        for start in range(0, len(images), self.samples):
            some = images[start : start + self.samples]
            np.copyto(self.inside[: len(some)], some)
            np.copyto(self.target[:, : len(some)], self.source[:, : len(some)])
            count = len(some) * self.places
            first = start * self.places
            yield slice(first, first + count), self.matrix[:, :count]

    def put_back(self, dy: Array, weight: Array, images: Array) -> None:
        """Write to the images the sum of the patches dy · weight, each where it was copied from.

        dy (groups, places of all samples, filters), weight (groups, filters, length).
        """
        self.take_memory()
        groups = len(weight)
        split = self.padded.reshape(*self.padded.shape[:3], groups, -1)
        by_group = np.moveaxis(split, 3, 0)
        rows, columns = self.axes
        for start in range(0, len(images), self.samples):
            some = images[start : start + self.samples]
            places = slice(start * self.places, (start + len(some)) * self.places)
            matmul(dy[:, places], weight, out=self.matrix[:, : len(some) * self.places])
            self.padded.fill(0.0)
            for i, row in enumerate(rows.slices()):
                for j, column in enumerate(columns.slices()):
                    patches = self.patches[:, : len(some), :, :, i, j]
                    by_group[:, : len(some), row, column] += patches
            np.copyto(some, self.inside[: len(some)])
        self.padded.fill(0.0)


def in_runs(patches: Array) -> Array:
    """Patches whose last two axes lie side by side in memory: these numbers as one lump of bytes.

    NumPy copies a lump at once, in two thirds of the time that its numbers take.
    """
    runs = patches.reshape(*patches.shape[:-2], -1)
    return runs.view((np.void, runs.shape[-1] * runs.itemsize))[..., 0]


def sliding_view(padded: Array, axes: tuple[Window, Window], groups: int) -> Array:
    """Every patch, without copying a number: one address in memory belongs to many patches.

    (groups, samples, output rows, output columns, kernel rows, kernel columns, channels / groups).
    """
    rows, columns = axes
    sample, row, column, channel = padded.strides
    per_group = padded.shape[3] // groups
    places = (len(padded), rows.outputs, columns.outputs)
    steps = (sample, rows.stride * row, columns.stride * column)
    return as_strided(
        padded,
        (groups, *places, rows.kernel, columns.kernel, per_group),
        (per_group * channel, *steps, rows.dilation * row, columns.dilation * column, channel),
    )
