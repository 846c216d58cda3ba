"""A trial in the process that trains it: what it tells meanwhile, and how it ends."""

from __future__ import annotations

import json
import signal
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict, dataclass
from types import FrameType

from nnfs_cli.config.plugins import blamed
from nnfs_cli.errors import (
    DivergedError,
    InterruptedRun,
    LockedError,
    MachineError,
    NnfsError,
    UsageError,
)
from nnfs_cli.runs.events import Event, Finished, Notice, Prune, Skipped, Started
from nnfs_cli.runs.record import DIVERGED, FINISHED, INTERRUPTED, PRUNED
from nnfs_cli.runs.signals import WATCHED, interrupted
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.loop import Epoch

FAILED, TAKEN = "failed", "taken"
HEEDED = (signal.SIGTERM, getattr(signal, "SIGXCPU", signal.SIGTERM))
"""The signals that a trial answers: the sweep's, and its own limit of processor time."""
TELL_EVERY = 0.2
"""Seconds between two words about how far a trial is."""


@dataclass(frozen=True)
class End:
    """How a trial ended: finished, pruned, diverged, interrupted, failed, or taken by another."""

    status: str
    code: int = 0
    run: str = ""
    message: str = ""
    hint: str = ""

    @property
    def reason(self) -> str:
        """The message with its hint, in a line."""
        return f"{self.message}; {self.hint}" if self.hint else self.message


@dataclass(frozen=True)
class Word:
    """What a trial tells meanwhile: a notice, or the epochs that are done."""

    notice: str = ""
    epoch: int = 0
    value: float | None = None
    """The monitored value behind the epoch: the trial waits to be told whether it is pruned."""


Tell = Callable[[Word], None]
Ask = Callable[[Word], bool]
"""Whether a trial is to be pruned."""


def train(request: Request, tell: Tell, ask: Ask | None = None) -> End:
    """Train as ``request`` says, in this process; with ``ask`` it may be pruned."""
    run = monitor = ""
    try:
        with closing(start(request)) as events:
            told = 0.0
            for event in events:
                if isinstance(event, Started):
                    run, monitor = str(event.run.path), event.built.monitor
                    progress = event.built.training.progress
                    tell(Word(epoch=progress.epoch))
                    if ask is not None:
                        for epoch, record in enumerate(progress.history, start=1):
                            _prune(events, ask, Word("", epoch, record[monitor]))
                elif isinstance(event, Notice):
                    tell(Word(notice=event.text))
                elif isinstance(event, Epoch) and ask is not None:
                    _prune(events, ask, Word("", event.epoch, event.record[monitor]))
                elif isinstance(event, Epoch) and time.monotonic() - told > TELL_EVERY:
                    told = time.monotonic()
                    tell(Word(epoch=event.epoch))
                elif isinstance(event, Finished | Skipped):
                    return End(FINISHED, run=str(event.run.path))
        raise RuntimeError("a training ended without saying how")
    except BaseException as error:
        return end_by(error, run)


def _prune(events: Generator[Event], ask: Ask, word: Word) -> None:
    """Stop the training, saved, if it is to be: raises Prune."""
    if ask(word):
        events.throw(Prune(f"pruned after epoch {word.epoch}: others did better"))


def end_by(error: BaseException, run: str) -> End:
    """How a trial ended that raised this."""
    if isinstance(error, Prune):
        return End(PRUNED, 0, run, str(error))
    if isinstance(error, KeyboardInterrupt):
        return End(INTERRUPTED, 130, run, "interrupted")
    if isinstance(error, NnfsError):
        run = str(error.facts.get("run") or run)
        kinds = {DivergedError: DIVERGED, InterruptedRun: INTERRUPTED, LockedError: TAKEN}
        status = next((kinds[kind] for kind in kinds if isinstance(error, kind)), FAILED)
        return End(status, error.code, run, _line(error.message), _line(error.hint))
    if isinstance(error, MemoryError):
        hint = "lower train.batch_size or the layers' sizes, or --jobs"
        return End(FAILED, MachineError.code, run, "out of memory", hint)
    if interrupted(error):
        return End(INTERRUPTED, 130, run, "interrupted")
    kind = type(error).__name__
    place = blamed(error)
    if place is not None:
        return End(FAILED, UsageError.code, run, f"plugin {place} fails: {kind}: {_line(error)}")
    if isinstance(error, OSError):
        where = error.filename or "the system"
        return End(FAILED, MachineError.code, run, f"{where}: {error.strerror or error}")
    traceback.print_exception(error)
    hint = "a bug in nnfs: report it with the sweep's log"
    return End(FAILED, 1, run, f"{kind}: {_line(error)}", hint)


def _line(text: object) -> str:
    return " ".join(str(text).split())


def heed_signals() -> None:
    """Be stopped by SIGTERM and the limit of processor time; leave all else to the sweep."""
    for number in WATCHED:
        signal.signal(number, _stop if number in HEEDED else signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def to_line(said: Word | End) -> bytes:
    """What a trial says, as a line for the process that started it."""
    kind = "end" if isinstance(said, End) else "word"
    return json.dumps({kind: asdict(said)}).encode() + b"\n"


def from_line(line: bytes) -> Word | End:
    """What :func:`to_line` wrote. Raises ValueError."""
    found = json.loads(line)
    return End(**found["end"]) if "end" in found else Word(**found["word"])
