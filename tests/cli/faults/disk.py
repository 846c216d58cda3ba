"""A disk that fails: every write, fsync and rename of a process counted, the n-th gone wrong."""

from __future__ import annotations

import errno
import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nnfs_cli.runs import checkpointing as saving
from nnfs_cli.runs import rows

CALLS = {"fsync": 0, "replace": 1, "mkdir": 0, "symlink": 1, "truncate": 0}
"""What is watched, and which argument says which file it is about."""


class Disk:
    """What :meth:`install` puts between this process and its disk.

    The ``nth`` call goes wrong, or the n-th of those called ``call``. Then ``action``, if it is a
    signal's name, is sent to this process; if it is an errno's, it is raised.
    """

    def __init__(self, action: str = "nothing", call: str = "", nth: int = 0) -> None:
        self.action, self.call, self.nth = action, call, nth
        self.calls: list[str] = []

    def install(self, pause: float = saving.MIN_SECONDS) -> None:
        """From now on; there is no way back but the end of the process.

        ``pause`` is what lies between two checkpoints, in seconds.
        """
        saving.MIN_SECONDS = pause
        rows.MAX_WAIT = 0.0  # a write for every epoch, however short
        self.open, io.open = io.open, self._open  # type: ignore[assignment]
        for name, place in CALLS.items():
            setattr(os, name, self._watched(name, place, getattr(os, name)))

    def comes(self, call: str) -> bool:
        """Note a call; whether it is the one that goes wrong."""
        self.calls.append(call)
        return call.startswith(self.call) and self._count() == self.nth

    def _count(self) -> int:
        return sum(call.startswith(self.call) for call in self.calls)

    def go_wrong(self) -> None:
        if self.action.startswith("SIG"):
            for name in self.action.split("+"):
                os.kill(os.getpid(), getattr(signal, name))
        elif self.action != "nothing":
            number = getattr(errno, self.action)
            raise OSError(number, os.strerror(number))

    def _watched(self, name: str, place: int, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if self.comes(f"{name} {_named(arguments[place])}"):
                self.go_wrong()
            return real(*arguments, **options)

        return call

    def _open(
        self, file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **more: Any
    ) -> Any:
        if "r" in mode:
            return self.open(file, mode, buffering, *rest, **more)
        buffered = io.BufferedWriter(_File(self, file, mode.replace("b", "")))
        return buffered if "b" in mode else io.TextIOWrapper(buffered, *rest, **more)


class _File(io.FileIO):
    """A file whose write may be the one that goes wrong, half of it done."""

    def __init__(self, disk: Disk, file: Any, mode: str) -> None:
        super().__init__(file, mode)
        self.disk = disk

    def write(self, data: Any) -> int:
        if self.disk.comes(f"write {_named(self.name)}"):
            if self.disk.action != "EINTR":
                super().write(memoryview(data)[: len(data) // 2])
            self.disk.go_wrong()
            if self.disk.action != "EINTR":
                return len(data) // 2
        return super().write(data)


def _named(file: Any) -> str:
    """The name that people know: ``last.npz`` for ``last.npz.123.tmp``."""
    path = os.readlink(f"/proc/self/fd/{file}") if isinstance(file, int) else os.fspath(file)
    return Path(path).name.removesuffix(".tmp").removesuffix(f".{os.getpid()}")
