"""The signals that ask a training to stop: noted at once, acted upon between two steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU")
"""Ctrl-C, and what systems send that end, or warn before they end, a process."""
WATCHED = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]


def interrupted(error: BaseException | None) -> bool:
    """Whether an interrupt lies behind an error: other code made another of it, as by closing."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


class Signals:
    """While entered, the first signal is only noted in ``caught``; a second Ctrl-C interrupts.

    A signal that is ignored already stays so, as ``nohup`` and ``&`` in a script want it. At each
    signal ``react`` is called.
    """

    def __init__(self, react: Callable[[], object] = lambda: None) -> None:
        self.caught: int | None = None
        self._react = react
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in WATCHED:
                before = signal.getsignal(number)
                if before not in (signal.SIG_IGN, None):  # None: of no function of Python's
                    self._before[number] = before
                    signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.caught is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.caught = number
        self._react()
