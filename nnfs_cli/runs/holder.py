"""Holder: who keeps a file for itself where the disk has no locks, written into that file.

Of a process of this very start of the system one can know whether it lives; of others, on another
machine or in another container, nothing. Only Linux tells these apart; elsewhere nothing is known.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

BOOT = Path("/proc/sys/kernel/random/boot_id")
NAMESPACE = "/proc/self/ns/pid"
"""Equal numbers of processes name the same one only within such a namespace."""
FREE = {"pid": None}
MAX_BYTES = 1000
FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


def write_holder(path: Path) -> None:
    """Say in the file at ``path`` that this process holds it. Raises OSError."""
    _replace(path, json.dumps(_described(os.getpid())).encode())


def clear_holder(path: Path) -> None:
    """Mark the file as free, if this process holds it."""
    if _read(path) == _described(os.getpid()):
        _replace(path, json.dumps(FREE).encode())


def holder_lives(path: Path) -> bool | None:
    """Whether the process that holds the file lives; None where that cannot be known."""
    told = _read(path)
    if told == FREE:
        return False
    if type(told.get("pid")) is not int or told["pid"] <= 0:
        return None
    here = _described(told["pid"])
    if not here["boot"] or (told.get("boot"), told.get("pids")) != (here["boot"], here["pids"]):
        return None
    try:
        os.kill(told["pid"], 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's process, which lives
        return True
    return here["begun"] is None or told.get("begun") == here["begun"]


def _described(pid: int) -> dict[str, Any]:
    return {"boot": _boot(), "pids": _namespace(), "pid": pid, "begun": _begun(pid)}


def _boot() -> str:
    try:
        return BOOT.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _namespace() -> str:
    try:
        return os.readlink(NAMESPACE)
    except OSError:
        return ""


def _begun(pid: int) -> int | None:
    """When a process began, in ticks since the system did: numbers of dead ones are given again.

    None where it is hidden. A process that is dead, and only waits to be collected, began never.
    """
    try:
        _, _, fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")
        state, *rest = fields.split()
        return -1 if state in "ZX" else int(rest[18])
    except (OSError, ValueError, IndexError):
        return None


def _read(path: Path) -> dict[str, Any]:
    try:
        descriptor = os.open(path, os.O_RDONLY | FLAGS)
    except OSError:
        return {}
    try:
        found = json.loads(os.read(descriptor, MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    finally:
        os.close(descriptor)
    return found if isinstance(found, dict) else {}


def _replace(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | FLAGS, 0o644)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
