"""All augmentations of a config, one after the other, over a batch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.augmentation import Augmentation
from nnfs_cli.data.augmentations.warp import Warp, Warps
from nnfs_cli.errors import ShapeError

BLOCK = 1 << 16
"""How many numbers go through all augmentations at a time: few enough to stay in the cache."""

Change = Callable[[Array, np.random.Generator], Array]


class Augmenter:
    """Changes batches of one kind of image; each worker has its own, for its own scratch memory.

    Raises ShapeError, saying where in the config, if an augmentation cannot take the images.
    """

    def __init__(
        self, augmentations: Sequence[Augmentation], shape: Shape, white: float | None = None
    ) -> None:
        own = copy.deepcopy(list(augmentations))
        for index, augmentation in enumerate(own):
            try:
                augmentation.build(shape, white)
            except ShapeError as error:
                where = ("data", "augment", index)
                raise ShapeError(error.message, error.hint, where) from None
        self.changes = _joined(own)
        self.block = max(1, BLOCK // max(1, int(np.prod(shape))))

    def __bool__(self) -> bool:
        return bool(self.changes)

    def apply(self, images: Array, generator: np.random.Generator, out: Array) -> Array:
        """Write the changed images (N, H, W, C) to ``out``, float32, and return it.

        ``images`` hold the data's own values in any dtype; they are read only, unless they are
        ``out``.
        """
        for start in range(0, len(images), self.block):
            part = slice(start, start + self.block)
            block = changed = out[part]
            np.copyto(block, images[part], casting="same_kind")
            for change in self.changes:
                changed = change(changed, generator)
            if changed is not block:
                np.copyto(block, changed)
        return out


def _joined(augmentations: Sequence[Augmentation]) -> list[Change]:
    """Each augmentation's ``apply``; neighbouring warps with the same fill become one."""
    changes: list[Change] = []
    for fill, run in groupby(augmentations, lambda a: a.fill if isinstance(a, Warp) else None):
        if fill is None:
            changes += [augmentation.apply for augmentation in run]
        else:
            changes.append(Warps([warp for warp in run if isinstance(warp, Warp)]).apply)
    return changes
