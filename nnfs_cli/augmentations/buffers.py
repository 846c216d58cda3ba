"""Memory that is used again and again: one array a name, for batches of any size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nnfs_cli.parameter import Array, Shape


class Buffers:
    """Arrays with undefined contents that grow with the largest batch seen."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def take(self, name: str, shape: Shape, dtype: npt.DTypeLike = np.float32) -> Array:
        """The array of that name, as (N, ...); all but N must be as it was the last time."""
        array = self._arrays.get(name)
        if array is None or len(array) < shape[0]:
            array = self._arrays[name] = np.empty(shape, dtype=dtype)
        return array[: shape[0]]
