"""Batches: samples gathered and scaled into arrays that are used again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array, read_only
from nnfs_cli.compute.random_streams import NumberedStreams
from nnfs_cli.compute.team import Team
from nnfs_cli.data.augmentations.augmenter import Augmenter
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing

ALONE = Team()


class Batch(NamedTuple):
    """A batch, valid until the next one is taken.

    ``targets`` are the data's own targets, of the whole batch. ``x`` are the scaled inputs of
    this worker's shard, ``encoded`` its targets in the form the loss wants.
    """

    x: Array
    targets: Array
    encoded: Array
    weights: Array | None = None
    """Of the whole batch's samples, (N,), where they have some."""
    own_weights: Array | None = None
    """Of this worker's shard."""


class Batches:
    """Cuts samples into batches of ``batch_size`` (the last may be smaller).

    uint8 inputs stay uint8 in memory and are scaled batch by batch; others are scaled once, unless
    an ``augmenter`` needs the data's own values in every batch that :meth:`take` returns.
    Targets cannot be written: a loss or a metric that works in place would change the data.
    """

    def __init__(
        self,
        samples: Samples,
        preprocessing: Preprocessing,
        encoded: Array,
        batch_size: int | Literal["full"],
        augmenter: Augmenter | None = None,
    ) -> None:
        self.augmenter = augmenter
        self.samples, self.preprocessing = samples, preprocessing
        self.targets = read_only(samples.targets)
        self.encoded = self.targets if encoded is samples.targets else read_only(encoded)
        self.weights = None if samples.weights is None else read_only(samples.weights)
        size = len(samples) if batch_size == "full" else min(batch_size, len(samples))
        self.batch_size, self._count = size, -(-len(samples) // size)
        self.kept_raw = bool(augmenter) or samples.inputs.dtype == np.uint8
        self.inputs = samples.inputs
        if not self.kept_raw:
            whole = np.empty(samples.inputs.shape, dtype=np.float32)
            self.inputs = preprocessing.apply(samples.inputs, out=whole)
            self.inputs.setflags(write=False)  # a layer that works in place would change the data
        gathered = size if self._count > 1 else 0
        shape = samples.inputs.shape[1:]
        self._gathered = np.empty((gathered, *shape), dtype=self.inputs.dtype)
        self._scaled = np.empty((size if self.kept_raw else 0, *shape), dtype=np.float32)
        self._targets = np.empty((gathered, *samples.targets.shape[1:]), samples.targets.dtype)
        self._encoded = np.empty((gathered, *encoded.shape[1:]), encoded.dtype)
        self._whole: tuple[slice, Batch] | None = None
        """The one batch of all samples, with the shard of it, which every epoch takes again."""

    @property
    def classes(self) -> int:
        """How many classes there are, or values a sample in a regression."""
        return len(self.preprocessing.labels) or self.samples.targets.shape[1]

    @property
    def nbytes(self) -> int:
        """Bytes of the scratch memory and of scaled copies, beside the samples themselves."""
        own = [self._gathered, self._scaled, self._targets, self._encoded, self.encoded]
        return sum(array.nbytes for array in own) + (0 if self.kept_raw else self.inputs.nbytes)

    def __len__(self) -> int:
        return self._count

    def slices(self, block: slice) -> Iterator[slice]:
        """Where each batch is in a block of the samples, in their order."""
        for start in range(block.start, block.stop, self.batch_size):
            yield slice(start, min(start + self.batch_size, block.stop))

    def order(self, streams: NumberedStreams, epoch: int) -> Array | slice:
        """The samples of an epoch in the order of its batches: a permutation drawn for it.

        Where one batch has all samples, as they are: its gradient is the same in every order.
        """
        if self._count == 1:
            return slice(len(self.samples))
        return streams.at(epoch).permutation(len(self.samples))

    def take(
        self,
        order: Array | slice,
        number: int,
        team: Team = ALONE,
        draws: np.random.Generator | None = None,
    ) -> Batch:
        """Batch ``number`` of the samples in an order: this worker's shard of it.

        ``draws`` decides how it is augmented; without it nothing is.
        """
        if not isinstance(order, slice):
            whole = order[number * self.batch_size : (number + 1) * self.batch_size]
            return self._batch(whole, team.shard(len(whole)), draws)
        own = team.shard(len(self.samples))
        if self.augmenter:
            return self._batch(order, own, draws)
        if self._whole is None or self._whole[0] != own:
            self._whole = own, self._batch(order, own)
            self._whole[1].x.setflags(write=False)
        return self._whole[1]

    def _batch(
        self, whole: Array | slice, own: slice, draws: np.random.Generator | None = None
    ) -> Batch:
        """The samples ``whole``, of which ``own`` are this worker's."""
        shard = own if isinstance(whole, slice) else whole[own]
        targets = self._gather(self.targets, whole, self._targets)
        targets.setflags(write=False)
        if self.encoded is self.targets:
            encoded = targets[own]
        else:
            encoded = self._gather(self.encoded, shard, self._encoded)
            encoded.setflags(write=False)
        x = self._gather(self.inputs, shard, self._gathered)
        if self.augmenter and draws:
            x = self.augmenter.apply(x, draws, out=self._scaled[: len(x)])
        x = self.scale(x, self._scaled[: len(x)])
        if self.weights is None:
            return Batch(x, targets, encoded)
        weights = self.weights[whole]
        weights.setflags(write=False)
        return Batch(x, targets, encoded, weights, weights[own])

    def weights_of(self, place: slice) -> Array | None:
        """The weights of some samples, where they have some."""
        return None if self.weights is None else self.weights[place]

    def scale(self, x: Array, memory: Array) -> Array:
        """Some ``inputs`` as the network sees them, in ``memory`` unless they have been scaled."""
        return self.preprocessing.apply(x, out=memory) if self.kept_raw else x

    def _gather(self, rows: Array, indices: Array | slice, out: Array) -> Array:
        if isinstance(indices, slice):
            return rows[indices]
        # mode="clip" skips a slow bounds check; a permutation needs none.
        room = out[: len(indices)] if len(out) else None  # one batch of all samples needs none
        return rows.take(indices, axis=0, out=room, mode="clip")
