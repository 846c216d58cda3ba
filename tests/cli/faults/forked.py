"""A command in a fork of the test's process: as alone as one that was started, and sooner there.

The fork has limits of memory and time of its own, and may die without anybody's harm.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from nnfs_cli.cli.app import run

from ..conftest import Result

MEMORY = 250 << 20
"""Bytes of address space that a command may take beside what the tests have: a valid load takes
some 100 MiB, most of it for images."""
PATIENCE = 60
"""Seconds until a command that hangs is killed."""


@dataclass(frozen=True)
class Done:
    """What a command in a fork did, and the seconds of processor it took."""

    result: Result
    seconds: float


def forked(
    *arguments: object,
    prepare: Callable[[], object] = lambda: None,
    memory: int = MEMORY,
    stdout: int | None = None,
) -> Done:
    """Run a command, after ``prepare``, in a fork; ``stdout`` is a descriptor to write to."""

    def work() -> int:
        prepare()
        return run([str(argument) for argument in arguments])

    return call(work, memory, stdout)


def call(work: Callable[[], int | None], memory: int = MEMORY, stdout: int | None = None) -> Done:
    """Let a fork do some work; its exit code is what the work returns."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # other threads: they hold no lock
            child = os.fork()
        if child == 0:
            _live(work, memory, out.fileno() if stdout is None else stdout, err.fileno())
        _, status, usage = os.wait4(child, 0)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return Done(Result(os.waitstatus_to_exitcode(status), *texts), usage.ru_utime + usage.ru_stime)


def _live(work: Callable[[], int | None], memory: int, out: int, err: int) -> NoReturn:
    """A fork's whole life."""
    code = 1
    try:
        signal.alarm(PATIENCE)
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
        for stream, descriptor in ((1, out), (2, err)):
            os.dup2(descriptor, stream)
        sys.stdout, sys.stderr = (os.fdopen(n, "w", encoding="utf-8") for n in (1, 2))
        code = work() or 0
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or 5
    os._exit(code)
