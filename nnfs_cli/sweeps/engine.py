"""Engines: what runs the trials of a sweep. A sweep knows no more of one than this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from nnfs_cli.errors import MachineError
from nnfs_cli.sweeps.plan import Trial
from nnfs_cli.sweeps.trial import End, Word

KILLED = "killed"
"""How a trial ended whose process did not live to say so."""


class Engine(Protocol):
    """Runs trials, each apart from the others and from the sweep."""

    def submit(self, trial: Trial, wait: bool) -> None:
        """Begin a trial; with ``wait``, when no other process trains it. Raises MachineError.

        One that may be pruned says its value behind each epoch and waits for the answer.
        """

    def completed(self, seconds: float) -> Iterator[tuple[int, Word | End]]:
        """What the trials say, by number; waits at most so long for the first of it."""

    def answer(self, number: int, prune: bool) -> None:
        """Tell a trial that waits behind an epoch whether it stops there."""

    def cancel(self) -> None:
        """Ask all trials to save and stop; :meth:`completed` then tells how they ended."""

    def close(self) -> None:
        """End at once whatever is still at work."""


def killed(signum: int) -> End:
    """The end of a trial whose process got this signal."""
    message = f"its process was killed by signal {signum}"
    hint = "if memory ran out: a lower --jobs"
    return End(KILLED, MachineError.code, message=message, hint=hint)
