"""Threads for work that leaves the interpreter's lock; without them where none can be started."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

WORTH_A_THREAD = 1 << 20
"""Bytes: to start one takes as long as to read some hundred thousand."""


def together(
    first: Callable[[], A], second: Callable[[], B], nbytes: int = WORTH_A_THREAD
) -> tuple[A, B]:
    """What two functions return that are called at once, each for an array of ``nbytes``.

    One after the other for a small one, and where the system starts no thread, as a container
    does at its limit of processes. Raises what they raise.
    """
    if nbytes < WORTH_A_THREAD:
        return first(), second()
    from concurrent.futures import ThreadPoolExecutor  # here, since most trainings are small

    with ThreadPoolExecutor(1) as pool:
        try:
            later = pool.submit(second)
        except RuntimeError:  # can't start new thread
            return first(), second()
        return first(), later.result()
