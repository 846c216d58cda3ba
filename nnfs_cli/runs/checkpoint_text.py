"""The JSON text of a checkpoint, typed: it is accepted only if its parts fit together."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from nnfs_cli.runs.change import Change
from nnfs_cli.runs.strict_json import TRUSTED, modest

MAX_RANK = 8
MOST = 10**15

Count = Annotated[int, Field(ge=0, le=MOST)]
Size = Annotated[int, Field(ge=1, le=MOST)]
Probability = Annotated[float, Field(gt=0, le=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Vector = Annotated[list[Finite], Field(min_length=1)]


class Column(BaseModel):
    """What was learned of a column of a table: see ``data/columns.py``."""

    model_config = TRUSTED | {"extra": "forbid"}

    name: str | None = None
    kind: Literal["number", "category", "target", "ignored"]
    categories: list[str] = Field(default_factory=list)
    decimal: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    separator: Annotated[str, Field(min_length=1)] | None = None
    as_written: bool = False
    id: bool = False
    weight: bool = False

    @property
    def features(self) -> int:
        """How many inputs it makes."""
        return {"number": 1, "category": len(self.categories)}.get(self.kind, 0)


class Layout(BaseModel):
    """How the training's file was written: see ``data/further.py``, ``data/array_names.py``."""

    model_config = TRUSTED | {"extra": "forbid"}

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | Literal["blanks"] | None = None
    header: bool | None = None
    inputs: str | None = None
    targets: str | None = None
    transpose: bool = False
    labels: str | None = None


class StoredGeometry(BaseModel):
    """Where figures lie in their images: see :class:`nnfs_cli.data.images.geometry.Geometry`."""

    model_config = TRUSTED | {"extra": "forbid"}

    box: Size
    middle: Finite
    least: Finite
    most: Finite
    offset: Finite
    by: Literal["mass", "extent"]


class StoredRange(BaseModel):
    """The range of the inputs: see :class:`nnfs_cli.data.value_range.ValueRange`."""

    model_config = TRUSTED | {"extra": "forbid"}

    low: Finite
    high: Finite
    whole: bool


class StoredPreprocessing(BaseModel):
    """What is done to inputs: see ``data/preprocessing.py``."""

    model_config = TRUSTED | {"extra": "forbid"}

    input_shape: Annotated[list[Size], Field(min_length=1, max_length=MAX_RANK)]
    scale: Finite | Vector
    shift: Finite | Vector
    labels: list[str]
    kind: str
    columns: list[Column]
    white: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    layout: Layout | None = None
    span: Annotated[list[Finite], Field(min_length=2, max_length=2)] | None = None
    figures: StoredGeometry | None = None
    value_range: StoredRange | None = None
    target_mean: Vector | None = None
    target_deviation: Vector | None = None
    names: list[str] = Field(default_factory=list)
    thresholds: Annotated[list[Probability], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> StoredPreprocessing:
        for name in ("scale", "shift"):
            numbers = getattr(self, name)
            if isinstance(numbers, list) and len(numbers) not in (1, self.input_shape[-1]):
                raise ValueError(f"{name} has {len(numbers)} numbers for {self.input_shape}")
        shape, figures = self.input_shape, self.figures
        if figures and (len(shape) != 3 or not figures.box <= shape[0] == shape[1]):
            raise ValueError(f"figures of {figures.box} pixels for {shape}")
        features = sum(column.features for column in self.columns)
        if self.columns and features != math.prod(self.input_shape):
            raise ValueError(f"columns make {features} features for {self.input_shape}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("a label occurs twice")
        if self.thresholds is not None and (self.labels or len(self.thresholds) != len(self.names)):
            raise ValueError("names and thresholds do not belong together")
        means, deviations = self.target_mean, self.target_deviation
        if (means is None) != (deviations is None) or len(means or ()) != len(deviations or ()):
            raise ValueError("target_mean and target_deviation do not belong together")
        return self


class DataStamp(BaseModel):
    """Which data it was."""

    model_config = TRUSTED

    name: str
    hash: str


class StoredHistory(BaseModel):
    """The figures of the epochs so far, which metrics.csv holds: see ``runs/history.py``."""

    model_config = TRUSTED | {"extra": "forbid"}

    epochs: Count
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class StoredProgress(BaseModel):
    """How far the training is: see :class:`nnfs_cli.training.loop.Progress`."""

    model_config = TRUSTED | {"extra": "forbid"}

    epoch: Count
    step: Count
    batch: Count
    loss_sum: float
    weight_sum: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    metric_sums: list[list[float]] = Field(default_factory=list)
    history: list[dict[str, float]] | StoredHistory
    """Of format 1, or of format 2."""
    trace: list[Annotated[list[float], Field(min_length=2, max_length=2)]] = Field(
        default_factory=list
    )
    trace_every: Size = 1

    @model_validator(mode="after")
    def _fits(self) -> StoredProgress:
        past = self.history
        epochs = len(past) if isinstance(past, list) else past.epochs
        if epochs != self.epoch:
            raise ValueError(f"a history of {epochs} epochs after {self.epoch}")
        if isinstance(past, list) and any(each.keys() != past[0].keys() for each in past):
            raise ValueError("not every epoch of the history has the same figures")
        steps = [step for step, _ in self.trace]
        if not all(1 <= step <= self.step and step == int(step) for step in steps):
            raise ValueError("the trace names a step that was not taken")
        return self


class StoredText(BaseModel):
    """The whole text."""

    model_config = TRUSTED

    format: Size
    config: Annotated[dict[str, Any], BeforeValidator(modest)]
    preprocessing: StoredPreprocessing
    data: DataStamp
    progress: StoredProgress
    optimizer_steps: Count
    resumed_with: list[Change] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits(self) -> StoredText:
        places = [change.place for change in self.resumed_with]
        if places != sorted(places) or places[-1:] > [(self.progress.epoch, self.progress.step)]:
            raise ValueError("resumed_with names steps that were not taken, or not in their order")
        return self
