"""The library that multiplies NumPy's matrices: which it is, and how many threads it may use."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

import threadpoolctl

KERNELS = {"SkylakeX", "Cooperlake", "SapphireRapids"}
"""The parts of OpenBLAS (for processors with AVX-512, AMD's included) with kernels for small
matrices."""


@cache
def controller() -> threadpoolctl.ThreadpoolController:
    """What threadpoolctl found; it takes a millisecond to look."""
    return threadpoolctl.ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Within it, a product of matrices stays on the thread that asks for it."""
    limits: AbstractContextManager[object] = controller().limit(limits=1, user_api="blas")
    return limits


@cache
def has_small_kernels() -> bool:
    """Whether NumPy's BLAS is an OpenBLAS with kernels for small matrices."""
    return any(pool.get("architecture") in KERNELS for pool in controller().info())
