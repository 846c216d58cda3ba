"""What a signal does at each stage of a command's life; whole processes are in test_process.py."""

from __future__ import annotations

import os
import signal
import sys
from types import SimpleNamespace
from typing import NoReturn

import pytest

from nnfs_cli.cli import interrupts
from nnfs_cli.cli.interrupts import Stage, Stopped

LINE = b"error: interrupted\n"


class Left(BaseException):
    """The process has ended with a code."""


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is written to stderr before the process ends, which raises Left instead."""
    lines: list[bytes] = []

    def end(code: int) -> NoReturn:
        raise Left(code)

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(os, "write", lambda descriptor, line: lines.append(line))
    monkeypatch.setattr(interrupts, "_stage", Stage.BARE)
    monkeypatch.setattr(interrupts, "_seen", None)
    return lines


def test_before_and_behind_a_command_it_ends_the_process(written: list[bytes]) -> None:
    with pytest.raises(Left, match="143"):
        interrupts._stop(signal.SIGTERM, None)
    assert written == [LINE]
    assert interrupts.exit_code() == 143


def test_at_work_the_first_raises_and_the_second_ends(written: list[bytes]) -> None:
    with interrupts.working():
        with pytest.raises(Stopped) as stopped:
            interrupts._stop(signal.SIGTERM, sys._getframe())
        assert interrupts.seen() == signal.SIGTERM
        assert interrupts.exit_code(stopped.value) == 143
        assert interrupts.exit_code(KeyboardInterrupt()) == 143
        assert written == []
        with pytest.raises(Left, match="130"):
            interrupts._stop(signal.SIGINT, None)
    assert written == [LINE]
    assert interrupts._stage is Stage.BARE


def test_while_a_module_is_imported_it_ends_the_process(written: list[bytes]) -> None:
    importing = compile("stop(2, frame())", interrupts.IMPORTING, "exec")
    with interrupts.working(), pytest.raises(Left, match="130"):
        exec(importing, {"stop": interrupts._stop, "frame": sys._getframe})
    assert written == [LINE]


def test_while_the_last_line_is_written_it_waits_and_then_ends_in_silence(
    written: list[bytes],
) -> None:
    with interrupts.working():
        with interrupts.telling():
            interrupts._stop(signal.SIGINT, None)
            assert interrupts.seen() is None
        with pytest.raises(Left, match="130"):
            interrupts._stop(signal.SIGINT, None)
    assert written == []
    assert interrupts._stage is Stage.TOLD


def test_telling_before_a_command_changes_nothing(written: list[bytes]) -> None:
    with interrupts.telling():
        interrupts._stop(signal.SIGINT, None)
    assert interrupts._stage is Stage.BARE


def test_a_closed_stderr_ends_it_all_the_same(
    written: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(Left, match="130"):
        interrupts.leave(signal.SIGINT)


def test_what_a_destructor_cannot_raise_ends_the_process(
    written: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[object] = []
    monkeypatch.setattr(sys, "__unraisablehook__", others.append)
    with pytest.raises(Left, match="143"):
        interrupts._unraisable(SimpleNamespace(exc_value=Stopped(signal.SIGTERM)))
    with pytest.raises(Left, match="130"):
        interrupts._unraisable(SimpleNamespace(exc_value=KeyboardInterrupt()))
    other = SimpleNamespace(exc_value=ValueError())
    interrupts._unraisable(other)
    assert others == [other]
    monkeypatch.setattr(interrupts, "_seen", signal.SIGINT)
    interrupts._unraisable(other)
    assert others == [other], "what was cut short may not be able to close itself"
