"""The contract of a learning rate schedule: a pure function of the step and of the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field, field_validator

from nnfs_cli.components.component import Component, family

History = Sequence[Mapping[str, float]]
"""A record for each finished epoch: ``train_loss``, ``val_loss``, ..."""


@family("schedule")
class Schedule(Component):
    """The factor on the optimizer's learning rate at each step.

    ``warmup`` lets the factor rise in a straight line first; the schedule's own curve starts
    after it, over the steps that remain.
    """

    warmup: int | float = Field(
        default=0,
        ge=0,
        kw_only=True,
        description="steps of warmup: a whole number, or a fraction of all steps",
    )

    @field_validator("warmup")
    @classmethod
    def _check_warmup(cls, warmup: int | float) -> int | float:
        if isinstance(warmup, float) and warmup >= 1.0:
            raise ValueError("a fraction is below 1; write a whole number to count steps")
        return warmup

    uses_horizon: ClassVar[bool] = False
    """Whether the curve depends on how long the training will be."""

    @property
    def plans_ahead(self) -> bool:
        """Whether the factors would change if the training became longer."""
        return self.uses_horizon or (isinstance(self.warmup, float) and self.warmup > 0)

    def __call__(self, step: int, total_steps: int, history: History) -> float:
        """The factor at ``step`` (from 0) of ``total_steps``, after the epochs of ``history``."""
        warmup = self.warmup
        rising = warmup if isinstance(warmup, int) else round(warmup * total_steps)
        if step < rising:
            return (step + 1) / rising * self.factor(0, max(total_steps - rising, 1), history)
        return self.factor(step - rising, max(total_steps - rising, 1), history)

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """The curve after the warmup; ``len(history)`` is the number of the current epoch."""
        raise NotImplementedError
