"""Depthwise convolution: each channel has a kernel of its own, and channels are not summed.

A matrix product would have one column. Instead a whole image is multiplied by one number of
each kernel at a time and added up, shifted by that number's place in the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.window import Window

CACHE = 256 * 1024
"""Bytes that the images of a few samples may take, of which four are at work."""


class Depthwise:
    """y[n, r, c, k] = Σ_{i, j} x[n, s r + d i, s c + d j, k] W[i, j, 0, k] for a padded x.

    ``layer`` is the layer that asks, and lends its scratch memory.
    """

    def __init__(self, layer: Layer, axes: tuple[Window, Window], channels: int) -> None:
        rows, columns = self.axes = axes
        self.layer, self.channels = layer, channels
        numbers = rows.padded * columns.padded * channels
        self.samples = max(1, CACHE // (numbers * np.dtype(layer.dtype).itemsize))
        self.padded_shape = (self.samples, rows.padded, columns.padded, channels)

    def forward(self, x: Array, weight: Array, y: Array) -> None:
        """Write y, without a bias."""
        rows = self.weight_rows(weight)
        for some in self.blocks(x):
            padded, sums = self.padded(x[some]), y[some]
            product = self.layer.scratch("product", sums.shape)
            for number, (i, j, row, column) in enumerate(self.places()):
                shifted = padded[:, row, column]
                if number == 0:
                    np.multiply(shifted, rows[i, j], out=sums)
                else:
                    sums += np.multiply(shifted, rows[i, j], out=product)

    def backward(self, x: Array, dy: Array, grad: Array, weight: Array, dx: Array | None) -> None:
        """Assign dL/dW[i, j] = Σ x dy over all places, and dL/dx if it is needed."""
        rows = self.weight_rows(weight)
        totals = self.layer.scratch("totals", rows.shape)
        totals.fill(0.0)
        for some in self.blocks(x):
            padded, d_some = self.padded(x[some]), dy[some]
            for i, j, row, column in self.places():
                totals[i, j] += np.einsum("nrck,nrck->ck", padded[:, row, column], d_some)
            if dx is not None:
                self.put_back(d_some, rows, dx[some])
        np.sum(totals, axis=2, out=grad[:, :, 0])

    def put_back(self, dy: Array, rows: Array, dx: Array) -> None:
        """Write dL/dx of a few samples: dy times each weight, added where it was taken from."""
        padded = self.layer.scratch("back", (len(dy), *self.padded_shape[1:]))
        padded.fill(0.0)
        product = self.layer.scratch("product", dy.shape)
        for i, j, row, column in self.places():
            padded[:, row, column] += np.multiply(dy, rows[i, j], out=product)
        np.copyto(dx, padded[:, self.axes[0].inside, self.axes[1].inside])

    def blocks(self, x: Array) -> Iterator[slice]:
        """A few samples at a time."""
        for start in range(0, len(x), self.samples):
            yield slice(start, start + self.samples)

    def places(self) -> Iterator[tuple[int, int, slice, slice]]:
        """Each number of the kernel, and the pixels that it meets."""
        for i, row in enumerate(self.axes[0].slices()):
            for j, column in enumerate(self.axes[1].slices()):
                yield i, j, row, column

    def weight_rows(self, weight: Array) -> Array:
        """W repeated for each pixel of a row, because long rows are multiplied fast."""
        shape = (*weight.shape[:2], self.axes[1].outputs, self.channels)
        rows = self.layer.scratch("weight_rows", shape)
        np.copyto(rows, weight)
        return rows

    def padded(self, images: Array) -> Array:
        """The images within a border of zeros."""
        rows, columns = self.axes
        if images.shape[1:] == self.padded_shape[1:]:
            return images
        padded = self.layer.scratch("padded", (len(images), *self.padded_shape[1:]))
        padded.fill(0.0)
        np.copyto(padded[:, rows.inside, columns.inside], images)
        return padded
