"""Cosine annealing, once or with warm restarts."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field

from nnfs_cli.components.component import schedule
from nnfs_cli.nn.schedule import History, Schedule


@schedule("cosine")
class Cosine(Schedule):
    """Fall along half a cosine: final + (1 - final) (1 + cos(π t)) / 2.

    t goes from 0 to 1 over the training, or in each of ``cycles`` equally long parts of it, after
    which the learning rate jumps back up (a warm restart).
    Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016,
    arXiv:1608.03983.
    """

    final: float = Field(default=0.0, ge=0.0, le=1.0, description="factor at the end of a cycle")
    cycles: int = Field(
        default=1, ge=1, le=10_000, description="equal parts of the training that restart at 1"
    )

    uses_horizon: ClassVar[bool] = True

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """final + (1 - final) (1 + cos(π t)) / 2."""
        if step >= total_steps:
            return self.final
        t = step * self.cycles % total_steps / total_steps
        return self.final + (1.0 - self.final) * 0.5 * (1.0 + math.cos(math.pi * t))
