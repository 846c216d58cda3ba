"""Keeping the scaling of another run (``data.normalize: init_from``)."""

from __future__ import annotations

from dataclasses import replace

from nnfs_cli.compute.arrays import shape_text
from nnfs_cli.data.prepare import Data
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.errors import UsageError


def scaled_as(other: Preprocessing | None, data: Data) -> Data:
    """The data with the scaling of inputs, and of targets if both have one, of another run.

    Raises UsageError if there is no other run, or if its inputs are of another shape.
    """
    if other is None:
        raise UsageError(
            "normalize: init_from keeps the scaling of another run, and none is named",
            "add init_from: RUN, or choose standard, unit or none",
        )
    own = data.preprocessing
    if own.input_shape != other.input_shape:
        raise UsageError(
            f"the inputs are {shape_text(own.input_shape)}, and those of the run that init_from "
            f"names {shape_text(other.input_shape)}",
            "normalize: init_from needs the same shape",
        )
    scaled = replace(own, scale=other.scale, shift=other.shift)
    if own.target_mean is not None and other.target_mean is not None:
        scaled = replace(
            scaled, target_mean=other.target_mean, target_deviation=other.target_deviation
        )
    return replace(data, preprocessing=scaled)
