"""Change: a key of a run's config that ``nnfs resume`` changed, and when; a record lists them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from nnfs_cli.config.yaml_reader import scalar_to_yaml
from nnfs_cli.runs.strict_json import TRUSTED, modest

Key = Literal[
    "train.epochs",
    "optimizer.lr",
    "schedule",
    "train.early_stopping",
    "train.early_stopping.patience",
]
MAX_COUNT = 10**15
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Value = Annotated[Any, BeforeValidator(modest)]


class Change(BaseModel):
    """A key of the config and its new ``value``, behind so many steps and finished epochs."""

    model_config = TRUSTED | {"extra": "forbid"}

    key: Key
    before: Value
    value: Value
    epoch: Count
    step: Count

    @property
    def place(self) -> tuple[int, int]:
        """Finished epochs and steps, after which it holds."""
        return self.epoch, self.step

    def __str__(self) -> str:
        return f"{self.key}={flow(self.value)} from step {self.step + 1}"


def flow(value: Any) -> str:
    """A value on one line of YAML, as an override has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar_to_yaml(value)
