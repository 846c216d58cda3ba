"""Which epochs get a line, on the terminal and in train.log: those that a person can follow."""

from __future__ import annotations

import time
from itertools import cycle

MAX_LINES = 200
"""Of a training whose epochs are short."""
SHORT = 0.1
"""Seconds: of longer epochs each gets a line."""


class Pace:
    """The lines of a training of ``epochs``, of which some are ``done`` when it begins.

    One every ``every`` epochs. By itself every epoch, or, where epochs are short, each 2nd, 5th,
    10th, 20th, ... so that there are no more than 200 lines. The last epoch always has one.
    """

    def __init__(self, epochs: int, done: int, every: int | None) -> None:
        self.epochs, self.done = epochs, done
        self.thins_itself = every is None
        self.every = every or round_interval(epochs)
        self.began = time.monotonic()

    def is_due(self, epoch: int) -> bool:
        """Whether an epoch that just ended, counted from one, gets a line."""
        if epoch % self.every == 0 or epoch == self.epochs:
            return True
        return self.thins_itself and time.monotonic() - self.began >= SHORT * (epoch - self.done)


def round_interval(epochs: int) -> int:
    """The least of 1, 2, 5, 10, 20, ... that makes of so many epochs at most 200 lines."""
    interval, factors = 1, cycle((2.0, 2.5, 2.0))
    while epochs > interval * MAX_LINES:
        interval = round(interval * next(factors))
    return interval
