"""Do targets match the outputs? Asked wherever a program hands both to a loss or a metric.

A training asks once, when it encodes its targets, and then tells its own copies to trust them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array, shape_text
from nnfs_cli.errors import UsageError


def require_arrays(**given: Any) -> None:
    """Raise UsageError unless all are arrays of real numbers."""
    for name, values in given.items():
        kind = values.dtype if isinstance(values, np.ndarray) else type(values).__name__
        if not isinstance(kind, np.dtype) or kind.kind not in "biuf":
            raise UsageError(
                f"{name} should be a NumPy array of numbers, received {str(kind)[:40]}",
                "np.asarray makes one",
            )


def other_shapes(outputs: Array, targets: Array, of_what: str) -> UsageError:
    """The error that there is not a target for every output."""
    return UsageError(
        f"{of_what} of shape ({shape_text(outputs.shape)}) cannot be compared with targets of "
        f"shape ({shape_text(targets.shape)})",
        "give both the same shape, (N, k)",
    )


def require_class_numbers(outputs: Array, targets: Array, least: int = 1) -> None:
    """Raise UsageError unless there is a class number for every row of the outputs (N, K).

    They go from 0 to K - 1, or to ``least`` - 1 where that is more.
    """
    if outputs.ndim != 2 or targets.shape != outputs.shape[:1] or targets.dtype.kind not in "iu":
        raise UsageError(
            f"outputs of shape ({shape_text(outputs.shape)}) need class numbers of shape (N), whole"
            f" numbers, received {targets.dtype} of shape ({shape_text(targets.shape)})",
            "class numbers are one integer for each row of the outputs",
        )
    classes = max(outputs.shape[1], least)
    # Twice as fast as min() and max(), whose overhead a small batch would notice.
    if targets.size and (targets[targets.argmin()] < 0 or targets[targets.argmax()] >= classes):
        raise UsageError(
            f"class numbers go from {targets.min()} to {targets.max()}, but there are {classes} "
            "classes",
            f"number the classes from 0 to {classes - 1}",
        )


def require_fractions(targets: Array, of_what: str) -> None:
    """Raise UsageError unless all numbers lie between 0 and 1."""
    if targets.size and not 0.0 <= np.min(targets) <= np.max(targets) <= 1.0:
        raise UsageError(
            f"{of_what} needs values between 0 and 1, but the data's targets go from "
            f"{targets.min():g} to {targets.max():g}",
            "choose `mse` for other values",
        )
