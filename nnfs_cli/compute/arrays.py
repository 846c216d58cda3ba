"""Arrays: their types, what a program gives as one, and memory that forked processes share."""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nnfs_cli.errors import DataError, ShapeError

Array = npt.NDArray[Any]
Shape = tuple[int, ...]

UNBOUND: Array = np.empty(0, dtype=np.float32)
UNBOUND.flags.writeable = False


def shared_zeros(shape: Shape, dtype: npt.DTypeLike) -> Array:
    """Zeros in memory that processes forked later share with this one."""
    size = math.prod(shape)
    memory = mmap.mmap(-1, max(1, size * np.dtype(dtype).itemsize))
    return np.frombuffer(memory, dtype, size).reshape(shape)


def read_only(array: Array) -> Array:
    """The same numbers, which cannot be written by this name."""
    view = array.view()
    view.flags.writeable = False
    return view


def as_numbers(values: Any, what: str) -> Array:
    """What a program gives, as an array of real numbers. Raises DataError."""
    array = as_array(values, what)
    if array.dtype.kind not in "biuf":
        raise DataError(f"{what} should be numbers, received {str(array.dtype)[:40]}")
    return array


def as_batch(values: Any, shape: Shape, dtype: npt.DTypeLike) -> Array:
    """Samples (N, *shape) in a network's dtype. Raises DataError, ShapeError."""
    if isinstance(values, np.ndarray) and values.dtype == dtype and values.shape[1:] == shape != ():
        return values
    batch = np.asarray(as_numbers(values, "the inputs"), dtype)
    if batch.ndim == 0 or batch.shape[1:] != shape:
        raise ShapeError(
            f"the model was built for inputs of {shape_text(shape)}, "
            f"received a batch of shape ({shape_text(batch.shape)})",
            "the first axis counts the samples",
        )
    return batch


def as_array(values: Any, what: str) -> Array:
    """What a program gives, as an array of anything. Raises DataError."""
    try:
        return np.asarray(values)
    except (ValueError, TypeError):
        raise DataError(f"{what} are no array: their rows differ in length") from None


def as_shape(given: Any) -> Shape:
    """The shape of a sample that a program gives, as a tuple of ints. Raises ShapeError."""
    sizes = tuple(given) if isinstance(given, tuple | list) else ()
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in sizes)
    if not (sizes and whole and min(sizes) >= 1):
        raise ShapeError(
            f"an input shape is a tuple of whole numbers of at least 1, received {given!r:.60}",
            "write it as (28, 28, 1), without the axis of the samples",
        )
    return tuple(int(n) for n in sizes)


def shape_text(shape: Sequence[int]) -> str:
    """A shape as people write it: ``28 x 28 x 1``."""
    return " x ".join(str(n) for n in shape) if shape else "scalar"
