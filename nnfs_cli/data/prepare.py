"""From a data set's description to what training uses: divided, measured, hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.compute.threads import together
from nnfs_cli.data.augmentations.augmenter import Augmenter
from nnfs_cli.data.dataset import Dataset, Loaded, Samples
from nnfs_cli.data.folds import Fold
from nnfs_cli.data.images.geometry import Geometry, like_mnist, measure
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.sample_weights import require_some_weight
from nnfs_cli.data.scaling import fit_scaling, moments
from nnfs_cli.data.source import Source, Unavailable
from nnfs_cli.data.splitting import LIMIT, VALIDATION, draw
from nnfs_cli.data.tables.columns import as_before
from nnfs_cli.data.tables.doubts import doubts, refuse_same_looks
from nnfs_cli.data.value_range import ValueRange
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.formatting import some

SPLITS = ("train", "validation", "test")
LARGE = 100.0
"""Targets beyond this are hard to reach for weights that start near zero."""


@dataclass(frozen=True, eq=False)
class Data:
    """The samples of a training, not yet scaled, with what scales them.

    ``dataset`` is what was really used: a stand-in, if ``substituted_for`` names what was asked
    for; ``notice`` then says so in a sentence that the user must see.
    """

    name: str
    train: Samples
    validation: Samples | None
    test: Samples | None
    preprocessing: Preprocessing
    hash: str
    """SHA-256 over the arrays used: equal hashes, equal data."""
    dataset: Dataset = field(default_factory=Dataset)
    substituted_for: str | None = None
    notice: str = ""

    @property
    def task(self) -> str:
        """What the targets are: classes, values or labels."""
        return self.preprocessing.task

    @property
    def classes(self) -> int | None:
        """How many classes there are; None for a regression."""
        return len(self.preprocessing.labels) or None

    @property
    def splits(self) -> dict[str, Samples]:
        """The splits that there are, by name: ``train``, ``validation``, ``test``."""
        splits: dict[str, Samples | None] = {name: getattr(self, name) for name in SPLITS}
        return {name: samples for name, samples in splits.items() if samples is not None}

    @property
    def sizes(self) -> dict[str, int]:
        """How many samples each split has."""
        return {name: len(samples) for name, samples in self.splits.items()}

    def split(self, name: str) -> Samples:
        """One of the splits. Raises UsageError for an unknown name, DataError for an absent one."""
        require_split(name)
        if name not in self.splits:
            there = ", ".join(self.splits)
            raise DataError(f"{self.name} has no {name} samples here", f"there is {there}")
        return self.splits[name]

    def augmenter(self) -> Augmenter:
        """What changes training images, one for each worker. Raises ShapeError."""
        shape, white = self.preprocessing.input_shape, self.preprocessing.white
        return Augmenter(self.dataset.augment, shape, white)


def require_split(name: str) -> None:
    """Raise UsageError unless a split can be called so."""
    if name not in SPLITS:
        raise UsageError(f"--split expects one of {', '.join(SPLITS)}, received {name!r}")


def prepare(dataset: Dataset, source: Source) -> Data:
    """Load, limit, divide (stratified for classes), and fit the scaling to the training split.

    Raises DataError if the data is missing, damaged, or too little to learn from.
    """
    try:
        return assemble(dataset.load(source), dataset, dataset.word)
    except Unavailable as unavailable:
        stand_in = dataset.stand_in()
        if stand_in is None:
            raise
        reason = unavailable.message
    return replace(
        assemble(stand_in.load(source), stand_in, stand_in.word),
        substituted_for=dataset.word,
        notice=f"{reason}; using the bundled {stand_in.word} in its place",
    )


def assemble(loaded: Loaded, dataset: Dataset, name: str) -> Data:
    """Limit, divide and measure what was loaded, as the data set's fields say."""
    train, validation = _divided(_limited(loaded, dataset), loaded, dataset)
    test = loaded.test if loaded.test is not None and len(loaded.test) else None
    _check_classes(train, loaded.labels)
    refuse_same_looks(loaded.names, "labels" if loaded.thresholds else "targets")
    splits = {"training": train, "validation": validation, "test": test}
    require_some_weight({name: split for name, split in splits.items() if split is not None})
    # In the hash a table's classes have the names that runs of earlier versions gave them.
    names = tuple(as_before(loaded.labels, ())) if loaded.columns else loaded.labels
    (scale, shift), digest = together(  # neither holds the interpreter's lock
        lambda: fit_scaling(train.inputs, dataset.normalize, loaded.white),
        lambda: hash_samples(names, train, validation, test),
        train.inputs.nbytes,
    )
    mean, deviation = _fit_targets(train, loaded, dataset)
    preprocessing = Preprocessing(
        input_shape=train.inputs.shape[1:],
        scale=scale,
        shift=shift,
        labels=loaded.labels,
        kind=loaded.kind,
        columns=loaded.columns,
        white=loaded.white,
        layout=loaded.layout,
        span=loaded.span,
        figures=_figures(train.inputs, loaded),
        value_range=ValueRange.of(train.inputs),
        target_mean=mean,
        names=loaded.names,
        thresholds=loaded.thresholds,
        target_deviation=deviation,
    )
    told = [
        loaded.notice,
        "" if loaded.labels or mean is not None else _notice_of_size(train),
        *_unseen(train, loaded),
        *doubts(train, validation, test, loaded.columns),
        *dataset.repeated(),
    ]
    notice = "; ".join(filter(None, told))
    return Data(name, train, validation, test, preprocessing, digest, dataset, notice=notice)


