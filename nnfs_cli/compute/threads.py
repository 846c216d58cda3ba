"""Threads for work that leaves the interpreter's lock; without them where none can be started."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def together(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """What two functions return that are called at once.

    One after the other where the system starts no thread, as a container does at its limit of
    processes. Raises what they raise.
    """
    with ThreadPoolExecutor(1) as pool:
        try:
            later = pool.submit(second)
        except RuntimeError:  # can't start new thread
            return first(), second()
        return first(), later.result()
