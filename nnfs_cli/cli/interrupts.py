"""Signals from the first moment of the process to the last; a training's own are in signals.py.

Ctrl-C, SIGTERM and their like raise :class:`Stopped` where a command is at work, so that what it
holds is put away. While modules are imported, before the command and after it, there is nothing to
put away, and other people's code stands on the stack which an exception might confuse: the process
says one line and ends. Handlers are needed even where ending is the system's default: the first
process of a container has no defaults.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from types import FrameType
from typing import Any, NoReturn

from nnfs_cli.runs.signals import WATCHED

IMPORTING = "<frozen importlib._bootstrap>"
"""Where Python imports a module."""


class Stopped(KeyboardInterrupt):
    """A signal asks the command to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Stage(Enum):
    """Where the process is in its life."""

    BARE = 1
    """There is nothing to put away: before the command, and behind it."""
    WORKING = 2
    TELLING = 3
    """The command has failed and its line is being written, which takes no time."""
    TOLD = 4


_stage = Stage.BARE
_seen: int | None = None


def watch() -> None:
    """Watch all signals but those which were ignored when the process began, as by nohup."""
    for number in WATCHED:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
    atexit.register(_ignore)
    sys.unraisablehook = _unraisable


@contextmanager
def working() -> Iterator[None]:
    """Within it, a signal raises Stopped."""
    global _stage
    _stage = Stage.WORKING
    try:
        yield
    finally:
        _stage = Stage.BARE if _stage is Stage.WORKING else _stage


@contextmanager
def telling() -> Iterator[None]:
    """Write the command's last line, whole and once."""
    global _stage
    before, _stage = _stage, Stage.TELLING
    yield
    _stage = before if before is Stage.BARE else Stage.TOLD


def seen() -> int | None:
    """The signal that came, even if an ``except`` elsewhere has caught what it raised."""
    return _seen


def exit_code(error: KeyboardInterrupt | None = None) -> int:
    """128 + n for the signal that stopped the command."""
    return 128 + (getattr(error, "number", None) or _seen or signal.SIGINT)


def leave(number: int) -> NoReturn:
    """End at once, in one line."""
    if _stage is not Stage.TOLD:
        with suppress(OSError):
            os.write(2, b"error: interrupted\n")
    os._exit(128 + number)


def _stop(number: int, frame: FrameType | None) -> None:
    global _seen
    if _stage is Stage.TELLING:
        return
    again, _seen = _seen is not None, number
    if _stage is not Stage.WORKING or again or _is_importing(frame):
        leave(number)
    raise Stopped(number)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == IMPORTING:
            return True
        frame = frame.f_back
    return False


def _unraisable(raised: Any) -> None:
    """What cannot be raised, as in a destructor, would print a traceback and be forgotten.

    Behind a signal it is no news: what was cut short may not be able to close itself.
    """
    if isinstance(raised.exc_value, KeyboardInterrupt):
        leave(getattr(raised.exc_value, "number", signal.SIGINT))
    if _seen is None:
        sys.__unraisablehook__(raised)


def _ignore() -> None:
    """All is said and done: the process ends with its code."""
    for number in WATCHED:
        if signal.getsignal(number) is _stop:
            signal.signal(number, signal.SIG_IGN)
