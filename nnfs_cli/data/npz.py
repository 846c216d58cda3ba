"""Your own arrays: one .npz file with inputs and targets, or two .npy files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from nnfs_cli.component import dataset
from nnfs_cli.data.arrays import (
    CHANNELS_HELP,
    ChannelOrder,
    as_inputs,
    check_finite,
    is_channels_first,
    read_npy,
    read_npz,
)
from nnfs_cli.data.dataset import Dataset, Kind, Loaded, Samples
from nnfs_cli.data.division import split_test
from nnfs_cli.data.faults import inside
from nnfs_cli.data.source import Source
from nnfs_cli.data.targets import TASK_HELP, Task, encode_targets, learn_labels
from nnfs_cli.errors import DataError
from nnfs_cli.parameter import Array, Shape

Share = Annotated[float, Field(ge=0, lt=1)]
TEST_HELP = "share to split off for testing, if there are no arrays for it"


@dataset("npz")
class Npz(Dataset):
    """Your own arrays in a .npz file: x_train, y_train, x_test, y_test; or x and y."""

    path: str = Field(description="the .npz file")
    test: Share = Field(default=0.2, kw_only=True, description=TEST_HELP)
    task: Task = Field(default="auto", kw_only=True, description=TASK_HELP)
    channels: ChannelOrder = Field(default="auto", kw_only=True, description=CHANNELS_HELP)

    def load(self, source: Source) -> Loaded:
        """Inputs (N, ...); images as (N, H, W, C), with a channel axis if they have none."""
        path = source.locate(self.path)
        arrays = read_npz(path)
        suffix = "_train" if "x_train" in arrays else ""
        train = _pair(arrays, path, suffix)
        test = _pair(arrays, path, "_test") if {"x_test", "y_test"} & arrays.keys() else None
        with inside(path):
            return from_arrays(train, test, self.test, self.task, self.channels)


@dataset("npy")
class Npy(Dataset):
    """Your own arrays in two .npy files."""

    inputs: str = Field(description="the .npy file of the inputs (N, ...)")
    targets: str = Field(description="the .npy file of the targets (N,), or (N, k)")
    test: Share = Field(default=0.2, kw_only=True, description=TEST_HELP)
    task: Task = Field(default="auto", kw_only=True, description=TASK_HELP)
    channels: ChannelOrder = Field(default="auto", kw_only=True, description=CHANNELS_HELP)

    def load(self, source: Source) -> Loaded:
        """Inputs (N, ...); images as (N, H, W, C), with a channel axis if they have none."""
        paths = source.locate(self.inputs), source.locate(self.targets)
        pair = read_npy(paths[0]), read_npy(paths[1])
        with inside(paths[0]):
            return from_arrays(pair, None, self.test, self.task, self.channels)


Pair = tuple[Array, Array]


def from_arrays(
    train: Pair, test: Pair | None, share: float, task: Task, channels: ChannelOrder = "auto"
) -> Loaded:
    """Check and encode arrays of inputs and targets; split the test part off if there is none."""
    targets = as_targets(train)
    labels = learn_labels(targets, task)
    first = is_channels_first(train[0].shape, channels)
    inputs, white = as_inputs(_channels_last(train[0]) if first else train[0], "inputs")
    samples = Samples(inputs, encode_targets(targets, labels))
    kind: Kind = "image" if inputs.ndim == 4 else "vector"
    notice = _notice(train[0].shape) if first and channels == "auto" else ""
    if test is None:
        return Loaded(*split_test(samples, share), labels, kind, white=white, notice=notice)
    held_inputs, _ = as_inputs(_channels_last(test[0]) if first else test[0], "test inputs")
    if held_inputs.shape[1:] != inputs.shape[1:]:
        raise DataError(
            f"a test sample has the shape {held_inputs.shape[1:]}, "
            f"a training sample {inputs.shape[1:]}"
        )
    held = Samples(held_inputs, encode_targets(as_targets(test), labels))
    return Loaded(samples, held, labels, kind, white=white, notice=notice)


def array_origins(name: str, count: int) -> Array:
    """The array and the position of every sample: ``x_test[5]``."""
    return np.array([f"{name}[{position}]" for position in range(count)], dtype=object)


def _channels_last(pictures: Array) -> Array:
    """Pictures (N, C, H, W) as (N, H, W, C); others as they are."""
    return np.moveaxis(pictures, 1, -1) if pictures.ndim == 4 else pictures


def _notice(shape: Shape) -> str:
    return (
        f"inputs of shape {shape} are taken as pictures with channels first; data.channels=first "
        "confirms it, data.channels=last takes them as they are"
    )


def as_targets(pair: Pair) -> Array:
    """The targets, of the inputs' length and finite; a column (N, 1) of whole numbers as (N,)."""
    inputs, targets = pair
    if inputs.ndim == 0 or targets.ndim not in (1, 2) or len(inputs) != len(targets):
        raise DataError(
            f"inputs of shape {inputs.shape} and targets of shape {targets.shape}",
            "both need one entry for each sample: targets (N,), or (N, k) values",
        )
    if targets.dtype.kind not in "biufUS":
        raise DataError(f"targets are {targets.dtype}", "save numbers or text")
    if targets.dtype.kind == "f":
        check_finite(targets, "targets")
    if targets.dtype.kind == "S":
        targets = targets.astype(str)
    whole_column = targets.ndim == 2 and targets.shape[1] == 1 and targets.dtype.kind != "f"
    return targets[:, 0] if whole_column else targets


def _pair(arrays: dict[str, Array], path: Path, suffix: str) -> Pair:
    names = f"x{suffix}", f"y{suffix}"
    for name in names:
        if name not in arrays:
            raise DataError(
                f"{path} has no array {name!r}, but {', '.join(sorted(arrays))}",
                "name them x_train, y_train, x_test, y_test; or x and y",
            )
    return arrays[names[0]], arrays[names[1]]
