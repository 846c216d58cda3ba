"""Polynomial: a straight or bent line down to the end of training."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nnfs_cli.components.component import schedule
from nnfs_cli.nn.schedule import History, Schedule


@schedule("polynomial")
class Polynomial(Schedule):
    """Fall from 1 to ``final`` over the whole training: final + (1 - final) (1 - t)^power.

    t = step / total_steps. Power 1 is a straight line.
    """

    power: float = Field(default=1.0, gt=0.0, le=100.0, description="1 is a straight line")
    final: float = Field(default=0.0, ge=0.0, le=1.0, description="factor at the end of training")

    uses_horizon: ClassVar[bool] = True

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """final + (1 - final) (1 - t)^power."""
        left = max(1.0 - step / total_steps, 0.0)
        return float(self.final + (1.0 - self.final) * left**self.power)
