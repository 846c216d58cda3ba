"""Agenda: the trials of a sweep that are still to be trained, and how the others ended before."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nnfs_cli.errors import DataError, DivergedError, UsageError
from nnfs_cli.runs.earlier import earlier_runs
from nnfs_cli.runs.record import DIVERGED, FINISHED, PRUNED
from nnfs_cli.runs.run import Run
from nnfs_cli.sweeps.plan import Plan, Trial, require_one_monitor
from nnfs_cli.sweeps.study import Study
from nnfs_cli.sweeps.sweep_folder import SweepFolder
from nnfs_cli.sweeps.trial import FAILED, End


@dataclass(frozen=True)
class Due:
    """A trial whose turn it is: to be trained, or with the ``end`` that it has already."""

    trial: Trial
    end: End | None = None
    wait: bool = False
    """For the process that trains it: nothing else is left to do."""


class Agenda:
    """What is to be trained next. A search's trials are planned when their turn comes."""

    def __init__(self, plan: Plan, folder: SweepFolder, study: Study | None) -> None:
        self.plan, self.folder, self.study = plan, folder, study
        self.notices: list[tuple[int, str]] = []
        """What is to be said of trials, by number."""
        self._todo: deque[Trial] = deque()
        self._taken: list[Trial] = []
        """By another process, or it is the same as one that is at work here."""
        self._earlier: dict[str, Run] = {}
        self._at_work: set[str] = set()
        self._ends: dict[str, End] = {}
        """Of this sweep's trials, by fingerprint: a search may propose a point once more."""
        self._known = len(plan.trials)
        """Trials that are planned or cannot be."""

    def found(self) -> Iterator[Due]:
        """The trials that ended before. Raises DataError."""
        self._earlier = earlier_runs(self.plan.planner.base.runs)
        recorded = self.folder.recorded(self.plan.keys) if self.study else {}
        trials = [Due(trial) for trial in self.plan.trials]
        while self._known < self.plan.total and self._known + 1 in recorded:
            trials.append(self._planned(recorded[self._known + 1].values))
        for due in trials:
            self._begin(due.trial)
        for due in trials:
            mark = recorded.get(due.trial.number)
            end = due.end or self._end(due.trial, mark.message if mark else "")
            if end is None:
                self._todo.append(due.trial)
            else:
                yield Due(due.trial, end)

    def next(self) -> Due | None:
        """The next trial, or None where all are at work or done."""
        while not self._todo and self.study is not None and self._known < self.plan.total:
            due = self._planned(self.study.propose(self._known + 1))
            fingerprint = due.trial.fingerprint
            end = due.end or self._ends.get(fingerprint) or self._end(due.trial)
            if end is not None:
                return Due(due.trial, end)
            (self._taken if fingerprint in self._at_work else self._todo).append(due.trial)
        if self._todo:
            trial = self._todo.popleft()
            self._at_work.add(trial.fingerprint)
            return Due(trial)
        for trial in self._taken:
            if trial.fingerprint not in self._at_work:
                self._taken.remove(trial)
                self._at_work.add(trial.fingerprint)
                return Due(trial, self._ends.get(trial.fingerprint), wait=True)
        return None

    def ended(self, trial: Trial, end: End) -> None:
        """Take in how a trial ended."""
        self._at_work.discard(trial.fingerprint)
        self._ends[trial.fingerprint] = end

    def again(self, trial: Trial) -> None:
        """Train it once more, behind those that wait."""
        self._todo.append(trial)

    def put_off(self, trial: Trial) -> None:
        """Look at it again when nothing else is left: another process trains it."""
        self._at_work.discard(trial.fingerprint)
        self._taken.append(trial)

    def _planned(self, point: Sequence[str]) -> Due:
        """A trial of a search; one that cannot be trained has failed."""
        self._known += 1
        planner = self.plan.planner
        try:
            trial, told = planner.trial(self._known, point)
            require_one_monitor([*self.plan.trials[:1], trial])
        except UsageError as error:
            trial = Trial(self._known, tuple(point), planner.request(point), "", "", 0)
            return Due(trial, End(FAILED, error.code, message=" ".join(error.message.split())))
        self.plan.trials.append(trial)
        self.notices += [(trial.number, text) for text in told]
        return Due(trial)

    def _begin(self, trial: Trial) -> None:
        if self.study is None:
            return
        try:
            self.study.begin(trial.number, trial.values)
        except ValueError:
            raise DataError(
                f"{self.folder.table} gives trial {trial.number} values that it cannot have",
                "remove the file: the runs are found again",
            ) from None

    def _end(self, trial: Trial, pruned: str = "") -> End | None:
        """How its run ended; that it was pruned holds where this sweep has it on record."""
        run = self._earlier.get(trial.fingerprint)
        if run is None:
            return None
        status, path = run.status(), str(run.path)
        if status == FINISHED:
            return End(FINISHED, run=path)
        if status == DIVERGED:
            message = f"run {run.id} of this config diverged"
            return End(DIVERGED, DivergedError.code, path, message)
        if pruned and status == PRUNED:
            return End(PRUNED, 0, path, pruned)
        return None
