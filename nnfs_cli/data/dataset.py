"""The contract of a data set: where samples come from, before any of them is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from nnfs_cli.components.component import Component, family
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.augmentation import Augmentation
from nnfs_cli.data.folds import Fold
from nnfs_cli.data.source import Source

Kind = Literal["digit", "image", "vector", "table"]


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs (N, ...) as uint8 or float32; targets: class numbers (N,) int64, or values (N, k).

    ``origins`` says where in the user's files each sample stands, (N,) text, where that is known;
    ``notice`` is what the user must know of how a further file was read. ``ids`` (N,) are
    the texts of the column that names the samples, where there is one, and ``weights`` (N,) what
    each counts for in the loss and in the metrics, float32. ``distributions`` (N, K), float32, are
    the probabilities of all classes where those are known; the target is then the largest.
    """

    inputs: Array
    targets: Array
    origins: Array | None = None
    notice: str = ""
    ids: Array | None = None
    weights: Array | None = None
    distributions: Array | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    def pick(self, indices: Array) -> Samples:
        """The samples at these positions, copied."""
        also = (self.origins, self.ids, self.weights, self.distributions)
        origins, ids, weights, soft = (None if array is None else array[indices] for array in also)
        inputs, targets = self.inputs[indices], self.targets[indices]
        return Samples(inputs, targets, origins, ids=ids, weights=weights, distributions=soft)


@dataclass(frozen=True, eq=False)
class Loaded:
    """What a data set found: training samples, test samples if it has them, and the labels.

    ``validation`` are samples that the data itself keeps for it; others are split by `validation`.
    ``labels`` are the classes' names in the order of their numbers, empty for a regression.
    ``kind`` tells `predict` what an input is; ``columns`` holds what a table's reader must know to
    encode a new row (JSON, see ``data/columns.py``); ``white`` is the brightest value that a pixel
    can have, if the inputs are pixels; ``notice`` is what the user must know of how they were read;
    ``layout`` is how a table is written (see ``data/further.py``); ``span`` has the values of
    images of more than 8 bits that became 0 and 255. ``names`` are what several values a sample
    are called; with ``thresholds`` they are labels, of which a sample has any number.
    """

    train: Samples
    test: Samples | None = None
    labels: tuple[str, ...] = ()
    kind: Kind = "vector"
    columns: list[dict[str, Any]] = field(default_factory=list)
    white: int | None = None
    validation: Samples | None = None
    notice: str = ""
    layout: dict[str, Any] | None = None
    span: tuple[float, float] | None = None
    names: tuple[str, ...] = ()
    thresholds: tuple[float, ...] | None = None
    folded: bool = False
    """Whether ``validation`` is the fold that was asked for."""


@family("dataset", noun="data set")
class Dataset(Component):
    """Where samples come from, and how they are divided and scaled."""

    sizes: ClassVar[tuple[int, int] | None] = None
    """How many training and test samples there are, where that is known beforehand."""

    validation: int | float = Field(
        default=0.1,
        ge=0,
        kw_only=True,
        description="training samples kept for validation: a fraction, or a whole number",
    )
    split_seed: int = Field(
        default=0,
        ge=0,
        kw_only=True,
        description="seed of that division alone, so `seed` compares models",
    )
    fold: str | None = Field(
        default=None,
        kw_only=True,
        description="2/5 keeps the second of five folds for validation, in place of `validation`; "
        "`nnfs train --folds 5` trains with each",
    )
    limit: int | None = Field(
        default=None,
        ge=1,
        kw_only=True,
        description="use only so many training samples, for quick tries; they are drawn, every "
        "class by its fraction",
    )
    limit_takes: Literal["drawn", "first"] = Field(
        default="drawn",
        kw_only=True,
        description="which samples `limit` takes: drawn by class, or the first ones of the data",
    )
    normalize: Literal["none", "unit", "symmetric", "standard", "init_from"] = Field(
        default="standard",
        kw_only=True,
        description="none: as is; unit: to 0..1; symmetric: to -1..1; standard: mean 0, deviation "
        "1 of the training; init_from: as the run that init_from names",
    )
    augment: list[Augmentation] = Field(
        default_factory=list,
        kw_only=True,
        description="random changes of the training images, drawn anew in every step, in order",
    )
    normalize_targets: bool = Field(
        default=False,
        kw_only=True,
        description="regression: train on targets of mean 0 and deviation 1; predictions and "
        "metrics keep the data's own units",
    )

    @field_validator("validation")
    @classmethod
    def _share_below_one(cls, value: int | float) -> int | float:
        if isinstance(value, float) and value >= 1:
            raise ValueError("a fraction is below 1; write a whole number for a count")
        return value

    @field_validator("fold")
    @classmethod
    def _one_of_several(cls, value: str | None) -> str | None:
        if value is not None:
            Fold.parsed(value)
        return value

    @property
    def chosen_fold(self) -> Fold | None:
        """The fold that is the validation split, if one is."""
        return None if self.fold is None else Fold.parsed(self.fold)

    @model_validator(mode="after")
    def _limit_to_take(self) -> Self:
        if self.limit_takes == "first" and self.limit is None:
            raise ValueError("limit_takes: first needs a limit; say how many with `limit`")
        return self

    def load(self, source: Source) -> Loaded:
        """Read or generate the samples; raise DataError if they are missing or damaged."""
        raise NotImplementedError

    def repeated(self) -> Iterator[str]:
        """A sentence for each split that is the file of the training; data without files: none."""
        return iter(())

    def stand_in(self) -> Dataset | None:
        """What to use in its place if its files cannot be had; nothing, for most."""
        return None
