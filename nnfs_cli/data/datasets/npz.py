"""Your own arrays: one .npz file with inputs and targets, or two .npy files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data import array_names as names
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
from nnfs_cli.data.tables.several_labels import (
    THRESHOLD_HELP,
    USUAL,
    Threshold,
    refuse_threshold,
    thresholds_of,
)
from nnfs_cli.data.tables.targets import (
    TASK_HELP,
    Task,
    are_several_labels,
    encode_like,
    encode_targets,
    learn_labels,
)
from nnfs_cli.data.user_data import Fraction, UserData
from nnfs_cli.errors import DataError

TEST_HELP = "fraction to split off for testing, if there are no arrays for it"


LAYOUT = ("inputs", "targets")
"""What is on record of the arrays' names, where they are not those that nnfs expects."""


@dataset("npz")
class Npz(UserData):
    """Your own arrays in a .npz file: x_train, y_train, x_val, y_val, x_test, y_test; or x and y.

    x_val and y_val (or _valid, _validation) are the validation split in place of a fraction of the
    training. What other programs call them (X, train_images, arr_0) is found too, and announced.
    Any other array is refused.
    """

    path: str = Field(description="the .npz file")
    inputs: str | None = Field(
        default=None,
        kw_only=True,
        description="the array of training inputs; val or test in place of train, or behind it, "
        "names those of the other splits",
    )
    targets: str | None = Field(
        default=None, kw_only=True, description="the array of training targets, in the same way"
    )
    test: str | Fraction = Field(
        default=0.2, kw_only=True, description=f"{TEST_HELP}; or a .npz file of test samples"
    )
    task: Task = Field(default="auto", kw_only=True, description=TASK_HELP)
    threshold: Threshold = Field(default=USUAL, kw_only=True, description=THRESHOLD_HELP)
    channels: ChannelOrder = Field(default="auto", kw_only=True, description=CHANNELS_HELP)

    def load(self, source: Source) -> Loaded:
        """Inputs (N, ...); images as (N, H, W, C), with a channel axis if they have none."""
        path = source.locate(self.path)
        pairs: dict[str, names.Pair] = {}
        arrays = read_npz(path, partial(self._chosen, path, pairs))
        splits = {split: _arrays(arrays, pair) for split, pair in pairs.items()}
        training = pairs["train"]
        for split, given in (("validation", self.validation), ("test", self.test)):
            if isinstance(given, str):
                if split in splits:
                    raise DataError(
                        f"{path} has {split} arrays, and data.{split} names a file",
                        "leave one of them out",
                    )
                splits[split] = _split_file(source.locate(given), training, split)
        with inside(path):
            loaded = from_arrays(
                splits["train"],
                splits.get("test"),
                0.0 if isinstance(self.test, str) else self.test,
                self.task,
                self.channels,
                validation=splits.get("validation"),
                name=f"{path.name}: {training[0]}",
                source=source,
                threshold=self.threshold,
            )
        notice = "; ".join(filter(None, [names.notice_of(training), loaded.notice]))
        layout = None if training in names.PLAIN else dict(zip(LAYOUT, training, strict=True))
        return replace(loaded, notice=notice, layout=layout)

    def _chosen(self, path: Path, pairs: dict[str, names.Pair], there: list[str]) -> list[str]:
        """The arrays to read; puts their names into ``pairs``. Raises DataError for others."""
        training = names.training_pair(path, there, self.inputs, self.targets)
        pairs["train"] = training
        for split in names.WORDS:
            pair = names.split_pair(path, there, training, split)
            if pair is not None:
                pairs[split] = pair
        names.refuse_others(path, there, pairs.values())
        return there


def _split_file(path: Path, training: names.Pair, split: str) -> Pair:
    """The arrays of a file that is one split."""
    chosen: list[names.Pair] = []

    def of_split(there: list[str]) -> list[str]:
        chosen.append(names.single_pair(path, there, training, split))
        names.refuse_others(path, there, chosen)
        return there

    return _arrays(read_npz(path, of_split), chosen[0])


def _arrays(arrays: dict[str, Array], pair: names.Pair) -> Pair:
    return arrays[pair[0]], arrays[pair[1]]


@dataset("npy")
class Npy(Dataset):
    """Your own arrays in two .npy files."""

    inputs: str = Field(description="the .npy file of the inputs (N, ...)")
    targets: str = Field(description="the .npy file of the targets (N,), or (N, k)")
    test: Fraction = Field(default=0.2, kw_only=True, description=TEST_HELP)
    task: Task = Field(default="auto", kw_only=True, description=TASK_HELP)
    threshold: Threshold = Field(default=USUAL, kw_only=True, description=THRESHOLD_HELP)
    channels: ChannelOrder = Field(default="auto", kw_only=True, description=CHANNELS_HELP)

    def load(self, source: Source) -> Loaded:
        """Inputs (N, ...); images as (N, H, W, C), with a channel axis if they have none."""
        paths = source.locate(self.inputs), source.locate(self.targets)
        pair = read_npy(paths[0]), read_npy(paths[1])
        with inside(paths[0]):
            return from_arrays(
                pair,
                None,
                self.test,
                self.task,
                self.channels,
                name=paths[0].name,
                source=source,
                threshold=self.threshold,
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
    threshold: Threshold = USUAL,
) -> Loaded:
    """Check and encode arrays of inputs and targets; split off a test split if there is none.

    ``name`` is what the inputs' array is called, for the samples' origins.
    """
    targets = as_targets(train, task)
    found = learn_labels(targets, task)
    names, thresholds = _label_names(targets, task, threshold)
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
        y = encode_like(as_targets(pair, task), labels, thresholds)
        return Samples(x, y, array_origins(f"x_{split}", len(x)) if name else None)

    loaded = Loaded(
        samples,
        None if test is None else like_training(test, "test"),
        labels,
        kind,
        white=white,
        validation=None if validation is None else like_training(validation, "validation"),
        notice=notice,
        names=names,
        thresholds=thresholds,
    )
    if test is not None:
        return loaded
    kept, drawn = split_test(samples, fraction)
    return replace(loaded, train=kept, test=drawn)


def _label_names(
    targets: Array, task: Task, threshold: Threshold
) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
    """The numbers of the columns and their thresholds, if they are several labels a sample."""
    if not are_several_labels(targets, task):
        refuse_threshold(threshold)
        return (), None
    names = tuple(str(column) for column in range(targets.shape[1]))
    return names, thresholds_of(threshold, names)


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


def as_targets(pair: Pair, task: Task = "auto") -> Array:
    """The targets, of the inputs' length and finite.

    A column (N, 1) of whole numbers becomes (N,), unless it is one of several labels.
    """
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
    return targets[:, 0] if whole_column and task != "multilabel" else targets


def _decoded(targets: Array) -> Array:
    """Bytes as text in UTF-8."""
    try:
        return np.char.decode(targets, "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            "targets are bytes that are no text in UTF-8", "save them as text: array.astype(str)"
        ) from error
