"""Step and multi-step: the learning rate falls at chosen epochs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nnfs_cli.components.component import schedule
from nnfs_cli.nn.schedule import History, Schedule


@schedule("step")
class Step(Schedule):
    """Multiply the learning rate by gamma every few epochs: gamma ^ floor(epoch / every_epochs)."""

    every_epochs: int = Field(default=10, ge=1, description="epochs between two falls")
    gamma: float = Field(default=0.1, gt=0.0, le=1.0, description="factor of each fall")

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """gamma ^ floor(epoch / every_epochs)."""
        return float(self.gamma ** (len(history) // self.every_epochs))


@schedule("multi_step")
class MultiStep(Schedule):
    """Multiply the learning rate by gamma at each milestone: gamma ^ (milestones passed)."""

    milestones: list[Annotated[int, Field(ge=1)]] = Field(
        min_length=1, description="numbers of finished epochs after which it falls"
    )
    gamma: float = Field(default=0.1, gt=0.0, le=1.0, description="factor of each fall")

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """gamma ^ (milestones passed)."""
        passed = sum(milestone <= len(history) for milestone in self.milestones)
        return float(self.gamma**passed)
