"""Arrays: their types, and memory that forked processes share."""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Shape = tuple[int, ...]

UNBOUND: Array = np.empty(0, dtype=np.float32)
UNBOUND.flags.writeable = False


def shared_zeros(shape: Shape, dtype: npt.DTypeLike) -> Array:
    """Zeros in memory that processes forked later share with this one."""
    size = math.prod(shape)
    memory = mmap.mmap(-1, max(1, size * np.dtype(dtype).itemsize))
    return np.frombuffer(memory, dtype, size).reshape(shape)


def shape_text(shape: Sequence[int]) -> str:
    """A shape as people write it: ``28 x 28 x 1``."""
    return " x ".join(str(n) for n in shape) if shape else "scalar"
