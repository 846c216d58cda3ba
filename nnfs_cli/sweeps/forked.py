"""Trials as forked processes: each begins with all modules and the data in memory already.

A trial's process has no terminal, closes every file that it inherits, writes what others print to
the sweep's log, and tells how it is through a pipe. Signals are left to the sweep, which sends
SIGTERM to make a trial save and stop; the system sends it too if the sweep itself is killed.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import NoReturn

from nnfs_cli.compute.process_team import PR_SET_PDEATHSIG, ready_to_fork
from nnfs_cli.errors import MachineError
from nnfs_cli.runs.signals import WATCHED
from nnfs_cli.sweeps.engine import KILLED, killed
from nnfs_cli.sweeps.plan import Trial
from nnfs_cli.sweeps.trial import End, Word, from_line, to_line, train

HEEDED = (signal.SIGTERM, getattr(signal, "SIGXCPU", signal.SIGTERM))
"""The signals that a trial answers: the sweep's, and its own limit of processor time."""


@dataclass
class _Child:
    pid: int
    number: int
    pipe: int
    unread: bytes = b""
    end: End | None = None

    def words(self, data: bytes) -> Iterator[Word]:
        """What is new; how it ended is kept until the process is gone."""
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            said = from_line(line)
            if isinstance(said, End):
                self.end = said
            else:
                yield said

    def buried(self) -> End:
        """How it ended, when the pipe is closed."""
        os.close(self.pipe)
        _, status = os.waitpid(self.pid, 0)
        if self.end is not None:
            return self.end
        if os.WIFSIGNALED(status):
            return killed(os.WTERMSIG(status))
        return End(KILLED, MachineError.code, message="its process ended without a word")


class ForkEngine:
    """One process a trial, forked from this one."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, _Child] = {}
        self._founder = os.getpid()

    def submit(self, trial: Trial, wait: bool) -> None:
        """Fork the trial's process. Raises MachineError."""
        read, write = -1, -1
        try:
            read, write = os.pipe()
            with ready_to_fork():
                pid = os.fork()
                if pid == 0:
                    self._work(trial, wait, write)
        except OSError as error:
            for descriptor in (read, write):
                with suppress(OSError):
                    os.close(descriptor)
            raise MachineError(
                f"no process can be started for trial {trial.number} ({error.strerror})",
                "lower --jobs",
            ) from None
        os.close(write)
        child = _Child(pid, trial.number, read)
        self._children[pid] = child
        self._selector.register(read, selectors.EVENT_READ, child)

    def completed(self, seconds: float) -> Iterator[tuple[int, Word | End]]:
        """What came through the pipes."""
        for key, _ in self._selector.select(seconds):
            child: _Child = key.data
            data = os.read(child.pipe, 1 << 16)
            if data:
                for word in child.words(data):
                    yield child.number, word
                continue
            self._selector.unregister(child.pipe)
            del self._children[child.pid]
            yield child.number, child.buried()

    def cancel(self) -> None:
        """SIGTERM to all, which lets those go on that are stopped."""
        for pid in self._children:
            for number in (signal.SIGTERM, signal.SIGCONT):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def close(self) -> None:
        """SIGKILL to all."""
        for child in self._children.values():
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            child.buried()
        self._children.clear()
        self._selector.close()

    def _work(self, trial: Trial, wait: bool, pipe: int) -> NoReturn:
        """Life of a trial's process."""
        try:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != self._founder:  # which ended before that
                os._exit(1)
            for number in WATCHED:
                signal.signal(number, _stop if number in HEEDED else signal.SIG_IGN)
            self._close_what_is_inherited(pipe)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
            end = train(replace(trial.request, wait=wait), lambda word: _send(pipe, word))
            for number in HEEDED:
                signal.signal(number, signal.SIG_IGN)
            _send(pipe, end)
        finally:
            os._exit(0)

    def _close_what_is_inherited(self, pipe: int) -> None:
        """All but the pipe: a file that stays open would keep what others lock locked."""
        nothing = os.open(os.devnull, os.O_RDWR)
        try:
            log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError:
            log = nothing
        for descriptor, source in enumerate((nothing, log, log)):
            os.dup2(source, descriptor)
        for name in os.listdir("/proc/self/fd"):
            if int(name) > 2 and int(name) != pipe:
                os.closerange(int(name), int(name) + 1)
        sys.stdout = sys.stderr = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _send(pipe: int, said: Word | End) -> None:
    with suppress(OSError):  # the sweep was killed
        os.write(pipe, to_line(said))
