"""Your own arrays: one .npz file with inputs and targets, or two .npy files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array, Shape
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
from nnfs_cli.data.faults import inside
from nnfs_cli.data.source import Source
from nnfs_cli.data.splitting import split_test
from nnfs_cli.data.tables.targets import TASK_HELP, Task, encode_targets, learn_labels
from nnfs_cli.errors import DataError

Fraction = Annotated[float, Field(ge=0, lt=1)]
TEST_HELP = "fraction to split off for testing, if there are no arrays for it"


VALIDATION = ("_val", "_valid", "_validation")
NAMES = "x_train, y_train, x_val, y_val, x_test, y_test; or x and y"


@dataset("npz")
class Npz(Dataset):
    """Your own arrays in a .npz file: x_train, y_train, x_val, y_val, x_test, y_test; or x and y.

    x_val and y_val (or _valid, _validation) are the validation split in place of a fraction of the
    training. Any other array is refused.
    """

    path: str = Field(description="the .npz file")
    test: Fraction = Field(default=0.2, kw_only=True, description=TEST_HELP)
    task: Task = Field(default="auto", kw_only=True, description=TASK_HELP)
    channels: ChannelOrder = Field(default="auto", kw_only=True, description=CHANNELS_HELP)

    def load(self, source: Source) -> Loaded:
        """Inputs (N, ...); images as (N, H, W, C), with a channel axis if they have none."""
        path = source.locate(self.path)
        arrays = read_npz(path, partial(_all_known, path))
        suffix = "_train" if "x_train" in arrays else ""
        train = _pair(arrays, path, suffix)
        validation = [end for end in VALIDATION if {f"x{end}", f"y{end}"} & arrays.keys()]
        splits = {end: _pair(arrays, path, end) for end in validation[:1]}
        if {"x_test", "y_test"} & arrays.keys():
            splits["_test"] = _pair(arrays, path, "_test")
        with inside(path):
            loaded = from_arrays(
                train,
                splits.get("_test"),
                self.test,
                self.task,
                self.channels,
                validation=splits[validation[0]] if validation else None,
                name=f"{path.name}: x{suffix}",
                source=source,
            )
        return loaded


def _all_known(path: Path, names: list[str]) -> list[str]:
    """The names of a file's arrays. Raises DataError if one of them would not be used."""
    given = "_train" if "x_train" in names else ""
    _require_pair(names, path, given)
    also = [end for end in VALIDATION if {f"x{end}", f"y{end}"} & {*names}][:1]
    used = {f"{letter}{end}" for letter in "xy" for end in (given, *also, "_test")}
    _refuse_others(path, [name for name in names if name not in used])
    return names


def _refuse_others(path: Path, names: list[str]) -> None:
    if not names:
        return
    hint = f"remove or rename them: the names are {NAMES}"
    if any("weight" in name.lower() for name in names):
        hint = "weights of samples are not supported: remove them; a class has one in class_weights"
    some = ", ".join(map(repr, sorted(names)[:5])) + ", ..." * (len(names) > 5)
    raise DataError(f"{path} has arrays that nnfs does not know: {some}", hint)


@dataset("npy")
class Npy(Dataset):
    """Your own arrays in two .npy files."""

    inputs: str = Field(description="the .npy file of the inputs (N, ...)")
    targets: str = Field(description="the .npy file of the targets (N,), or (N, k)")
    test: Fraction = Field(default=0.2, kw_only=True, description=TEST_HELP)
    task: Task = Field(default="auto", kw_only=True, description=TASK_HELP)
    channels: ChannelOrder = Field(default="auto", kw_only=True, description=CHANNELS_HELP)

    def load(self, source: Source) -> Loaded:
        """Inputs (N, ...); images as (N, H, W, C), with a channel axis if they have none."""
        paths = source.locate(self.inputs), source.locate(self.targets)
        pair = read_npy(paths[0]), read_npy(paths[1])
        with inside(paths[0]):
            return from_arrays(
                pair, None, self.test, self.task, self.channels, name=paths[0].name, source=source
            )


Pair = tuple[Array, Array]


def from_arrays(
    train: Pair,
    test: Pair | None,
    fraction: float,
    task: Task,
    channels: ChannelOrder = "auto",
    *,
    validation: Pair | None = None,
    name: str = "",
    source: Source | None = None,
) -> Loaded:
    """Check and encode arrays of inputs and targets; split off a test split if there is none.

    ``name`` is what the inputs' array is called, for the samples' origins.
    """
    targets = as_targets(train)
    found = learn_labels(targets, task)
    labels = source.in_order(found) if source else found
    first = is_channels_first(train[0].shape, channels)
    inputs, white = as_inputs(_channels_last(train[0]) if first else train[0], "inputs")
    places = array_origins(name, len(inputs)) if name else None
    samples = Samples(inputs, encode_targets(targets, labels), places)
    kind: Kind = "image" if inputs.ndim == 4 else "vector"
    notice = _notice(train[0].shape) if first and channels == "auto" else ""

    def like_training(pair: Pair, split: str) -> Samples:
        x, _ = as_inputs(_channels_last(pair[0]) if first else pair[0], f"{split} inputs")
        if x.shape[1:] != inputs.shape[1:]:
            raise DataError(
                f"a {split} sample has the shape {x.shape[1:]}, "
                f"a training sample {inputs.shape[1:]}"
            )
        y = encode_targets(as_targets(pair), labels)
        return Samples(x, y, array_origins(f"x_{split}", len(x)) if name else None)

    loaded = Loaded(
        samples,
        None if test is None else like_training(test, "test"),
        labels,
        kind,
        white=white,
        validation=None if validation is None else like_training(validation, "validation"),
        notice=notice,
    )
    if test is not None:
        return loaded
    kept, drawn = split_test(samples, fraction)
    return replace(loaded, train=kept, test=drawn)


def array_origins(name: str, count: int) -> Array:
    """The array and the position of every sample: ``x_test[5]``."""
    return np.array([f"{name}[{position}]" for position in range(count)], dtype=object)


def _channels_last(images: Array) -> Array:
    """Images (N, C, H, W) as (N, H, W, C); others as they are."""
    return np.moveaxis(images, 1, -1) if images.ndim == 4 else images


def _notice(shape: Shape) -> str:
    return (
        f"inputs of shape {shape} are taken as images with channels first; data.channels=first "
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
    if targets.ndim == 2 and not targets.shape[1]:
        raise DataError("targets have no columns", "save a value or more for each sample")
    if targets.dtype.kind not in "biufUS":
        raise DataError(f"targets are {targets.dtype}", "save numbers or text")
    if targets.dtype.kind == "f":
        check_finite(targets, "targets")
    if targets.dtype.kind == "S":
        targets = _decoded(targets)
    whole_column = targets.ndim == 2 and targets.shape[1] == 1 and targets.dtype.kind != "f"
    return targets[:, 0] if whole_column else targets


def _decoded(targets: Array) -> Array:
    """Bytes as text in UTF-8."""
    try:
        return np.char.decode(targets, "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            "targets are bytes that are no text in UTF-8", "save them as text: array.astype(str)"
        ) from error


def _pair(arrays: dict[str, Array], path: Path, suffix: str) -> Pair:
    _require_pair([*arrays], path, suffix)
    return arrays[f"x{suffix}"], arrays[f"y{suffix}"]


def _require_pair(names: list[str], path: Path, suffix: str) -> None:
    for name in (f"x{suffix}", f"y{suffix}"):
        if name not in names:
            raise DataError(
                f"{path} has no array {name!r}, but {', '.join(sorted(names)[:20])}",
                f"name them {NAMES}",
            )
