"""Trials as forked processes: each begins with all modules and the data in memory already.

A trial's process has no terminal, closes every file that it inherits, writes what others print to
the sweep's log, and tells how it is through a pipe, by which it is answered too. Signals are left
to the sweep, which sends SIGTERM to make a trial save and stop; the system sends it too if the
sweep itself is killed.
"""

from __future__ import annotations

import ctypes
import gc
import os
import selectors
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from socket import socket, socketpair
from typing import NoReturn

from nnfs_cli.compute.blas import has_small_kernels
from nnfs_cli.compute.process_team import PR_SET_PDEATHSIG, ready_to_fork
from nnfs_cli.errors import MachineError
from nnfs_cli.runs.wakeups import wake_for_signals
from nnfs_cli.sweeps.engine import KILLED, killed
from nnfs_cli.sweeps.plan import Trial
from nnfs_cli.sweeps.trial import HEEDED, End, Word, from_line, heed_signals, to_line, train

PRUNE, GO_ON = b"p", b"g"


@dataclass
class _Child:
    pid: int
    number: int
    pipe: socket
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
        self.pipe.close()
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
        has_small_kernels()  # found out once, and not by each trial

    def submit(self, trial: Trial, wait: bool) -> None:
        """Fork the trial's process. Raises MachineError."""
        ends: tuple[socket, ...] = ()
        try:
            own, its = ends = socketpair()
            with ready_to_fork():
                pid = os.fork()
                if pid == 0:
                    self._work(trial, wait, its)
        except OSError as error:
            for end in ends:
                end.close()
            raise MachineError(
                f"no process can be started for trial {trial.number} ({error.strerror})",
                "lower --jobs",
            ) from None
        its.close()
        child = _Child(pid, trial.number, own)
        self._children[pid] = child
        self._selector.register(own, selectors.EVENT_READ, child)

    def completed(self, seconds: float) -> Iterator[tuple[int, Word | End]]:
        """What came through the pipes."""
        for key, _ in self._selector.select(seconds):
            child: _Child = key.data
            data = _read(child.pipe)
            if data:
                for word in child.words(data):
                    yield child.number, word
                continue
            self._selector.unregister(child.pipe)
            del self._children[child.pid]
            yield child.number, child.buried()

    def answer(self, number: int, prune: bool) -> None:
        """A byte to the trial."""
        for child in self._children.values():
            if child.number == number:
                with suppress(OSError):  # it has been killed
                    child.pipe.sendall(PRUNE if prune else GO_ON)

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

    def _work(self, trial: Trial, wait: bool, pipe: socket) -> NoReturn:
        """Life of a trial's process."""
        gc.freeze()  # a search for cycles would copy the memory that it shares with the sweep
        try:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != self._founder:  # which ended before that
                os._exit(1)
            heed_signals()
            self._close_what_is_inherited(pipe.fileno())
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
            wake_for_signals()
            ask = partial(_ask, pipe) if trial.may_be_pruned else None
            end = train(replace(trial.request, wait=wait), partial(_send, pipe), ask)
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


def _send(pipe: socket, said: Word | End) -> None:
    with suppress(OSError):  # the sweep was killed
        pipe.sendall(to_line(said))


def _ask(pipe: socket, word: Word) -> bool:
    _send(pipe, word)
    return _read(pipe) == PRUNE


def _read(pipe: socket) -> bytes:
    """What has come; nothing where the other end is gone."""
    with suppress(ConnectionResetError):  # what was sent to it had not been read
        return pipe.recv(1 << 16)
    return b""
