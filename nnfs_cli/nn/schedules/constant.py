"""The constant schedule."""

from __future__ import annotations

from nnfs_cli.components.component import schedule
from nnfs_cli.nn.schedule import History, Schedule


@schedule("constant")
class Constant(Schedule):
    """The learning rate stays as it is: factor 1."""

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """One."""
        return 1.0
