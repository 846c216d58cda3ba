"""Exponential: the same fall every epoch."""

from __future__ import annotations

from pydantic import Field

from nnfs_cli.components.component import schedule
from nnfs_cli.nn.schedule import History, Schedule


@schedule("exponential")
class Exponential(Schedule):
    """Multiply the learning rate by gamma after every epoch: gamma ^ epoch."""

    gamma: float = Field(default=0.95, gt=0.0, le=1.0, description="factor from epoch to epoch")

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """gamma ^ epoch."""
        return float(self.gamma ** len(history))
