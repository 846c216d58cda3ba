"""Inverse square root: a fall that slows down and needs no end."""

from __future__ import annotations

import math

from pydantic import Field

from nnfs_cli.components.component import schedule
from nnfs_cli.nn.schedule import History, Schedule


@schedule("inverse_sqrt")
class InverseSqrt(Schedule):
    """Fall as 1 / sqrt(step): sqrt(timescale / (timescale + step)).

    After a warmup of just as many steps as ``timescale`` it is the Transformer's schedule.
    Vaswani et al., "Attention Is All You Need", 2017, arXiv:1706.03762.
    """

    timescale: int = Field(
        default=1000, ge=1, description="steps (after the warmup) to fall to 1 / sqrt(2)"
    )

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """sqrt(timescale / (timescale + step))."""
        # The last step of the warmup already has factor 1, so the fall begins right after it.
        return math.sqrt(self.timescale / (self.timescale + step))
