"""Study: Optuna proposes the points of a search, and says which trials to prune.

Whatever it knows comes from the runs, in the order of the trials' numbers, and the random numbers
of a proposal are of the seed and the trial's number alone: so a search that goes on proposes what
it would have proposed.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnfs_cli.errors import MachineError
from nnfs_cli.nn.metric import higher_is_better
from nnfs_cli.runs.record import DIVERGED, FINISHED, PRUNED
from nnfs_cli.runs.run import Run
from nnfs_cli.sweeps.draws import Range, Value
from nnfs_cli.sweeps.plan import Plan
from nnfs_cli.sweeps.row import Row
from nnfs_cli.sweeps.sweep_file import SweepFile

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.trial import Trial as OptunaTrial

FIRST_RUNG = 100
"""The first epoch at which trials are compared is the whole training's hundredth part."""
FACTOR = 4
"""How many times later the next rung is; of the trials at a rung one in so many goes on."""


class Study:
    """What is known of a sweep's trials."""

    def __init__(
        self, ranges: Mapping[str, Range], seed: int, maximize: bool, prune: bool, epochs: int
    ) -> None:
        """Raises MachineError without Optuna; ``prune`` for trials of so many ``epochs``."""
        optuna = _optuna()
        self._ranges, self._seed, self.prunes = dict(ranges), seed, prune
        self._distributions = {key: _distribution(each) for key, each in ranges.items()}
        self._first_rung = max(epochs // FIRST_RUNG, 1)
        pruner = optuna.pruners.SuccessiveHalvingPruner(self._first_rung, FACTOR)
        self._study = optuna.create_study(
            direction="maximize" if maximize else "minimize", pruner=pruner
        )
        self._trials: dict[int, OptunaTrial] = {}
        self._rungs: dict[int, tuple[int, bool]] = {}
        """The last rung that each trial has told, and whether it was behind there."""

    def propose(self, number: int) -> tuple[str, ...]:
        """The point of the next trial."""
        self._study.sampler = _sampler(self._ranges, self._seed, number)
        trial = self._trials[number] = self._study.ask(self._distributions)
        return tuple(each.text(trial.params[key]) for key, each in self._ranges.items())

    def begin(self, number: int, point: Sequence[str]) -> None:
        """Know of a trial at this point. Raises ValueError if it lies outside of the ranges."""
        if number in self._trials:
            return
        pairs = zip(self._ranges.items(), point, strict=True) if self._ranges else ()
        params = {key: each.value(text) for (key, each), text in pairs}
        self._study.enqueue_trial(params)
        self._trials[number] = self._study.ask(self._distributions)

    def judge(self, number: int, epoch: int, value: float) -> bool:
        """Whether a trial with this value behind an epoch is to be pruned; only a rung tells.

        A trial that was killed tells its rungs once more, and hears the same.
        """
        last, is_behind = self._rungs.get(number, (0, False))
        if epoch <= last or not self._is_rung(epoch):
            return is_behind and epoch == last
        trial = self._trials[number]
        trial.report(value, epoch)
        is_behind = self.prunes and trial.should_prune()
        self._rungs[number] = epoch, is_behind
        return is_behind

    def _is_rung(self, epoch: int) -> bool:
        while epoch > self._first_rung and epoch % FACTOR == 0:
            epoch //= FACTOR
        return epoch == self._first_rung

    def tell(self, row: Row) -> None:
        """Take in how a trial ended; a diverged one is as bad as one that was pruned at once."""
        from optuna.trial import TrialState

        trial, status, value = self._trials[row.trial.number], row.end.status, row.value
        if self.prunes and status in (FINISHED, PRUNED):
            self._catch_up(row)
        if status == FINISHED and value is not None and math.isfinite(value):
            self._study.tell(trial, value)
        elif status in (PRUNED, DIVERGED):
            self._study.tell(trial, state=TrialState.PRUNED)
        else:
            self._study.tell(trial, state=TrialState.FAIL)

    def _catch_up(self, row: Row) -> None:
        """Hear the epochs that the trial has not told here: it ended before."""
        if row.trial.number not in self._rungs:
            for record in Run(Path(row.end.run)).read_metrics():
                self.judge(row.trial.number, int(record["epoch"]), record[row.monitor])


def study_of(asked: SweepFile, plan: Plan) -> Study | None:
    """The study of a sweep that searches or prunes. Raises MachineError without Optuna."""
    if asked.search is None and not asked.prune:
        return None
    draws = asked.draws() if asked.search else None
    ranges = dict(zip(draws.keys, draws.ranges, strict=True)) if draws else {}
    maximize = higher_is_better(plan.monitor)
    return Study(ranges, asked.random_seed, maximize, asked.prune, plan.epochs)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise MachineError(
            "a search, or pruning, needs Optuna",
            "install the extra: pip install 'nnfs-cli[search]'",
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _sampler(ranges: Mapping[str, Range], seed: int, number: int) -> BaseSampler:
    """Proposes the values of one trial, in the digits that an override has."""
    from optuna.samplers import TPESampler

    class Rounding(TPESampler):  # type: ignore[misc]
        def sample_independent(self, study: Any, trial: Any, name: str, within: Any) -> Value:
            value = super().sample_independent(study, trial, name, within)
            return ranges[name].value(ranges[name].text(value))

    own = np.random.SeedSequence([seed, number]).generate_state(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # older versions call constant_liar experimental
        return Rounding(seed=int(own[0]), constant_liar=True)


def _distribution(each: Range) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if each.kind == "choice":
        return CategoricalDistribution(tuple(dict.fromkeys(each.values)))
    if each.kind == "int":
        return IntDistribution(int(each.low), int(each.high))
    return FloatDistribution(float(each.low), float(each.high), log=each.kind == "log")
