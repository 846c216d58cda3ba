"""What a process and the processes it forked take: memory and processor time, from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

MIB = 1024  # of the KiB that the kernel tells


def peak_mib(pid: int) -> float:
    """The largest resident memory of a process so far, and what its workers have for themselves.

    Adding up resident sizes would count what a fork shares twice. 0 where there is no /proc.
    """
    own = kib(pid, "status", ("VmHWM",))
    private = ("Private_Clean", "Private_Dirty")
    return (own + sum(kib(child, "smaps_rollup", private) for child in children(pid))) / MIB


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and its workers so far."""
    ticks = 0
    for number in (pid, *children(pid)):
        text = told(number, "stat")
        ticks += sum(int(field) for field in text.rpartition(")")[2].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def kib(pid: int, file: str, keys: tuple[str, ...]) -> int:
    lines = (line.partition(":") for line in told(pid, file).splitlines())
    return sum(int(value.split()[0]) for key, _, value in lines if key in keys)


def children(pid: int) -> Iterator[int]:
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        yield from map(int, told(pid, str(tasks.relative_to(f"/proc/{pid}"))).split())


def told(pid: int, file: str) -> str:
    """What the kernel says of a process; nothing of one that has ended."""
    try:
        return Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return ""
