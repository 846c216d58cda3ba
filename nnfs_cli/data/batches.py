"""Batches: samples gathered and scaled into buffers that are used again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.parameter import Array


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch, valid until the next one is taken.

    ``x`` are the scaled inputs, ``targets`` the data's own targets, ``encoded`` the same in the
    form the loss wants.
    """

    x: Array
    targets: Array
    encoded: Array


class Batches:
    """Cuts samples into batches of ``batch_size`` (the last may be smaller).

    uint8 inputs stay uint8 in memory and are scaled batch by batch; others are scaled once.
    """

    def __init__(
        self,
        samples: Samples,
        preprocessing: Preprocessing,
        encoded: Array,
        batch_size: int | Literal["full"],
    ) -> None:
        self.samples, self.encoded, self.preprocessing = samples, encoded, preprocessing
        size = len(samples) if batch_size == "full" else min(batch_size, len(samples))
        self.batch_size = size
        self.bytes_kept = samples.inputs.dtype == np.uint8
        self.inputs = samples.inputs
        if not self.bytes_kept:
            whole = np.empty(samples.inputs.shape, dtype=np.float32)
            self.inputs = preprocessing.apply(samples.inputs, out=whole)
        shape = (size, *samples.inputs.shape[1:])
        self._gathered = np.empty(shape, dtype=self.inputs.dtype)
        self._scaled = np.empty(shape, dtype=np.float32) if self.bytes_kept else self._gathered
        self._targets = np.empty((size, *samples.targets.shape[1:]), samples.targets.dtype)
        self._encoded = np.empty((size, *encoded.shape[1:]), encoded.dtype)

    @property
    def classes(self) -> int:
        """How many classes there are, or values a sample in a regression."""
        return len(self.preprocessing.labels) or self.samples.targets.shape[1]

    @property
    def nbytes(self) -> int:
        """Bytes of the buffers and of scaled copies, beside the samples themselves."""
        own = [self._gathered, self._scaled, self._targets, self._encoded, self.encoded]
        return sum(array.nbytes for array in own) + (0 if self.bytes_kept else self.inputs.nbytes)

    def __len__(self) -> int:
        return -(-len(self.samples) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        """The batches in the order of the samples."""
        for start in range(0, len(self.samples), self.batch_size):
            part = slice(start, start + self.batch_size)
            yield Batch(
                self._scale(self.inputs[part]), self.samples.targets[part], self.encoded[part]
            )

    def in_order(self, order: Array, start: int = 0) -> Iterator[Batch]:
        """The batches of a permutation of the samples, from batch number ``start`` on."""
        for first in range(start * self.batch_size, len(order), self.batch_size):
            yield self._take(order[first : first + self.batch_size])

    def _take(self, indices: Array) -> Batch:
        n = len(indices)
        # mode="clip" skips a slow bounds check; a permutation needs none.
        x = np.take(self.inputs, indices, axis=0, out=self._gathered[:n], mode="clip")
        targets = np.take(self.samples.targets, indices, axis=0, out=self._targets[:n], mode="clip")
        encoded = targets
        if self.encoded is not self.samples.targets:
            encoded = np.take(self.encoded, indices, axis=0, out=self._encoded[:n], mode="clip")
        return Batch(self._scale(x), targets, encoded)

    def _scale(self, x: Array) -> Array:
        return self.preprocessing.apply(x, out=self._scaled[: len(x)]) if self.bytes_kept else x
