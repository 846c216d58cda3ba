"""Inverse time: a fall that slows down, as the older books and Keras have it."""

from __future__ import annotations

from pydantic import Field

from nnfs_cli.components.component import schedule
from nnfs_cli.nn.schedule import History, Schedule


@schedule("inverse_time")
class InverseTime(Schedule):
    """Fall as 1 / (1 + decay · step): a half after 1 / decay steps, a third after 2 / decay.

    The ``decay`` of the optimizers of Keras before 2.11, counted in steps and not in epochs.
    Robbins and Monro, "A Stochastic Approximation Method", 1951.
    """

    decay: float = Field(
        default=1e-3, ge=0.0, le=1e6, description="1 / (the steps to fall to a half)"
    )

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """1 / (1 + decay · step)."""
        return 1.0 / (1.0 + self.decay * step)
