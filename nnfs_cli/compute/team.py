"""The team of workers that share each batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy.typing as npt

T = TypeVar("T", float, npt.NDArray[Any])


class Team:
    """The workers that share each batch; this one is alone, and its shard is the whole."""

    rank = 0
    """Which of the workers this process is; number 0 is the one that the user started."""
    size = 1
    alone_because = ""
    """Why it is one worker, where two would have suited the work; empty otherwise."""

    def shard(self, count: int) -> slice:
        """This worker's shard of ``count`` things in a row."""
        return slice(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def start_batch(self, samples: int) -> None:
        """Learn how many samples the whole team's next batch has, for ``global_count``."""

    def all_reduce(self, value: T) -> T:
        """The sum of a number or an array over all workers, in the order of their ranks.

        Every worker has to call it. What it returns is not written to again.
        """
        return value

    def global_count(self, count: float) -> float:
        """How many the whole batch has of what this worker's samples have ``count`` of."""
        return count

    def barrier(self) -> None:
        """Go on when every worker has come here."""

    def hurry(self) -> None:
        """Let workers that were stopped go on: the training was asked to end."""

    @contextmanager
    def at_work(self, task: Callable[[], object]) -> Iterator[None]:
        """Within it, every worker but rank 0 runs ``task``."""
        yield
