"""Record: what run.json says of a run, typed; whatever else it says is kept as it is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, Field

from nnfs_cli.runs.change import Change
from nnfs_cli.runs.strict_json import TRUSTED, checked, parsed, printable

FINISHED, RUNNING, DIVERGED, INTERRUPTED = "finished", "running", "diverged", "interrupted"
Status = Literal["finished", "running", "diverged", "interrupted"]
MAX_TIME, EARLY_STOPPING, PRUNED = "max_time", "early_stopping", "pruned"
Stopped = Literal["max_time", "early_stopping", "pruned", "interrupted", "diverged"]
MAX_BYTES = 4 << 20
"""Of run.json: twice what a command line may have."""
MAX_VALUES, MAX_CONTAINERS = 400_000, 10_000
MAX_NUMBER = 10**15
NUMBER = re.compile(rb'^  "number": (\d{1,15}),?$', re.MULTILINE)


def _nan_for_null(value: Any) -> Any:
    return math.nan if value is None else value


Count = Annotated[int, Field(ge=0, le=MAX_NUMBER)]
Figure = Annotated[float, BeforeValidator(_nan_for_null)]
"""A loss or a metric; JSON has null where it is not finite."""
Figures = dict[str, Figure]


class Best(BaseModel):
    """The best epoch, and by which value it is."""

    model_config = TRUSTED

    epoch: Count
    monitor: str
    value: Figure
    higher_is_better: bool


class DataFacts(BaseModel):
    """The data that was trained on: its name, the hash of its arrays, the samples of each split."""

    model_config = TRUSTED

    name: str
    hash: str
    samples: dict[str, Count]
    substituted_for: str | None = None


class Record(BaseModel):
    """run.json."""

    model_config = TRUSTED

    id: str | None = None
    """The folder's name when the run was made."""
    number: Count
    """One more than that of the run that was the latest: an order that no clock can disturb."""
    status: Status
    """As written: a run that says ``running`` may have been killed, see :meth:`Run.status`."""
    stopped: Stopped | None = None
    """Why it ended before its last epoch; null if it did not, or trains."""
    created: str
    folder: str | None = None
    """Where it was started: relative paths of its config are relative to this folder."""
    argv: list[str]
    overrides: list[str]
    environment: dict[str, str]
    git: str | None
    data: DataFacts
    parameters: Count
    fingerprint: str
    epochs: Count
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    best: Best | None
    test: Figures | None
    metrics: Figures = Field(default_factory=dict)
    """Those of the best epoch."""
    steps: Count = 0
    workers: Annotated[int, Field(ge=1, le=64)] | None = None
    plugins: dict[str, str] = Field(default_factory=dict)
    """The SHA-256 of each file of the user's own components."""
    planned_epochs: Count | None = None
    """What ``resume --epochs`` asked for, as version 0.1 wrote it."""
    patience_from: Count = 0
    """Where patience began anew, as older versions wrote it."""
    resumed_with: list[Change] = Field(default_factory=list)
    """What ``resume`` changed, in the order of the steps."""

    @classmethod
    def parsed(cls, content: bytes) -> Record:
        """The record of these bytes. Raises ValueError with what is wrong, in a line."""
        return parsed(cls, content, MAX_VALUES, MAX_CONTAINERS)

    @property
    def patience_begins(self) -> int:
        """The epoch behind which early stopping counts: where the training last changed."""
        return max([self.patience_from, *(change.epoch for change in self.resumed_with)])

    @property
    def ended(self) -> str:
        """The status as people are told it: a run that its sweep has pruned is not interrupted."""
        return PRUNED if (self.status, self.stopped) == (INTERRUPTED, PRUNED) else self.status

    @property
    def figures(self) -> dict[str, float]:
        """The figures of the best epoch, and of the test, as ``test_accuracy``."""
        test = {f"test_{name}": value for name, value in (self.test or {}).items()}
        return self.metrics | test

    def to_json(self) -> dict[str, Any]:
        """Everything that was written or read, as JSON can hold it: null for NaN and infinity."""
        return cast("dict[str, Any]", _finite(self.model_dump(exclude_unset=True)))


def record_of(facts: Mapping[str, Any]) -> Record:
    """The record of a run as it is to be written, which is then sure to be readable.

    Raises ValueError if it would not be: that is a bug here.
    """
    return checked(Record, printable(dict(facts)))


def number_in(content: bytes) -> int:
    """The number in the bytes of run.json, quickly: there may be thousands of runs.

    As nnfs writes it, it has a line of its own, which no text in it can have and which parts of a
    record are indented more than. Raises ValueError if this is no record.
    """
    line = NUMBER.search(content) if content.startswith(b'{\n  "') else None
    return int(line[1]) if line else Record.parsed(content).number


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value
