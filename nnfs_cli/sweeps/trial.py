"""A trial in the process that trains it: what it tells meanwhile, and how it ends."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass

from nnfs_cli.config.plugins import blamed
from nnfs_cli.errors import (
    DivergedError,
    InterruptedRun,
    LockedError,
    MachineError,
    NnfsError,
    UsageError,
)
from nnfs_cli.runs.events import Finished, Notice, Skipped, Started
from nnfs_cli.runs.record import DIVERGED, FINISHED, INTERRUPTED
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.loop import Epoch

FAILED, TAKEN = "failed", "taken"
TELL_EVERY = 0.2
"""Seconds between two words about how far a trial is."""


@dataclass(frozen=True)
class End:
    """How a trial ended: finished, diverged, interrupted, failed, or taken by another process."""

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


Tell = Callable[[Word], None]


def train(request: Request, tell: Tell) -> End:
    """Train as ``request`` says, in this process."""
    run = ""
    try:
        with closing(start(request)) as events:
            told = 0.0
            for event in events:
                if isinstance(event, Started):
                    run = str(event.run.path)
                    tell(Word(epoch=event.built.training.progress.epoch))
                elif isinstance(event, Notice):
                    tell(Word(notice=event.text))
                elif isinstance(event, Epoch) and time.monotonic() - told > TELL_EVERY:
                    told = time.monotonic()
                    tell(Word(epoch=event.epoch))
                elif isinstance(event, Finished | Skipped):
                    return End(FINISHED, run=str(event.run.path))
        raise RuntimeError("a training ended without saying how")
    except BaseException as error:
        return _end_by(error, run)


def _end_by(error: BaseException, run: str) -> End:
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


def to_line(said: Word | End) -> bytes:
    """What a trial says, as a line for the process that started it."""
    kind = "end" if isinstance(said, End) else "word"
    return json.dumps({kind: asdict(said)}).encode() + b"\n"


def from_line(line: bytes) -> Word | End:
    """What :func:`to_line` wrote. Raises ValueError."""
    found = json.loads(line)
    return End(**found["end"]) if "end" in found else Word(**found["word"])
