"""No signal is left lying that comes just before the process waits.

Python only notes a signal, and calls its handler between two instructions. One that comes behind
the last instruction before a system call that waits (for a file, a lock, a time) does not end that
call, and is handled when the call returns, which may be never. So a thread hears of each signal
too, and then sends the main thread a harmless one, which interrupts the call.
"""

from __future__ import annotations

import _thread
import os
import signal
import time
from contextlib import suppress
from types import FrameType

HARMLESS = getattr(signal, "SIGURG", None)
"""Ignored by programs that do not ask for it; None where there are no such signals."""
PAUSES = (0.05, 0.5)
"""Seconds before the main thread is woken, and once more: it may have been slow to wait."""


def wake_for_signals() -> None:
    """Let signals interrupt what the main thread, which calls this, waits for from now on.

    Does nothing where the system has no pipe or thread left. A forked process calls it itself.
    """
    if HARMLESS is None:
        return
    try:
        read, write = os.pipe()
    except OSError:
        return
    os.set_blocking(write, False)
    signal.signal(HARMLESS, _nothing)
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:  # the thread takes over the mask: no signal reaches the process through it
        with suppress(RuntimeError):
            _thread.start_new_thread(_wake, (_thread.get_ident(), read, HARMLESS))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    os.register_at_fork(after_in_child=_forget)


def _wake(main: int, pipe: int, harmless: int) -> None:
    while numbers := os.read(pipe, 4096):
        if set(numbers) != {harmless}:
            for pause in PAUSES:
                time.sleep(pause)
                signal.pthread_kill(main, harmless)


def _nothing(number: int, frame: FrameType | None) -> None:
    """That Python has a function to call is what interrupts a system call."""


def _forget() -> None:
    """The number of the pipe may soon be another file's."""
    signal.set_wakeup_fd(-1)
