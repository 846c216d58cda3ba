"""Your own arrays: one .npz file with inputs and targets, or two .npy files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data import array_names as names
from nnfs_cli.data.array_targets import Pair, as_targets, label_names
from nnfs_cli.data.arrays import (
    CHANNELS_HELP,
    ChannelOrder,
    as_inputs,
    is_channels_first,
    read_npy,
    read_npz,
)
from nnfs_cli.data.dataset import Dataset, Loaded, Samples
from nnfs_cli.data.faults import inside
from nnfs_cli.data.sample_weights import as_weights
from nnfs_cli.data.source import Source
from nnfs_cli.data.splitting import split_test
from nnfs_cli.data.tables.several_labels import (
    THRESHOLD_HELP,
    USUAL,
    Threshold,
)
from nnfs_cli.data.tables.targets import (
    TASK_HELP,
    Task,
    distributions_of,
    encode_like,
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
    sample_weight, sample_weight_val and sample_weight_test have what each sample counts for. Any
    other array is refused.
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
        weights = {split: arrays[name] for split, name in _weights([*arrays], pairs).items()}
        training = pairs["train"]
        for split, given in (("validation", self.validation), ("test", self.test)):
            if isinstance(given, str):
                if split in splits:
                    raise DataError(
                        f"{path} has {split} arrays, and data.{split} names a file",
                        "leave one of them out",
                    )
                splits[split] = _split_file(source.locate(given), training, split, weights)
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
                weights=weights,
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
        weights = _weights(there, pairs).values()
        names.refuse_others(path, there, [*pairs.values(), [*weights]])
        return there


def _weights(there: Sequence[str], pairs: Mapping[str, names.Pair]) -> dict[str, str]:
    """The arrays of weights by split."""
    found = {split: names.weights_name(there, split) for split in pairs}
    return {split: name for split, name in found.items() if name is not None}


def _split_file(path: Path, training: names.Pair, split: str, weights: dict[str, Array]) -> Pair:
    """The arrays of a file that is one split; puts its weights, if it has some, to the others."""
    chosen: list[names.Pair] = []
    weighed: list[str] = []

    def of_split(there: list[str]) -> list[str]:
        chosen.append(names.single_pair(path, there, training, split))
        name = names.weights_name(there, split) or names.weights_name(there, "train")
        weighed.extend([name] if name else [])
        names.refuse_others(path, there, [*chosen, weighed])
        return there

    arrays = read_npz(path, of_split)
    if weighed:
        weights[split] = arrays[weighed[0]]
    return _arrays(arrays, chosen[0])


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
    weights: Mapping[str, Array] | None = None,
) -> Loaded:
    """Check and encode arrays of inputs and targets; split off a test split if there is none.

    ``name`` is what the inputs' array is called, for the samples' origins; ``weights`` has those
    of the samples by split, ``train``, ``validation`` and ``test``.
    """
    targets = as_targets(train, task)
    found = learn_labels(targets, task)
    columns, thresholds = label_names(targets, task, threshold)
    labels = source.in_order(found) if source else found
    first = is_channels_first(train[0].shape, channels)
    inputs, white = as_inputs(_channels_last(train[0]) if first else train[0], "inputs")
    of_split = partial(_samples, labels, thresholds, weights)
    samples = of_split(inputs, targets, "train", name)

    def like_training(pair: Pair, split: str) -> Samples:
        x, _ = as_inputs(_channels_last(pair[0]) if first else pair[0], f"{split} inputs")
        if x.shape[1:] != inputs.shape[1:]:
            raise DataError(
                f"a {split} sample has the shape {x.shape[1:]}, "
                f"a training sample {inputs.shape[1:]}"
            )
        return of_split(x, as_targets(pair, task), split, f"x_{split}" if name else "")

    loaded = Loaded(
        samples,
        None if test is None else like_training(test, "test"),
        labels,
        "image" if inputs.ndim == 4 else "vector",
        white=white,
        validation=None if validation is None else like_training(validation, "validation"),
        notice=_notice(train[0].shape) if first and channels == "auto" else "",
        names=columns,
        thresholds=thresholds,
    )
    if test is not None:
        return loaded
    kept, drawn = split_test(samples, fraction)
    return replace(loaded, train=kept, test=drawn)


def _samples(
    labels: Sequence[str],
    thresholds: Sequence[float] | None,
    weights: Mapping[str, Array] | None,
    inputs: Array,
    targets: Array,
    split: str,
    name: str,
) -> Samples:
    """A split's samples, in the terms of the training; ``name`` is that of the inputs' array."""
    return Samples(
        inputs,
        encode_like(targets, labels, thresholds),
        array_origins(name, len(inputs)) if name else None,
        weights=_weights_of(weights, split, len(inputs)),
        distributions=distributions_of(targets, labels),
    )


def _weights_of(given: Mapping[str, Array] | None, split: str, count: int) -> Array | None:
    own = (given or {}).get(split)
    what = names.WEIGHTS if split == "train" else f"{names.WEIGHTS} of the {split}"
    return None if own is None else as_weights(own, count, what)


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
