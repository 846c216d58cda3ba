"""The training loop: forward, loss, backward, step; again for every batch of every epoch.

Iterate over a :class:`Training` and it trains. It yields a :class:`Step` after each step and an
:class:`Epoch` at the end of each; the caller shows progress, saves checkpoints, or stops.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array, read_only, shared_zeros
from nnfs_cli.compute.random_streams import NumberedStreams, Purpose, StepStream
from nnfs_cli.compute.sums import all_finite
from nnfs_cli.compute.team import Team
from nnfs_cli.data.batches import Batch, Batches
from nnfs_cli.errors import DivergedError
from nnfs_cli.formatting import figures_text
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.nn.schedule import Factors
from nnfs_cli.nn.schedules.constant import Constant
from nnfs_cli.training.clipping import clip
from nnfs_cli.training.divergence import diverged
from nnfs_cli.training.evaluate import evaluate

MAX_TRACE = 1000
"""Losses of steps that a checkpoint holds, so that a repetition can be compared."""


class Step(NamedTuple):
    """One optimizer step: ``batch`` of ``batches`` in ``epoch``, all counted from one."""

    epoch: int
    step: int
    batch: int
    batches: int
    samples: int
    loss: float
    lr: float


class Epoch(NamedTuple):
    """A finished epoch: ``train_loss``, ``val_loss``, the metrics of both, the ``penalty``."""

    epoch: int
    step: int
    lr: float
    record: dict[str, float]

    @property
    def text(self) -> str:
        """The epoch in a line."""
        return f"epoch {self.epoch}  {figures_text(self.record)}"


@dataclass
class Progress:
    """How far a training is: all it needs, beside arrays, to go on exactly where it stopped."""

    epoch: int = 0
    step: int = 0
    batch: int = 0
    """Batches done in the epoch that is under way."""
    loss_sum: float = 0.0
    weight_sum: float = 0.0
    metric_sums: list[list[float]] = field(default_factory=list)
    history: list[dict[str, float]] = field(default_factory=list)
    trace: list[list[float]] = field(default_factory=list)
    """Step and loss of every ``trace_every``-th step."""
    trace_every: int = 1

    def note(self, loss: float) -> None:
        """Keep the loss of the step just done; of a long training, every other, and so on."""
        if self.step % self.trace_every == 0:
            self.trace.append([self.step, loss])
        if len(self.trace) > MAX_TRACE:
            self.trace_every *= 2
            self.trace = [pair for pair in self.trace if pair[0] % self.trace_every == 0]


@dataclass(kw_only=True)
class Training:
    """A model, what it learns from, and how. Iterating trains it."""

    model: Model
    loss: Loss
    optimizer: Optimizer
    batches: Batches
    epochs: int
    validation: Batches | None = None
    schedule: Factors = field(default_factory=Constant)
    metrics: Sequence[Metric] = ()
    seed: int = 0
    clip_norm: float | None = None
    clip_value: float | None = None
    team: Team = field(default_factory=Team)
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self.model.require_batch_memory(self.batches.batch_size)
        self.batch_loss = copy.copy(self.loss)  # the loss itself is for validation, done alone
        self.running = [copy.copy(metric) for metric in self.metrics if metric.in_training]
        self.batch_loss.trusting = True  # the targets have been encoded once and for all
        for metric in self.running:
            metric.trusting = True
        if self.team.size > 1:
            self.model.share_memory()
        self.optimizer.bind(self.model.flat)
        self.model.flat.make_worker_grads(self.team.size)
        self.buffers = [*self.model.named_buffers().values()]
        whole_batch = (self.batches.batch_size, *self.model.output_shape)
        self.predictions = shared_zeros(whole_batch, np.float32) if self.running else None

    @property
    def total_steps(self) -> int:
        """Steps in the whole training."""
        return self.epochs * len(self.batches)

    def __iter__(self) -> Generator[Step | Epoch, None, None]:
        with self.team.at_work(self._work):
            try:
                yield from self._learn()
            finally:
                self._join(Team())

    def _work(self) -> None:
        """What every worker but rank 0 does; the metrics are rank 0's alone."""
        self.running = []
        for _ in self._learn():
            pass

    def _join(self, team: Team) -> None:
        """Take one worker's shard: of batches, gradients, parameters and random numbers."""
        self.model.join(team, self.seed)
        self.draws = StepStream(self.seed, Purpose.AUGMENT, team.rank)
        self.optimizer.update_only(self.model.flat.shard)
        self.batch_loss.team = team

    def _learn(self) -> Iterator[Step | Epoch]:
        self._join(self.team)
        orders = NumberedStreams(self.seed, Purpose.ORDER)
        while self.progress.epoch < self.epochs:
            self.take_up_epoch()
            order = self.batches.order(orders, self.progress.epoch)
            step: Step | None = None
            for number in range(self.progress.batch, len(self.batches)):
                if self.batches.augmenter:
                    self.draws.go_to(self.progress.step)
                batch = self.batches.take(order, number, self.team, self.draws.generator)
                step = self.step(batch)
                yield step
            yield self._finish_epoch(self._last_lr() if step is None else step.lr)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")  # DivergedError says it once
    def step(self, batch: Batch) -> Step:
        """Learn from one batch: this worker from its shard, all of them from the whole."""
        progress, lr = self.progress, self._lr_of(self.progress.step)
        self.model.start_step(progress.step)
        self.team.start_batch(len(batch.targets))
        outputs = self.model.forward(batch.x, training=True)
        loss, gradient = self.batch_loss.mean_and_grad(outputs, batch.encoded, batch.own_weights)
        if self.predictions is not None:
            self._show(self.predictions, outputs, len(batch.targets))
        self.model.backward(gradient)
        weight = self.batch_loss.total_weight(batch.encoded, batch.own_weights)

        if self.team.size > 1:
            loss, weight, lr = self.team.all_reduce(np.array([loss, weight, lr])).tolist()
        if not math.isfinite(loss):
            raise self._diverged(f"the loss is {loss}", lr)
        if self.predictions is not None:
            self._measure(self.predictions, batch.targets, batch.weights)
        clip(self.model.flat.add_worker_grads(), self.clip_norm, self.clip_value, self.team)
        self.optimizer.step(lr)
        self.team.barrier()

        progress.step += 1
        progress.batch += 1
        progress.loss_sum += loss * weight
        progress.weight_sum += weight
        progress.note(loss)
        return Step(
            progress.epoch + 1,
            progress.step,
            progress.batch,
            len(self.batches),
            len(batch.targets),
            loss,
            lr,
        )

    def _show(self, predictions: Array, outputs: Array, count: int) -> None:
        """Put the predictions where rank 0 finds those of the whole batch."""
        own = self.batches.preprocessing.unscale(self.loss.predictions(outputs))
        predictions[self.team.shard(count)] = own

    def _measure(self, predictions: Array, targets: Array, weights: Array | None) -> None:
        """Add the whole batch's predictions to rank 0's metrics.

        Between the sum, when all predictions are there, and the wait, after which other workers
        replace theirs by those of the next batch.
        """
        shown = read_only(predictions[: len(targets)])
        for metric in self.running:
            metric.add(shown, targets, weights)

    def check_finite(self) -> None:
        """Raise DivergedError if a number that a checkpoint holds is no longer finite."""
        values, memory = self.model.flat.all_values, self.optimizer.memory.values()
        buffers = [buffer.value for buffer in self.buffers]
        if all_finite(values, *buffers, *memory):
            return
        what = "a running average" if all_finite(values) else "a weight"
        if all_finite(values, *buffers):
            what = "the optimizer's memory"
        raise self._diverged(f"{what} is no longer finite", self._last_lr())

    def snapshot(self) -> Progress:
        """The progress, with the running sums of an unfinished epoch."""
        inside = self.progress.batch > 0
        self.progress.metric_sums = [m.sums.tolist() for m in self.running] if inside else []
        return self.progress

    def figures(self) -> dict[str, float]:
        """The running averages of the epoch so far: ``train_loss``, ``train_accuracy``, ..."""
        record = {"train_loss": self.progress.loss_sum / max(self.progress.weight_sum, 1e-300)}
        return record | {intern(f"train_{each.key}"): each.result() for each in self.running}

    def recorded(self) -> set[str]:
        """The figures that every epoch records."""
        trained = {"train_loss", *(f"train_{metric.key}" for metric in self.running)}
        if self.validation is None:
            return trained
        return trained | {"val_loss", *(f"val_{metric.key}" for metric in self.metrics)}

    def can_take_up(self, metric_sums: list[list[float]]) -> bool:
        """Whether each metric of the training can go on from such running sums."""
        blank = [copy.copy(metric) for metric in self.running]
        for metric in blank:
            metric.reset(self.batches.classes)
        if len(blank) != len(metric_sums):
            return False
        return all(m.take_up(sums) for m, sums in zip(blank, metric_sums, strict=True))

    def take_up_epoch(self) -> None:
        """Begin the epoch, or go on within it with the running sums that the progress has."""
        for metric in self.running:
            metric.reset(self.batches.classes)
        if self.progress.batch and self.running:
            for metric, sums in zip(self.running, self.progress.metric_sums, strict=True):
                metric.take_up(sums)

    def _finish_epoch(self, lr: float) -> Epoch:
        progress, record = self.progress, self.figures()
        if self.validation and self.team.rank == 0:
            threads = self.team.size
            result = evaluate(self.model, self.loss, self.metrics, self.validation, threads)
            record |= result.record("val")
        progress.epoch += 1
        progress.batch = 0
        progress.loss_sum = progress.weight_sum = 0.0
        progress.history.append(record)
        told = self.optimizer.with_penalty(record) if self.team.rank == 0 else record
        return Epoch(progress.epoch, progress.step, lr, told)

    def _lr_of(self, step: int) -> float:
        """The learning rate of a step, which rank 0 tells the others.

        The schedule looks at the history, and only rank 0 knows all of it.
        """
        if self.team.rank:
            return 0.0
        return self.optimizer.lr * self.schedule(step, self.total_steps, self.progress.history)

    def _last_lr(self) -> float:
        return self._lr_of(max(self.progress.step - 1, 0))

    def _diverged(self, what: str, lr: float) -> DivergedError:
        return diverged(what, self.progress.epoch, self.progress.step, lr)
