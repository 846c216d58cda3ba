"""The contract of a learning rate schedule: a pure function of the step and of the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import Field, field_validator

from nnfs_cli.components.component import Component, family

History = Sequence[Mapping[str, float]]
"""A record for each finished epoch: ``train_loss``, ``val_loss``, ..."""

Factors = Callable[[int, int, History], float]
"""The factor at a step of so many, after the epochs of a history: a schedule, or a later one."""


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


class LaterSchedule:
    """A schedule that begins in the middle of a training, as if the training began there.

    ``step`` and ``epoch`` are how many were done by then. Its curve spans the steps that are left,
    and it sees the epochs that follow.
    """

    def __init__(self, schedule: Schedule, step: int, epoch: int) -> None:
        self.schedule, self.step, self.epoch = schedule, step, epoch
        self._since = _Since((), epoch)

    def __call__(self, step: int, total_steps: int, history: History) -> float:
        """The factor at ``step`` (from 0) of ``total_steps``, both of the whole training."""
        if self._since.history is not history:
            self._since = _Since(history, self.epoch)
        return self.schedule(max(step - self.step, 0), total_steps - self.step, self._since)


@dataclass(frozen=True, eq=False)
class _Since(Sequence[Mapping[str, float]]):
    """A history from its epoch number ``start`` on, however long it grows."""

    history: History
    start: int

    def __len__(self) -> int:
        return max(len(self.history) - self.start, 0)

    def __getitem__(self, index: Any) -> Any:
        return self.history[self.start + index]
