"""The learning-rate range test: a short training whose rate rises from step to step.

While the rate is too low the loss stands still, then it falls, and at last it rises steeply. Smith,
"Cyclical Learning Rates for Training Neural Networks", 2017, arXiv:1506.01186.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pstdev

import numpy as np

from nnfs_cli.errors import DivergedError, TargetError
from nnfs_cli.experiment.build import Built
from nnfs_cli.inspection.evidence import fresh
from nnfs_cli.nn.schedules.constant import Constant
from nnfs_cli.training.loop import Step

LOWEST, HIGHEST = 1e-6, 1e3
STEPS, FEW_STEPS, FEWEST_STEPS, MUCH_WORK = 1000, 300, 100, 100_000_000
"""Steps of a test; fewer where a step takes so many floating point operations, or the training has
fewer itself."""
TENTH, THIRTIETH = 10, 30
"""The loss before anything is learnt is the mean of a tenth of all steps; the running average is
over a thirtieth of them."""
BEYOND = 4.0
"""The test ends where the averaged loss is so many times that of the beginning."""
FALLEN, RISEN = 0.5, 0.5
"""What is a fall, as a fraction of the first loss, and a rise, as a fraction of the fall."""
SOLVED = 0.1
"""Of the first loss: with so little left, no higher rate has anything to show."""
LEAST_FALL, NOISE = 0.05, 3.0
"""Of the first loss, and in deviations of the average beyond that: less is no learning."""
BELOW = 3.0
"""How far below the rate with the least loss the proposal is: that one is at the edge."""


@dataclass(frozen=True)
class RateTest:
    """Rates in rising order, the loss of the step at each, its running average, the proposal."""

    rates: Sequence[float]
    losses: Sequence[float]
    averages: Sequence[float]
    least: int
    """Where the averaged loss is least, before it rises."""
    proposal: float
    seconds: float


def steps_for(built: Built) -> int:
    """As many steps as a test needs, or as it can have in reasonable time."""
    model, samples = built.network.model, built.training.batches.batch_size
    work = 3 * model.flops(model.input_shape) * samples
    most = STEPS if work < MUCH_WORK else FEW_STEPS
    return min(most, max(built.training.total_steps, FEWEST_STEPS))


def range_test(
    built: Built,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    steps: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> RateTest:
    """Train for so many steps, the rate rising from ``lowest`` to ``highest``, or until it is over.

    The experiment stays as it is. Raises TargetError if nothing is learnt at any rate.
    """
    began, batches = time.monotonic(), built.training.batches
    steps = steps or steps_for(built)
    rates: list[float] = np.geomspace(lowest, highest, steps).tolist()
    epochs = -(-steps // len(batches))
    plain = replace(built.training, validation=None, metrics=(), schedule=Constant(), epochs=epochs)
    training, average = fresh(plain, built.network.model), Average(steps)
    losses: list[float] = []
    training.optimizer.lr = rates[0]
    try:
        for event in training:
            if isinstance(event, Step):
                losses.append(event.loss)
                progress(len(losses), steps)
                if average.add(event.loss) or len(losses) == steps:
                    break
                training.optimizer.lr = rates[len(losses)]
    except DivergedError:
        pass
    progress(steps, steps)
    least = lowest_before_the_rise(average.values, average.first)
    if not average.values or average.first - average.values[least] < average.least_fall:
        raise _nothing(lowest, highest, steps)
    proposal = float(f"{rates[least] / BELOW:.2g}")
    spent = time.monotonic() - began
    return RateTest(rates[: len(losses)], losses, average.values, least, proposal, spent)


def _nothing(lowest: float, highest: float, steps: int) -> TargetError:
    """The error that no rate is seen to teach; more steps may show what noise hides."""
    more = f"try --steps {min(4 * steps, STEPS)}; " if steps < STEPS else ""
    return TargetError(
        f"nothing is learnt at any rate from {lowest:g} to {highest:g} in {steps:,} steps",
        f"{more}`nnfs diagnose CONFIG` looks for the reason",
    )


class Average:
    """The running average of losses, each as if it had begun there: not pulled towards zero."""

    def __init__(self, steps: int) -> None:
        self.memory = 1.0 - min(THIRTIETH / steps, 1.0)
        self.beginning = max(steps // TENTH, 1)
        self.first, self.values = math.inf, list[float]()
        self._early: list[float] = []
        self._total = self._weight = 0.0

    @property
    def least_fall(self) -> float:
        """How far the average has to fall to mean something."""
        noise = pstdev(self._early) * math.sqrt(1.0 - self.memory)
        return LEAST_FALL * self.first + NOISE * noise

    def add(self, loss: float) -> bool:
        """Take one more loss; whether higher rates have nothing to tell."""
        self._total = self.memory * self._total + (1.0 - self.memory) * loss
        self._weight = self.memory * self._weight + (1.0 - self.memory)
        self.values.append(self._total / self._weight)
        if len(self._early) < self.beginning:
            self._early.append(loss)
            self.first = fmean(self._early)
            self.values[-1] = self.first
        return not SOLVED * self.first < self.values[-1] < BEYOND * self.first


def lowest_before_the_rise(averages: Sequence[float], first: float) -> int:
    """Where the average is least, before it rises by a good part of what it had fallen."""
    least = 0
    for index, average in enumerate(averages):
        if average < averages[least]:
            least = index
        fallen = first - averages[least]
        if fallen > FALLEN * first and average > averages[least] + RISEN * fallen:
            break
    return least
