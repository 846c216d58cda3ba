"""The config: what a YAML file may say, closed at every level.

The open parts (layers, loss, optimizer, ...) are components, whose fields are their keys; the
sections that belong to the training itself are written here.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from nnfs_cli.components.component import STRICT
from nnfs_cli.components.described import plain
from nnfs_cli.components.fields import Words
from nnfs_cli.config.former_keys import rename_keys
from nnfs_cli.config.overrides import apply_overrides, read_with_ancestors
from nnfs_cli.config.problems import problems_of
from nnfs_cli.config.variables import expand_variables
from nnfs_cli.config.yaml_reader import MAX_BYTES, Document, parse, to_yaml
from nnfs_cli.data.dataset import Dataset
from nnfs_cli.errors import ConfigError, Problem
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.nn.schedule import Schedule
from nnfs_cli.nn.schedules.constant import Constant

DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")
MAX_NAME = 100
"""Characters of a run's name."""
SMALLER = "a network of fewer layers has a smaller one"


def seconds(value: Any) -> Any:
    """A duration such as ``90s``, ``5m`` or ``1h30m`` in seconds; numbers are seconds already."""
    match = DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        return value
    hours, minutes, rest = match.groups(default="0")
    return float(hours) * 3600 + float(minutes) * 60 + float(rest)  # inf if beyond a float


Duration = Annotated[str, Field(pattern=r"^(\d+h)?(\d+m)?(\d+(\.\d+)?s)?$", min_length=2)]
Seconds = Annotated[
    float,
    BeforeValidator(seconds, json_schema_input_type=float | Duration),
    Words("a duration", "90s, 5m or 1h30m"),
]


class Section(BaseModel):
    """A closed mapping of the config."""

    model_config = STRICT


class EarlyStopping(Section):
    """Stop when the monitored value has not improved for a while."""

    monitor: str | None = Field(
        default=None, description="a column of metrics.csv; null: val_loss, or else train_loss"
    )
    patience: int = Field(default=5, ge=1, description="epochs without improvement to wait")
    min_delta: float = Field(default=0.0, ge=0.0, description="smallest change that counts")


class Checkpoint(Section):
    """When to save, and what counts as the best epoch."""

    monitor: str | None = Field(
        default=None, description="decides `best`; null: val_loss, or else train_loss"
    )
    every_epochs: int = Field(default=1, ge=1, description="save at the end of every so many")
    every_seconds: Seconds = Field(
        default=30.0, ge=1.0, description="save within a long epoch too, at most so often"
    )


class Train(Section):
    """How long and how to train."""

    epochs: int = Field(default=10, ge=1, le=100_000, description="passes over the data")
    batch_size: Annotated[int, Field(ge=1)] | Literal["full"] = Field(
        default=64,
        description="samples a step; 1 is stochastic, full is batch gradient descent",
    )
    workers: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="processes that share each batch, each with random numbers of its own; "
        "null: 1 or 2, as the work of a step says",
    )
    clip_norm: float | None = Field(
        default=None, gt=0.0, description="largest allowed norm of the whole gradient"
    )
    clip_value: float | None = Field(
        default=None, gt=0.0, description="largest allowed size of each entry of the gradient"
    )
    max_time: Seconds | None = Field(
        default=None, gt=0.0, description="stop in good order after so long, such as 90s or 5m"
    )
    report_every: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="a line every so many epochs; null: every one, or of short ones some 200 in "
        "all; metrics.csv always has every one",
    )
    early_stopping: EarlyStopping | None = Field(
        default=None, description="stop when the monitored value no longer improves"
    )
    checkpoint: Checkpoint = Field(
        default_factory=Checkpoint, description="when to save, and what counts as best"
    )


class Config(Section):
    """A whole experiment: data, network, and how it is trained."""

    name: str | None = Field(
        default=None, max_length=MAX_NAME, description="names the run folder; null: the file's name"
    )
    seed: int = Field(
        default=0, ge=0, lt=2**63, description="decides the initial weights, order and dropout"
    )
    data: Dataset = Field(description="where the samples come from")
    layers: list[Layer] = Field(min_length=1, description="the network, first to last layer")
    loss: Loss = Field(description="what training lowers")
    optimizer: Optimizer = Field(description="how the gradient changes the parameters")
    schedule: Schedule = Field(
        default_factory=Constant, description="how the learning rate changes over the training"
    )
    metrics: list[Metric] = Field(
        default_factory=list, description="what to report beside the loss"
    )
    train: Train = Field(default_factory=Train, description="how long and how to train")
    init_from: str | None = Field(
        default=None, description="a run whose weights to start from, matched by name and shape"
    )

    def described(self) -> dict[str, Any]:
        """The config with every default written out, ready to be YAML or JSON."""
        return {name: _described(getattr(self, name)) for name in Config.model_fields}


def _described(value: Any) -> Any:
    return value.model_dump() if isinstance(value, Section) else plain(value)


@dataclass(frozen=True)
class ConfigFile:
    """A config's file as it was once: trials that begin later are trained as it was then."""

    content: bytes
    document: Document
    """With what it ``extends``."""

    @classmethod
    def read(cls, path: Path) -> ConfigFile:
        """The file as it is now. Raises ConfigError."""
        document = read_with_ancestors(path)
        return cls(path.read_bytes(), document)


def load_config(
    path: Path, overrides: Sequence[str] = (), file: ConfigFile | None = None
) -> tuple[Config, Document]:
    """Read, inherit, override and validate a config. Raises ConfigError with every problem.

    With ``file`` it is not read anew.

    The document comes along so that later problems, such as shapes that do not fit, can be
    reported at their line.
    """
    read = deepcopy(file.document) if file else read_with_ancestors(path)
    document = apply_overrides(read, overrides)
    if not (path.parent / "run.json").is_file():  # a run may come from a stranger
        expand_variables(document)
    config = validate(document)
    if config.name is None:
        config.name = path.stem.encode("utf-8", "replace").decode()[:MAX_NAME]
    if config.init_from and not config.init_from.startswith(("latest", "best")):
        beside = path.parent / config.init_from
        config.init_from = str(beside) if os.path.exists(beside) else config.init_from
    return config, document


def validate(document: Document) -> Config:
    """The config that a document describes, in which former keys are given today's names."""
    if not isinstance(document.value, dict):
        where = document.where(())
        hint = "start with `data:`, `layers:`, `loss:` and `optimizer:`, or with `nnfs init`"
        raise ConfigError([Problem("a config is a mapping of keys to values", hint, where)])
    rename_keys(document, Config)
    try:
        return Config.model_validate(document.value)
    except ValidationError as error:
        raise ConfigError(problems_of(error, Config, document)) from None


def require_readable(config: Config) -> None:
    """See that the config can be written into a run and read again. Raises ConfigError."""
    try:
        json.dumps(config.described(), ensure_ascii=False).encode()  # YAML escapes half letters
        text = to_yaml(config.described())
        too_large = len(text.encode()) > MAX_BYTES
    except UnicodeEncodeError:
        raise _unreadable("not text", "give files and folders names in UTF-8") from None
    if too_large:
        raise _unreadable(f"larger than {MAX_BYTES // 1024} KiB with every default", SMALLER)
    try:
        again = validate(parse(text, "config.yaml"))
    except ConfigError as error:
        what = f"refused: with every default it has {error.problems[0].message}"
        raise _unreadable(what, SMALLER) from None
    if again.described() != config.described():
        raise _unreadable("another one when read again", "report this")


def _unreadable(what: str, hint: str) -> ConfigError:
    return ConfigError([Problem(f"the config that the run would keep is {what}", hint)])
