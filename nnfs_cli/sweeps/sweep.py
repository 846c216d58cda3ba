"""Sweep: every trial of a plan is trained, by an engine, with what is there already left alone."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from nnfs_cli.atomic import NO_ROOM
from nnfs_cli.errors import DataError, DivergedError, InterruptedRun, MachineError
from nnfs_cli.runs.record import DIVERGED, FINISHED, INTERRUPTED, PRUNED, RUNNING
from nnfs_cli.runs.signals import Signals
from nnfs_cli.sweeps.agenda import Agenda
from nnfs_cli.sweeps.engine import KILLED, Engine
from nnfs_cli.sweeps.plan import Plan, Trial
from nnfs_cli.sweeps.row import Row, row_of
from nnfs_cli.sweeps.study import Study
from nnfs_cli.sweeps.sweep_folder import SweepFolder
from nnfs_cli.sweeps.trial import FAILED, TAKEN, End, Word

MAX_TRIES = 3
"""How often a trial is begun whose process is killed."""
TICK = 0.2
"""Seconds between two looks at the signals that came."""
WRITE_EVERY = 1.0
"""Seconds from one trials.csv to the next: with each trial it has another row to write."""


@dataclass(frozen=True)
class Ended:
    """A trial has ended; ``found`` if it had before this sweep looked."""

    row: Row
    found: bool = False


@dataclass(frozen=True)
class Said:
    """Something the user must know."""

    text: str


@dataclass(frozen=True)
class Tick:
    """Time has passed."""


Event = Ended | Said | Tick


@dataclass
class Running:
    """A trial that is being trained."""

    trial: Trial
    epoch: int = 0


class Sweep:
    """Trains the trials of a plan, as many at a time as there are ``jobs``."""

    def __init__(
        self,
        plan: Plan,
        folder: SweepFolder,
        engine: Engine,
        jobs: int,
        study: Study | None = None,
    ) -> None:
        """With a ``study``, which proposes the trials that the plan lacks, or prunes."""
        self.plan, self.folder, self.engine, self.jobs = plan, folder, engine, jobs
        self.study, self.agenda = study, Agenda(plan, folder, study)
        self.rows: dict[int, Row] = {}
        self.running: dict[int, Running] = {}
        self.ends: list[End] = []
        """In the order in which they came."""
        self._tries: dict[int, int] = {}
        self._has_read = False
        self._notices = set(plan.notices)
        self._begun, self._trained = time.monotonic(), 0
        self._written, self._unwritten = -math.inf, False

    @property
    def remaining(self) -> int:
        """Trials that have not ended."""
        return self.plan.total - len(self.rows)

    @property
    def seconds_left(self) -> float | None:
        """About how long it will take, by the trials that this process has trained."""
        if not self._trained:
            return None
        return (time.monotonic() - self._begun) / self._trained * self.remaining

    @property
    def best_first(self) -> list[Row]:
        """The rows, the best by the monitored value first."""
        return sorted(self.rows.values(), key=lambda row: row.rank)

    @property
    def code(self) -> int:
        """The exit code: 0 if all finished, 4 if the others diverged, else of the first failure."""
        fine = (FINISHED, PRUNED, DIVERGED)
        failures = [end.code for end in self.ends if end.status not in fine]
        diverged = any(end.status == DIVERGED for end in self.ends)
        return failures[0] if failures else DivergedError.code if diverged else 0

    def run(self) -> Generator[Event, None, None]:
        """Train what is missing; yield what happens. Raises InterruptedRun, MachineError."""
        with Signals() as signals:
            try:
                yield from self._found()
                while self.remaining and signals.caught is None:
                    yield from self._submit()
                    yield from self._hear()
                    self._write_due()
                    yield Tick()
                self._write()
                if signals.caught is not None:
                    yield from self._stopped()
                    raise self._interrupted(signals.caught)
            except KeyboardInterrupt:
                hint = f"go on with `nnfs sweep --resume {self.folder.path}`"
                told = "interrupted at once; the last checkpoints are intact"
                raise InterruptedRun(signal.SIGINT, told, hint) from None
            except GeneratorExit:  # whoever shows it cannot go on: the terminal was closed
                with suppress(Exception):
                    self._stop_in_order()
                    self._write()
                raise
            except Exception as error:
                with suppress(Exception):
                    self._stop_in_order()
                    self.folder.append_log(str(error))
                    self._write()
                if isinstance(error, MachineError):
                    then = f"go on with `nnfs sweep --resume {self.folder.path}`"
                    error.hint = f"{error.hint}; then {then}" if error.hint else then
                raise
            finally:
                self.engine.close()

    def _found(self) -> Iterator[Event]:
        """Tell the trials that ended before; the others are to be trained."""
        for due in self.agenda.found():
            if due.end is not None:
                yield self._end(due.trial, due.end, found=True)
        self._has_read = True
        self._write()

    def _submit(self) -> Iterator[Event]:
        """Fill the free places."""
        while len(self.running) < self.jobs:
            due = self.agenda.next()
            if due is None:
                return
            for number, text in self.agenda.notices:
                yield from self._notice(number, text)
            self.agenda.notices.clear()
            if due.end is not None:
                yield self._end(due.trial, due.end, found=bool(due.end.run))
                continue
            self.running[due.trial.number] = Running(due.trial)
            if self.plan.is_search:  # where it lies is known nowhere else
                self._write()
            try:
                self.engine.submit(due.trial, due.wait)
            except Exception:
                del self.running[due.trial.number]  # or its end would be waited for
                raise

    def _hear(self) -> Iterator[Event]:
        for number, said in self.engine.completed(TICK):
            if isinstance(said, End):
                yield from self._after(self.running.pop(number).trial, said)
            elif said.notice:
                yield from self._notice(number, said.notice)
            else:
                self._follow(number, said)

    def _follow(self, number: int, said: Word) -> None:
        """Take in how far a trial is; tell it whether it is pruned, if it asks."""
        running = self.running[number]
        running.epoch = said.epoch
        if said.value is not None and self.study is not None:
            is_behind = self.study.judge(number, said.epoch, said.value)
            self.engine.answer(number, is_behind and said.epoch < running.trial.epochs)

    def _notice(self, number: int, text: str) -> Iterator[Event]:
        """Log it; tell it if no other trial has said the same."""
        self.folder.append_log(f"trial {number}: {text}")
        if text not in self._notices:
            self._notices.add(text)
            yield Said(f"trial {number}: {text}")

    def _write(self) -> None:
        """The table; that of a search has the points of the trials at work too.

        Not before all that it says was taken in, or could be: it would be lost.
        """
        if not self._has_read:
            return
        rows = [*self.rows.values()]
        if self.plan.is_search:
            rows += [Row(each.trial, End(RUNNING)) for each in self.running.values()]
        self.folder.write_rows(self.plan.keys, rows)
        self._written, self._unwritten = time.monotonic(), False

    def _write_due(self) -> None:
        """The same, if it has a new row and was not written a moment ago."""
        if self._unwritten and time.monotonic() - self._written >= WRITE_EVERY:
            self._write()

    def _after(self, trial: Trial, end: End) -> Iterator[Event]:
        """What follows from the end of a trial's process: its row, or that it is begun again."""
        if end.status == TAKEN and trial.number not in self._tries:
            self._tries[trial.number] = 0
            self.agenda.put_off(trial)
            yield self._said(f"trial {trial.number} is trained by another process; going on")
            return
        if end.status in (KILLED, INTERRUPTED):
            self._tries[trial.number] = self._tries.get(trial.number, 0) + 1
            if self._tries[trial.number] < MAX_TRIES:
                self.agenda.again(trial)
                yield self._said(f"trial {trial.number}: {end.reason}; it is tried again")
                return
        if end.message.startswith(NO_ROOM):  # which no other trial would have either
            raise MachineError(end.message, end.hint)
        self._trained += 1
        if end.status not in (FINISHED, PRUNED, DIVERGED):
            end = replace(end, status=FAILED)
        yield self._end(trial, end)
        self._unwritten = True

    def _end(self, trial: Trial, end: End, found: bool = False) -> Ended:
        row = row_of(trial, end)
        self.rows[trial.number] = row
        self.ends.append(end)
        self.agenda.ended(trial, end)
        if self.study is not None:
            self.study.tell(row)
        told = f"trial {trial.number}: {end.status} {end.run} {end.reason}"
        self.folder.append_log(told.rstrip())
        return Ended(row, found)

    def _said(self, text: str) -> Said:
        self.folder.append_log(text)
        return Said(text)

    def _stop_in_order(self) -> None:
        """Let all trials save and stop."""
        self.engine.cancel()
        while self.running:
            for number, said in self.engine.completed(TICK):
                if isinstance(said, End):
                    self._keep(self.running.pop(number).trial, said)
                elif said.value is not None:
                    self.engine.answer(number, prune=False)

    def _stopped(self) -> Iterator[Event]:
        yield Said(f"stopping; {len(self.running)} trials save what they have")
        self._stop_in_order()
        self._write()

    def _keep(self, trial: Trial, end: End) -> None:
        """The row of a trial that ended while all were stopped."""
        if end.status in (KILLED, TAKEN):
            return
        with suppress(DataError):
            self.rows[trial.number] = row_of(trial, end)

    def _interrupted(self, signum: int) -> InterruptedRun:
        done = sum(row.end.status == FINISHED for row in self.rows.values())
        return InterruptedRun(
            signum,
            f"interrupted; {done} of {self.plan.total} trials are finished, "
            "those that were trained are saved",
            f"go on with `nnfs sweep --resume {self.folder.path}`",
        )