def _figures(inputs: Array, loaded: Loaded) -> Geometry | None:
    """The geometry of images that are centred figures, known of MNIST and measured in others."""
    if loaded.kind == "digit":
        return like_mnist(inputs.shape[1])
    return measure(inputs, loaded.white) if loaded.white else None


def _fit_targets(
    train: Samples, loaded: Loaded, dataset: Dataset
) -> tuple[Array | None, Array | None]:
    """Mean and deviation of each value to predict; 1 for one that never changes."""
    if not dataset.normalize_targets:
        return None, None
    if loaded.labels or loaded.thresholds:
        raise DataError("normalize_targets is for regression, and the data has classes")
    mean, deviation = moments(train.targets)
    return mean.astype(np.float32), np.where(deviation > 0, deviation, 1).astype(np.float32)


def _notice_of_size(train: Samples) -> str:
    largest = float(np.abs(train.targets).max())
    if largest <= LARGE:
        return ""
    return f"the targets reach {largest:.3g}: add data.normalize_targets=true to learn them faster"


def _unseen(train: Samples, loaded: Loaded) -> Iterator[str]:
    """What to say of labels that every training sample has, or none."""
    if loaded.thresholds is None:
        return
    shares = train.targets.mean(axis=0)
    for share, how in ((0.0, "no"), (1.0, "every")):
        names = [name for name, own in zip(loaded.names, shares, strict=True) if own == share]
        if names:
            labels = "the label" if len(names) == 1 else "the labels"
            yield f"{how} training sample has {labels} {some([*map(repr, names)])}"


def hash_samples(labels: tuple[str, ...], *splits: Samples | None) -> str:
    """SHA-256 over labels, shapes, types and bytes, in order."""
    digest = hashlib.sha256(json.dumps(labels).encode())
    for split in splits:
        for array in () if split is None else _arrays(split):
            if array is None:
                continue
            digest.update(f"{array.shape}{array.dtype.str}".encode())
            digest.update(np.ascontiguousarray(array).data)
        digest.update(b"|")
    return digest.hexdigest()


def _arrays(split: Samples) -> tuple[Array | None, ...]:
    return split.inputs, split.targets, split.weights, split.distributions


def _limited(loaded: Loaded, dataset: Dataset) -> Samples:
    """As many training samples as ``limit`` allows; of drawn ones every class, if it can be."""
    train = loaded.train
    if not len(train):
        raise DataError("there are no training samples")
    if dataset.limit is None or dataset.limit >= len(train):
        return train
    if dataset.limit_takes == "first":
        return train.pick(np.arange(dataset.limit))
    generator = stream(dataset.split_seed, Purpose.SPLIT, LIMIT)
    return train.pick(draw(train.targets, dataset.limit, generator))


def _divided(train: Samples, loaded: Loaded, dataset: Dataset) -> tuple[Samples, Samples | None]:
    """Draw the validation split unless it is given; one sample of each class stays at least."""
    asked, given = dataset.validation, loaded.validation
    if dataset.chosen_fold is not None and not loaded.folded:
        return _folded(train, given, dataset.chosen_fold, dataset.split_seed)
    if not asked and not loaded.folded:
        return train, None
    if given is not None:
        return train, given
    count = asked if isinstance(asked, int) else max(1, round(asked * len(train)))
    generator = stream(dataset.split_seed, Purpose.SPLIT, VALIDATION)
    try:
        validation = draw(train.targets, count, generator, spare=1)
    except ValueError:
        raise DataError(
            f"too few samples: {count:,} of {len(train):,} cannot be kept for validation",
            "at least one of each class must stay for training: lower validation",
        ) from None
    kept = np.ones(len(train), dtype=bool)
    kept[validation] = False
    return train.pick(np.flatnonzero(kept)), train.pick(validation)


def _folded(
    train: Samples, given: Samples | None, fold: Fold, seed: int
) -> tuple[Samples, Samples]:
    """All folds but one, and that one; samples of no file are known by their position."""
    if given is not None:
        raise DataError(
            "the data keeps a validation split of its own, so folds cannot take turns",
            "leave data.fold (--folds) out, or put those samples to the others",
        )
    if train.origins is None:
        train = replace(train, origins=np.arange(len(train)).astype(str))
    held = fold.of(train.targets, seed)
    return train.pick(np.flatnonzero(~held)), train.pick(np.flatnonzero(held))


def _check_classes(train: Samples, labels: tuple[str, ...]) -> None:
    if not labels:
        return
    counts = np.bincount(train.targets, minlength=len(labels))
    if np.count_nonzero(counts) < 2:
        only = labels[int(np.argmax(counts))]
        raise DataError(
            f"all {len(train):,} training samples are of one class, {only!r}",
            "there is nothing to tell apart: give samples of two classes or more",
        )
    refuse_same_looks(labels)
    absent = [label for label, count in zip(labels, counts, strict=True) if not count]
    if absent:
        raise DataError(
            f"no training sample is of class {', '.join(map(repr, absent[:5]))}",
            f"training needs at least one sample of each of the {len(labels)} classes",
        )
