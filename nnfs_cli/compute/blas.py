"""The library that multiplies NumPy's matrices: which it is, and how many threads it may use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threadpoolctl

KERNELS = {"SkylakeX", "Cooperlake", "SapphireRapids"}
"""The parts of OpenBLAS (for processors with AVX-512, AMD's included) with kernels for small
matrices."""


@cache
def controller() -> threadpoolctl.ThreadpoolController:
    """What threadpoolctl found; it takes some milliseconds to look."""
    import threadpoolctl

    return threadpoolctl.ThreadpoolController()


class _Limit:
    """The limit that those share who ask for it at the same time: the last one lifts it."""

    def __init__(self) -> None:
        self.lock, self.askers = Lock(), 0

    def ask(self) -> None:
        with self.lock:
            if not self.askers:
                self.limiter = controller().limit(limits=1, user_api="blas")
            self.askers += 1

    def lift(self) -> None:
        with self.lock:
            self.askers -= 1
            if not self.askers:
                self.limiter.restore_original_limits()


LIMIT = _Limit()


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it, a product of matrices stays on the thread that asks for it."""
    LIMIT.ask()
    try:
        yield
    finally:
        LIMIT.lift()


@cache
def has_small_kernels() -> bool:
    """Whether NumPy's BLAS is an OpenBLAS with kernels for small matrices."""
    return any(pool.get("architecture") in KERNELS for pool in controller().info())
