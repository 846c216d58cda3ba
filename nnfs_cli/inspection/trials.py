"""Training a little: one batch over and over, three learning rates, and as much as time allows.

Nothing is written, and the model that is tried stays as it is. Times are limits, not aims.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nnfs_cli.data.batches import Batches
from nnfs_cli.errors import DivergedError
from nnfs_cli.experiment.build import Built
from nnfs_cli.inspection.chance import Chance
from nnfs_cli.inspection.evidence import Trials, fresh, one_batch_of
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.schedules.constant import Constant
from nnfs_cli.training.early_stopping import Watch, choose_monitor
from nnfs_cli.training.layer_statistics import LayerRow, LayerStatistics
from nnfs_cli.training.loop import Step, Training

RATES, FARTHER = (1.0, 0.1, 10.0), (100.0, 0.01, 1e3, 1e-3, 1e4, 1e-4)
"""What the config's learning rate is multiplied by; and if little is learnt at any of these."""
ONE_BATCH_RATES = (1.0, 10.0, 0.1)
"""What the best of these rates is multiplied by, for one batch."""
RATE_SECONDS, RATES_SECONDS = 3.0, 6.0
LEAST_STEPS, RATE_STEPS = 200, 1500
BATCH_SECONDS, BATCH_STEPS, BATCH_SAMPLES = 1.2, 400, 32
WHOLE_SECONDS = 10.0
STEP_WORK = 30_000_000_000
"""Floating point operations of the largest step that is tried: a second or so."""
HALF, LEARNT = 0.5, 0.9
"""Of what can be learnt of all samples, of one batch: enough to stop trying."""


@dataclass(frozen=True, eq=False)
class Whole:
    """A training as the config has it, as far as time allowed."""

    model: Model
    history: Sequence[Mapping[str, float]]
    layers: Mapping[int, Sequence[LayerRow]]
    complete: bool
    diverged: bool
    stopped_early: bool


def within_reach(training: Training) -> Training:
    """The training, with smaller batches where one step of its own would take seconds."""
    batches, model = training.batches, training.model
    most = STEP_WORK // max(3 * model.flops(model.input_shape), 1)
    if batches.batch_size <= max(most, BATCH_SAMPLES):
        return training
    samples, known, encoded = batches.samples, batches.preprocessing, batches.encoded
    size = max(most, BATCH_SAMPLES)
    return replace(training, batches=Batches(samples, known, encoded, size, batches.augmenter))


def try_rates(built: Built, first: Model, chance: Chance, end: float = math.inf) -> Trials:
    """How much is learnt of the data at three rates, and of one batch at the best of four.

    Where ``end``, by the monotonic clock, comes first, at fewer of them.
    """
    steps = min(RATE_STEPS, max(built.training.total_steps, LEAST_STEPS))
    epochs = -(-steps // len(built.training.batches))
    training = replace(
        built.training, validation=None, metrics=(), schedule=Constant(), epochs=epochs
    )
    learnt: dict[float, float] = {}
    until = time.monotonic() + RATES_SECONDS
    for rate in (*RATES, *FARTHER):
        enough = time.monotonic() > until or max(learnt.values(), default=0.0) >= HALF
        left = end - time.monotonic()
        if (len(learnt) >= len(RATES) and enough) or (learnt and left <= 0):
            break
        losses = losses_of(fresh(training, first, rate), steps, min(RATE_SECONDS, left))
        steps = len(losses) if rate == 1.0 and losses else steps
        learnt[rate] = _learnt_at_end(losses, steps, chance)
    at = max(learnt, key=lambda rate: learnt[rate])
    one, best = one_batch_of(training, BATCH_SAMPLES), -math.inf
    alone = replace(training, batches=one, epochs=BATCH_STEPS)
    for rate in ONE_BATCH_RATES:
        losses = losses_of(fresh(alone, first, at * rate), BATCH_STEPS, BATCH_SECONDS)
        best = max(best, _learnt_at_end(losses, len(losses), chance))
        if best >= LEARNT or time.monotonic() > end:
            break
    return Trials(steps, learnt, best, len(one.samples), BATCH_STEPS)


def losses_of(training: Training, steps: int, seconds: float) -> list[float]:
    """The losses of at most so many steps; infinity for what came after a divergence."""
    losses, until = [], time.monotonic() + seconds
    try:
        for event in training:
            if isinstance(event, Step):
                losses.append(event.loss)
                if len(losses) >= steps or time.monotonic() > until:
                    break
    except DivergedError:
        losses.append(math.inf)
    return losses


def _learnt_at_end(losses: Sequence[float], steps: int, chance: Chance) -> float:
    """By the mean loss of the last tenth of the steps."""
    if not losses or not math.isfinite(losses[-1]):
        return -math.inf
    last = losses[-max(1, min(steps, len(losses)) // 10) :]
    return chance.learnt(sum(last) / len(last))


def try_whole(built: Built, first: Model, end: float = math.inf) -> Whole:
    """Train as the config says, with its own schedule and early stopping, while time allows."""
    training = fresh(built.training, first)
    statistics, layers, diverged, stopped = LayerStatistics(training), {}, False, False
    stopping = built.config.train.early_stopping
    until = min(time.monotonic() + WHOLE_SECONDS, end)
    validated = training.validation is not None
    watch = Watch(
        choose_monitor(stopping.monitor if stopping else None, training.metrics, validated),
        stopping.min_delta if stopping else 0.0,
    )
    try:
        for event in training:
            if isinstance(event, Step):
                rows = statistics.after(event)
                if rows:
                    layers[event.epoch] = rows
            elif stopping:
                waited = watch.epochs_without_improvement(training.progress.history)
                stopped = waited >= stopping.patience
            if stopped or time.monotonic() > until:
                break
    except DivergedError:
        diverged = True
    complete = stopped or training.progress.epoch >= training.epochs
    history = training.progress.history
    return Whole(training.model, history, layers, complete, diverged, stopped)
