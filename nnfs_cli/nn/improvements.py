"""Whether a monitored value improves from epoch to epoch: for early stopping and plateaus."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from nnfs_cli.nn.schedule import History


class Improvements:
    """Follows a history: the best epoch so far, and how many epochs there were since.

    ``score`` is an epoch's value, more of which is better. An epoch is an improvement if it beats
    the last improvement by more than ``min_delta``. One whose score is NaN is no evidence: it is
    neither an improvement nor an epoch without one. A history is only ever appended to, and each
    of its epochs is read once, so that a training's cost stays proportional to its epochs.
    """

    def __init__(self, score: Callable[[Mapping[str, float]], float], min_delta: float) -> None:
        self.score, self.min_delta = score, min_delta
        self._history: History = ()
        self.begin()

    def begin(self) -> None:
        """Begin anew, before the first epoch."""
        self.epochs, self.best, self.best_epoch, self.waited = 0, -math.inf, 0, 0

    def follow(self, history: History) -> None:
        """Read the epochs that are new in the history; all of them if it is another one."""
        if history is not self._history or len(history) < self.epochs:
            self._history = history
            self.begin()
        while self.epochs < len(history):
            score = self.score(history[self.epochs])
            self.epochs += 1
            if not math.isnan(score):
                self.count(score)

    def count(self, score: float) -> None:
        """Count an epoch that has a score."""
        if score > self.best + self.min_delta:
            self.best, self.best_epoch, self.waited = score, self.epochs, 0
        else:
            self.waited += 1
