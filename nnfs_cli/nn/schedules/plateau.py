"""Plateau: the learning rate falls when progress stops."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from nnfs_cli.components.component import nearest, schedule
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.improvements import Improvements
from nnfs_cli.nn.metric import higher_is_better
from nnfs_cli.nn.schedule import History, Schedule


@schedule("plateau", "reduce_on_plateau")
class Plateau(Schedule):
    """Multiply the learning rate by gamma after ``patience`` epochs without progress.

    An epoch is progress if it beats the best so far by more than ``min_delta``; more than
    ``patience`` epochs in a row without any make the learning rate fall, and the ``cooldown``
    epochs after a fall do not count, nor do epochs whose value is NaN. PyTorch's
    ReduceLROnPlateau with an absolute threshold, a function of the history, so that there is
    nothing to save.
    """

    monitor: str | None = Field(
        default=None, description="what to watch; null is val_loss, or train_loss without one"
    )
    gamma: float = Field(default=0.1, gt=0.0, lt=1.0, description="factor of each fall")
    patience: int = Field(
        default=5, ge=0, description="epochs without progress that are tolerated (PyTorch: 10)"
    )
    min_delta: float = Field(
        default=1e-4,
        ge=0.0,
        description="smaller changes are no progress (PyTorch's threshold of 0.0001 is relative: "
        "at a best of 20 it asks for 0.002)",
    )
    cooldown: int = Field(default=0, ge=0, description="epochs after a fall that do not count")
    min_factor: float = Field(default=0.0, ge=0.0, le=1.0, description="the factor's lower limit")

    def __post_init__(self) -> None:
        self._falls = _Falls(self)

    def factor(self, step: int, total_steps: int, history: History) -> float:
        """The factor after the epochs so far."""
        self._falls.follow(history)
        return self._falls.factor

    def score(self, record: Mapping[str, float]) -> float:
        """The epoch's value of what is monitored, negated if less is better."""
        key = self.monitor or ("val_loss" if "val_loss" in record else "train_loss")
        if key not in record:
            raise UsageError(
                f"the plateau schedule monitors {key!r}, which is not recorded",
                nearest(key, record),
            )
        return record[key] if higher_is_better(key) else -record[key]


class _Falls(Improvements):
    """The falls of the learning rate: the ``factor`` that they have led to."""

    def __init__(self, plateau: Plateau) -> None:
        self.plateau = plateau
        super().__init__(plateau.score, plateau.min_delta)

    def begin(self) -> None:
        """Begin anew, before the first epoch."""
        super().begin()
        self.factor, self.cooling = 1.0, 0

    def count(self, score: float) -> None:
        """Count an epoch; without progress for too long, let the rate fall."""
        super().count(score)
        if self.cooling:
            self.cooling, self.waited = self.cooling - 1, 0
        if self.waited > self.plateau.patience:
            self.factor = max(self.factor * self.plateau.gamma, self.plateau.min_factor)
            self.cooling, self.waited = self.plateau.cooldown, 0
