"""What a diagnosis judges by: a config with its data, and what is known of a training of it."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import NumberedStreams, Purpose, stream
from nnfs_cli.compute.team import Team
from nnfs_cli.data.batches import Batches
from nnfs_cli.experiment.build import Built
from nnfs_cli.inspection.chance import Chance, chance_of
from nnfs_cli.nn.model import Model
from nnfs_cli.training.layer_statistics import (
    LayerRow,
    LayerStatistics,
    fixed_batch,
    parameter_row,
)
from nnfs_cli.training.loop import Progress, Training

START_SAMPLES, START_BATCHES = 256, 16
"""Of the batches that a training would begin with, as many as have so many samples."""


@dataclass(frozen=True)
class Start:
    """The network at its first weights: nothing has been learnt yet."""

    loss: float
    gradient_norm: float
    """Of all parameters together, for the first batch, before any clipping."""
    rows: Sequence[LayerRow]
    """Of parameters, with that gradient, and of activations."""


@dataclass(frozen=True)
class Trials:
    """What short trainings from the first weights came to."""

    steps: int
    learnt: Mapping[float, float]
    """By what the learning rate was multiplied: how much of what can be learnt was, at the end."""
    one_batch_learnt: float
    """Of one batch that is learnt over and over, at the best of several rates."""
    one_batch: int
    one_batch_steps: int


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that findings are drawn from; what is None or empty is not known.

    ``history`` has the figures of each epoch, ``layers`` the rows of layers.csv. ``complete`` says
    that the training has come to its end; ``model`` is as it left it, ``first`` as it was begun.
    """

    built: Built
    model: Model
    first: Model | None = None
    start: Start | None = None
    trials: Trials | None = None
    history: Sequence[Mapping[str, float]] = ()
    layers: Mapping[int, Sequence[LayerRow]] = field(default_factory=dict)
    complete: bool = False
    diverged: bool = False
    stopped_early: bool = False
    thorough: bool = True
    """Whether findings may take seconds."""

    @cached_property
    def chance(self) -> Chance:
        """By which losses are judged."""
        network, batches = self.built.network, self.built.training.batches
        return chance_of(network.loss, batches.encoded, network.model.output_shape[-1])

    @cached_property
    def inputs(self) -> Array:
        """Some training samples as the network sees them."""
        return fixed_batch(self.built.training.batches, self.built.config.seed, most=1024)

    @property
    def earliest(self) -> Sequence[LayerRow]:
        """Rows of the first weights, or else of the first measured epoch."""
        return self.start.rows if self.start else self.rows(0)

    def rows(self, epoch: int) -> Sequence[LayerRow]:
        """Rows of a measured epoch, 0 being the first and -1 the last one; none if none is."""
        epochs = sorted(self.layers)
        return self.layers[epochs[epoch]] if epochs else ()


def fresh(training: Training, model: Model, rate: float = 1.0) -> Training:
    """The same training of a copy of ``model``, from its first step, by this process alone."""
    optimizer = training.optimizer.unbound()
    optimizer.lr = training.optimizer.lr * rate
    return replace(
        training,
        model=copy.deepcopy(model),
        optimizer=optimizer,
        team=Team(),
        progress=Progress(),
    )


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def start_of(training: Training, first: Model) -> Start:
    """Loss and gradient of the batches that come first, in training mode, without a step."""
    again = fresh(training, first)
    model, batches, loss = again.model, again.batches, copy.copy(again.loss)
    order = batches.order(NumberedStreams(again.seed, Purpose.ORDER), 0)
    losses, weights, norm = 0.0, 0.0, math.nan
    rows: list[LayerRow] = []
    for number in range(min(len(batches), START_BATCHES)):
        batch = batches.take(order, number)
        value, gradient = loss.mean_and_grad(
            model.forward(batch.x, True), batch.encoded, batch.own_weights
        )
        if number == 0:
            model.backward(gradient)
            norm = math.sqrt(np.vdot(model.flat.grads, model.flat.grads))
            rows = [
                parameter_row(path, p.value.reshape(-1), p.grad.reshape(-1), np.zeros(1))
                for path, p in model.flat.by_path.items()
                if p.trainable
            ]
        weight = loss.total_weight(batch.encoded, batch.own_weights)
        losses, weights = losses + value * weight, weights + weight
        if weights >= START_SAMPLES:
            break
    outputs = LayerStatistics(fresh(training, first)).measure()
    rows += [row for row in outputs if row.mean is not None]
    return Start(losses / weights, norm, rows)


def one_batch_of(training: Training, most: int) -> Batches:
    """The first batch alone, of at most so many samples, as all there is to learn from."""
    batches, few = training.batches, training.batches.samples
    order = stream(training.seed, Purpose.ORDER, 0).permutation(len(few))
    chosen = np.sort(order[: min(batches.batch_size, most)])
    return Batches(few.pick(chosen), batches.preprocessing, batches.encoded[chosen], "full")
