"""What this machine can give: processors, and memory, asked before much of it is taken."""

from __future__ import annotations

import os
from pathlib import Path

from nnfs_cli.errors import MachineError

MEMINFO = Path("/proc/meminfo")


def require_memory(needed: int, what: str, remedy: str) -> None:
    """Raise MachineError if ``what`` needs more bytes than there are."""
    there = available_bytes()
    if there is not None and needed > there:
        raise MachineError(
            f"{what} needs about {gibibytes(needed)}, and {gibibytes(there)} of memory are free",
            remedy,
        )


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_bytes() -> int | None:
    """Bytes that a process may still take, as far as the system tells; None if it does not."""
    limits = [limit for limit in (_free(), _own_limit()) if limit is not None]
    return min(limits, default=None)


def gibibytes(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count / 2**30:,.1f} GiB" if count >= 2**30 else f"{count / 2**20:,.0f} MiB"


def _free() -> int | None:
    try:
        for line in MEMINFO.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return None
    except (OSError, ValueError):
        return _physical()


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _own_limit() -> int | None:
    """What ``ulimit -v`` allows."""
    try:
        import resource
    except ImportError:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft
