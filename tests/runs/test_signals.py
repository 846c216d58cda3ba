"""Signals are noted once; the second Ctrl-C is not polite any more."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from nnfs_cli.runs.signals import Signals

WATCHED = [
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGXCPU,
]


@pytest.mark.parametrize("number", WATCHED)
def test_the_first_is_noted(number: int) -> None:
    with Signals() as signals:
        assert signals.caught is None
        os.kill(os.getpid(), number)
        assert signals.caught == number


@pytest.mark.parametrize("first", WATCHED)
def test_a_second_ctrl_c_interrupts(first: int) -> None:
    with Signals() as signals:
        os.kill(os.getpid(), first)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        assert signals.caught == first


def test_a_second_sigterm_waits_like_the_first() -> None:
    with Signals() as signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
    assert signals.caught == signal.SIGTERM


def test_handlers_are_put_back() -> None:
    before = {number: signal.getsignal(number) for number in WATCHED}
    with Signals(), pytest.raises(ZeroDivisionError), Signals():
        raise ZeroDivisionError
    assert {number: signal.getsignal(number) for number in WATCHED} == before


def test_outside_the_main_thread_nothing_is_watched() -> None:
    before = signal.getsignal(signal.SIGINT)
    found = []

    def watch() -> None:
        with Signals() as signals:
            found.append(signals.caught)
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=watch)
    thread.start()
    thread.join()
    assert found == [None, before]


@pytest.mark.parametrize("number", WATCHED)
def test_what_was_ignored_stays_ignored(number: int) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Signals() as signals:
            os.kill(os.getpid(), number)
            assert signals.caught is None
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_every_signal_is_reacted_to() -> None:
    reactions = []
    with Signals(lambda: reactions.append(True)):
        for number in (signal.SIGTERM, signal.SIGUSR1):
            os.kill(os.getpid(), number)
    assert len(reactions) == 2
