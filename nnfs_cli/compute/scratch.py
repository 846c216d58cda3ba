"""Scratch memory: arrays that are used again and again, so that a step allocates nothing."""

from __future__ import annotations

import math
from itertools import cycle

import numpy as np
import numpy.typing as npt

from nnfs_cli.compute.arrays import Array, Shape


class Scratch:
    """A block of memory for each name, as large as the largest array that was asked of it."""

    def __init__(self, dtype: npt.DTypeLike = np.float32) -> None:
        self.dtype = dtype
        self._blocks: dict[tuple[str, npt.DTypeLike | None], Array] = {}
        self._views: dict[tuple[str, Shape, npt.DTypeLike | None], Array] = {}

    def __call__(self, name: str, shape: Shape, dtype: npt.DTypeLike | None = None) -> Array:
        """The array of that name, with undefined contents; ``dtype`` None is the scratch's own."""
        view = self._views.get((name, shape, dtype))
        return self._new_view(name, shape, dtype) if view is None else view

    def like(self, name: str, array: Array) -> Array:
        """The same, of the shape and dtype of another array."""
        return self(name, array.shape, array.dtype)

    def __reduce__(self) -> tuple[type[Scratch], tuple[npt.DTypeLike]]:
        return Scratch, (self.dtype,)  # a copy starts with no memory

    def blocks(self) -> list[Array]:
        """The memory that it has taken so far."""
        return list(self._blocks.values())

    def _new_view(self, name: str, shape: Shape, dtype: npt.DTypeLike | None) -> Array:
        size, block = math.prod(shape), self._blocks.get((name, dtype))
        if block is None or block.size < size:
            block = self._blocks[name, dtype] = np.empty(size, dtype or self.dtype)
            stale = [key for key in self._views if (key[0], key[2]) == (name, dtype)]
            for key in stale:
                del self._views[key]
        view = self._views[name, shape, dtype] = block[:size].reshape(shape)
        return view


class Workspace:
    """Working memory that a row of layers can share: what they do follows one after another.

    A row needs two blocks for gradients, in ``turns``; a layer of its own has one.
    """

    def __init__(self, turns: int = 1) -> None:
        self.turns, self.temporaries = [Scratch() for _ in range(turns)], Scratch()
        self.begin()

    def begin(self) -> None:
        """Before a row's backward: each layer has the same turn in every step."""
        self._next = cycle(self.turns)

    @property
    def scratches(self) -> list[Scratch]:
        """All of the memory."""
        return [*self.turns, self.temporaries]

    def gradient(self, shape: Shape, dtype: npt.DTypeLike) -> Array:
        """An array to hand to the next layer, which reads it while it writes its own."""
        return next(self._next)("gradient", shape, dtype)

    def temporary(self, shape: Shape, dtype: npt.DTypeLike) -> Array:
        """An array whose contents are lost when the layer is done."""
        return self.temporaries("temporary", shape, dtype)
