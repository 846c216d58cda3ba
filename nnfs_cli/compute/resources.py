"""What this machine can give: processors, and memory, asked before much of it is taken."""

from __future__ import annotations

import math
import os
from functools import cache
from pathlib import Path

from nnfs_cli.errors import MachineError

PROC, CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")
MEMORY_FILES = (
    ("memory.max", "memory.current"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes"),
)
"""A control group's limit and what it has taken, of version 2 and 1."""


NUMPY_BYTES = 160 * 2**20
"""Of address space, which loading NumPy and its BLAS takes."""


def require_memory(needed: int, what: str, remedy: str) -> None:
    """Raise MachineError if ``what`` needs more bytes than there are."""
    there = available_bytes()
    if there is not None and needed > there:
        raise MachineError(
            f"{what} needs about {gibibytes(needed)}, and {gibibytes(there)} of memory are free",
            remedy,
        )


def processors() -> int:
    """How many processors this process may use: a container's quota counts, rounded up."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([own, *(math.ceil(quota) for quota in _quotas())])


def require_address_space() -> None:
    """Raise MachineError if NumPy cannot be loaded: its BLAS would end the process."""
    left = _address_space()
    if left is not None and left < NUMPY_BYTES:
        raise MachineError(
            f"NumPy needs {gibibytes(NUMPY_BYTES)} of address space, {gibibytes(left)} are left",
            "raise the limit (ulimit -v)",
        )


def available_bytes() -> int | None:
    """Bytes that a process may still take, as far as the system tells; None if it does not."""
    return min(
        [b for b in (_free(), _address_space()) if b is not None] + _group_bytes(), default=None
    )


def gibibytes(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count / 2**30:,.1f} GiB" if count >= 2**30 else f"{count / 2**20:,.0f} MiB"


def _free() -> int | None:
    try:
        for line in (PROC / "meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return _physical()


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _address_space() -> int | None:
    """What ``ulimit -v`` leaves."""
    try:
        import resource
    except ImportError:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return None
    pages = _numbers(PROC / "self/statm")
    taken = pages[0] * os.sysconf("SC_PAGE_SIZE") if pages else 0
    return max(soft - taken, 0)


def _group_bytes() -> list[int]:
    """What each control group above this process leaves of its memory.

    Files that were read count as taken, though the kernel gives their memory back when it is
    needed.
    """
    left = []
    for folder in _groups("memory"):
        for limit, taken in MEMORY_FILES:
            most, used = _numbers(folder / limit), _numbers(folder / taken)
            if most and used:
                left.append(max(most[0] - used[0] + _cached(folder), 0))
    return left


def _cached(folder: Path) -> int:
    try:
        lines = (folder / "memory.stat").read_text("ascii").splitlines()
        pairs = dict(line.split() for line in lines)
        return int(pairs.get("total_inactive_file", pairs.get("inactive_file", 0)))
    except (OSError, ValueError):
        return 0


@cache
def _quotas() -> list[float]:
    """How many processors each control group above this process may keep busy: read once."""
    quotas = []
    for folder in _groups("cpu"):
        quota = _numbers(folder / "cpu.max")
        if not quota:
            quota = _numbers(folder / "cpu.cfs_quota_us") + _numbers(folder / "cpu.cfs_period_us")
        if len(quota) == 2 and min(quota) > 0:
            quotas.append(quota[0] / quota[1])
    return quotas


def _groups(controller: str) -> list[Path]:
    """Folders of the groups this process is in, with those above them, of version 2 and 1.

    In a container the path that /proc names is often the host's, and the folders of the container
    itself lie at the top: a folder that is not there is passed over.
    """
    folders = []
    try:
        lines = (PROC / "self/cgroup").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        lines = ["0::/"]
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        roots = [CGROUPS / controllers, CGROUPS / controller] if controllers else [CGROUPS]
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for root in dict.fromkeys(roots):
            folders += [root.joinpath(*parts[:depth]) for depth in range(len(parts) + 1)]
    return folders


def _numbers(file: Path) -> list[int]:
    """The whole numbers in a file of the kernel; none for ``max``, or where there is no file."""
    try:
        return [int(word) for word in file.read_text("ascii").split()]
    except (OSError, ValueError):
        return []
