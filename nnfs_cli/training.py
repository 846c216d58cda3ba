"""The training loop: forward, loss, backward, step; again for every batch of every epoch.

Iterate over a :class:`Training` and it trains. It yields a :class:`Step` after each step and an
:class:`Epoch` at the end of each; whoever iterates shows progress, saves checkpoints, or stops.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnfs_cli.data.batches import Batch, Batches
from nnfs_cli.errors import DivergedError
from nnfs_cli.evaluation import evaluate
from nnfs_cli.figures import figures_text
from nnfs_cli.losses.loss import Loss
from nnfs_cli.metrics.metric import Metric
from nnfs_cli.model import Model
from nnfs_cli.optimizers.optimizer import Optimizer
from nnfs_cli.parameter import Array
from nnfs_cli.random_streams import Purpose, generator_state, restore_generator, stream
from nnfs_cli.schedules.constant import Constant
from nnfs_cli.schedules.schedule import Schedule


@dataclass(frozen=True)
class Step:
    """One optimizer step: ``batch`` of ``batches`` in ``epoch``, all counted from one."""

    epoch: int
    step: int
    batch: int
    batches: int
    samples: int
    loss: float
    lr: float


@dataclass(frozen=True)
class Epoch:
    """A finished epoch: ``train_loss``, ``val_loss`` and the metrics of both, by name."""

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
    generators: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)


@dataclass
class Training:
    """A model, what it learns from, and how. Iterating trains it."""

    model: Model
    loss: Loss
    optimizer: Optimizer
    batches: Batches
    epochs: int
    validation: Batches | None = None
    schedule: Schedule = field(default_factory=Constant)
    metrics: Sequence[Metric] = ()
    seed: int = 0
    clip_norm: float | None = None
    clip_value: float | None = None
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self.running = [metric for metric in self.metrics if metric.in_training]
        self.optimizer.bind(self.model.flat)

    @property
    def total_steps(self) -> int:
        """Steps in the whole training."""
        return self.epochs * len(self.batches)

    def __iter__(self) -> Iterator[Step | Epoch]:
        while self.progress.epoch < self.epochs:
            self._start_epoch()
            order = stream(self.seed, Purpose.ORDER, self.progress.epoch).permutation(
                len(self.batches.samples)
            )
            for batch in self.batches.in_order(order, start=self.progress.batch):
                yield self.step(batch)
            yield self._finish_epoch()

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")  # DivergedError says it once
    def step(self, batch: Batch) -> Step:
        """Learn from one batch."""
        progress = self.progress
        factor = self.schedule(progress.step, self.total_steps, progress.history)
        lr = self.optimizer.lr * factor

        outputs = self.model.forward(batch.x, training=True)
        value, gradient = self.loss.value_and_grad(outputs, batch.encoded)
        loss = float(value)  # a plugin's may be of NumPy's own kind, which JSON refuses
        if not math.isfinite(loss):
            raise self._diverged(f"the loss is {loss}", lr)
        predictions = self._predictions(outputs) if self.running else outputs
        self.model.backward(gradient)
        clip(self.model.flat.grads, self.clip_norm, self.clip_value)
        self.optimizer.step(lr)

        progress.step += 1
        progress.batch += 1
        weight = self.loss.weight(batch.encoded)
        progress.loss_sum += loss * weight
        progress.weight_sum += weight
        for metric in self.running:
            metric.update(predictions, batch.targets)
        return Step(
            progress.epoch + 1,
            progress.step,
            progress.batch,
            len(self.batches),
            len(batch.x),
            loss,
            lr,
        )

    def _predictions(self, outputs: Array) -> Array:
        return self.batches.preprocessing.unscale(self.loss.predictions(outputs))

    def check_finite(self) -> None:
        """Raise DivergedError if a parameter is no longer finite."""
        if not np.isfinite(self.model.flat.all_values).all():
            raise self._diverged("a weight is no longer finite", self._lr())

    def snapshot(self) -> Progress:
        """The progress, with the running sums and generators of an unfinished epoch."""
        inside = self.progress.batch > 0
        sums = [metric.sums.tolist() for metric in self.running]
        self.progress.metric_sums = sums if inside else []
        random = self.model.random_layers() if inside else {}
        self.progress.generators = {p: generator_state(at.generator) for p, at in random.items()}
        return self.progress

    def figures(self) -> dict[str, float]:
        """The running averages of the epoch so far: ``train_loss``, ``train_accuracy``, ..."""
        record = {"train_loss": self.progress.loss_sum / max(self.progress.weight_sum, 1e-300)}
        return record | {f"train_{metric.key}": metric.result() for metric in self.running}

    def _start_epoch(self) -> None:
        progress = self.progress
        self.model.start_epoch(self.seed, progress.epoch)
        for metric in self.running:
            metric.reset(self.batches.classes)
        if progress.batch == 0:
            return
        for metric, sums in zip(self.running, progress.metric_sums, strict=True):
            metric.sums[...] = sums
        for path, layer in self.model.random_layers().items():
            restore_generator(layer.generator, progress.generators[path])

    def _finish_epoch(self) -> Epoch:
        progress, lr, record = self.progress, self._lr(), self.figures()
        if self.validation:
            result = evaluate(self.model, self.loss, self.metrics, self.validation)
            record |= result.record("val")
        progress.epoch += 1
        progress.batch = 0
        progress.loss_sum = progress.weight_sum = 0.0
        progress.history.append(record)
        return Epoch(progress.epoch, progress.step, lr, record)

    def _lr(self) -> float:
        last = max(self.progress.step - 1, 0)
        return self.optimizer.lr * self.schedule(last, self.total_steps, self.progress.history)

    def _diverged(self, what: str, lr: float) -> DivergedError:
        return DivergedError(
            f"diverged: {what} at step {self.progress.step + 1} "
            f"(epoch {self.progress.epoch + 1}, learning rate {lr:.3g})",
            "lower optimizer.lr, add `schedule: {warmup: 0.05}` or set train.clip_norm",
        )


def clip(grads: Array, norm: float | None, value: float | None) -> None:
    """Limit each entry of the gradient to ±``value``, then its Euclidean length to ``norm``.

    Pascanu et al., "On the difficulty of training recurrent neural networks", 2012,
    arXiv:1211.5063.
    """
    if value is not None:
        np.clip(grads, -value, value, out=grads)
    if norm is not None:
        length = math.sqrt(float(np.vdot(grads, grads)))
        if length > norm:
            grads *= norm / length
