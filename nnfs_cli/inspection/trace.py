"""One training step, number by number: forward, loss, backward and update.

Computed in float64 from the network's weights, in the order in which the config has its layers; a
training computes the same in float32, which differs from about the seventh digit on.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from nnfs_cli.components.component import Component
from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import NumberedStreams, Purpose, StepStream
from nnfs_cli.compute.team import Team
from nnfs_cli.data.batches import Batch
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.experiment.build import Built
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layer_by_layer import LayerByLayer, Passage
from nnfs_cli.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.model import Model
from nnfs_cli.training.clipping import clip


@dataclass(frozen=True, eq=False)
class ParameterTrace:
    """A parameter's update: ``new`` = ``value`` + ``change``, from ``gradient`` and the memory.

    ``memory`` holds, for each of the optimizer's slots, the numbers before and after the step.
    ``gradient`` is what the optimizer was given, behind clipping; None for a frozen parameter.
    """

    path: str
    value: Array
    gradient: Array | None = None
    memory: dict[str, tuple[Array, Array]] = field(default_factory=dict)
    new: Array | None = None

    @property
    def change(self) -> Array:
        """What the step added to each number."""
        assert self.new is not None
        return self.new - self.value


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """What a layer did: its formulas, ``x`` to ``y``, and ``dy`` = dL/dy to ``dx`` = dL/dx.

    ``parameters`` are its own, with the gradients that backward assigned, before any clipping.
    ``notes`` say what a training computes in another order or leaves out.
    """

    path: str
    layer: Layer
    word: str
    forward: str
    backward: str
    x: Array
    y: Array
    dy: Array
    dx: Array
    parameters: list[ParameterTrace]
    notes: list[str]


@dataclass(frozen=True, eq=False)
class LossTrace:
    """The loss of the batch's ``outputs`` and ``targets`` with its samples' ``weights``, if any."""

    word: str
    formula: str
    outputs: Array
    targets: Array
    weights: Array | None
    predictions: Array
    value: float
    gradient: Array


@dataclass(frozen=True, eq=False)
class StepTrace:
    """A whole step; ``step``, ``epoch`` and ``batch`` are counted from one, samples from zero."""

    step: int
    epoch: int
    batch: int
    batches: int
    samples: list[int]
    labels: list[str]
    """The names of the samples' classes; empty for a regression."""
    layers: list[LayerTrace]
    loss: LossTrace
    optimizer: str
    formula: str
    lr: float
    norm: float
    """The Euclidean length of the whole gradient, before any clipping."""
    clipped: str
    """What clipping did; empty if nothing."""
    parameters: list[ParameterTrace]


class Tracer:
    """Takes steps of a training that is left as it is: on copies, and one at a time.

    The first is the step that the training would take next.
    """

    def __init__(self, built: Built) -> None:
        self.training, self.network = built.training, built.network
        self.watched = LayerByLayer(self.network.model, self.network.model.flat.all_values)
        self.optimizer = self.network.optimizer.unbound()
        self.optimizer.bind(self.watched.flat)
        self.optimizer.steps = self.network.optimizer.steps
        for name, slot in self.network.optimizer.memory.items():
            self.optimizer.memory[name][...] = slot
        self.step = self.training.progress.step

    def steps(self, count: int, batch: int | None, sample: int | None) -> Iterator[StepTrace]:
        """So many steps, from ``batch`` (counted from one) of the epoch on, or on one ``sample``.

        Raises UsageError and DataError.
        """
        batches, samples = len(self.training.batches), len(self.training.batches.samples)
        if batch is not None and sample is not None:
            raise UsageError("--batch and --sample exclude each other", "give one of them")
        if batch is not None and not 1 <= batch <= batches:
            raise DataError(f"there is no batch {batch}", f"an epoch has batches 1 to {batches:,}")
        if sample is not None and not 0 <= sample < samples:
            raise DataError(
                f"there is no training sample {sample}", f"they go from 0 to {samples - 1:,}"
            )
        epoch, number = divmod(self.step, batches)
        place = epoch * batches + (number if batch is None else batch - 1)
        for at in range(place, place + count):
            yield self._take(at, sample)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")  # the numbers show it
    def _take(self, place: int, sample: int | None) -> StepTrace:
        """The step on the batch at ``place``, counted over all epochs, or on one sample alone."""
        training, batches = self.training, self.training.batches
        epoch, number = divmod(place, len(batches))
        order = batches.order(NumberedStreams(training.seed, Purpose.ORDER), epoch)
        if sample is not None:
            order, number = np.array([sample]), 0
        draws = StepStream(training.seed, Purpose.AUGMENT, 0)
        draws.go_to(place)
        batch = batches.take(order, number, draws=draws.generator)
        size = batches.batch_size
        self.watched.start_step(place, training.seed)
        loss = self._forward_and_backward(batch)
        layers = [self._layer(passage) for passage in self.watched.passages]
        norm, clipped = self._clip()
        last = training.total_steps - 1
        history = training.progress.history
        lr = self.optimizer.lr * training.schedule(min(place, last), training.total_steps, history)
        names = self.network.labels
        return StepTrace(
            step=place + 1,
            epoch=epoch + 1,
            batch=number + 1,
            batches=1 if sample is not None else len(batches),
            samples=np.arange(len(batches.samples))[order][number * size :][:size].tolist(),
            labels=[names[int(target)] for target in batch.targets] if names else [],
            layers=layers,
            loss=loss,
            optimizer=self.optimizer.word,
            formula=paragraphs(self.optimizer, 3),
            lr=lr,
            norm=norm,
            clipped=clipped,
            parameters=self._update(lr),
        )

    def _forward_and_backward(self, batch: Batch) -> LossTrace:
        """The loss as written; where it is fused, its gradient by the logits as in a training."""
        loss, weights = copy.copy(self.network.loss), batch.own_weights
        outputs = self.watched.forward(batch.x, training=True)
        of_logits, predictions = None, outputs
        if self.network.model.head is not None:
            assert isinstance(loss, CrossEntropy | BinaryCrossEntropy)
            logits = self.watched.passages[-1].x
            of_logits = loss.mean_and_grad(logits, batch.encoded, weights)[1].copy()
            loss = replace(loss, from_logits=False)
            loss.name_classes(self.network.labels)
        else:
            predictions = loss.predictions(outputs)
        value, gradient = loss.mean_and_grad(outputs, batch.encoded, weights)
        traced = LossTrace(
            loss.word,
            paragraphs(loss, 2),
            outputs.copy(),
            batch.encoded.copy(),
            weights,
            predictions.copy(),
            value,
            gradient.copy(),
        )
        self.watched.backward(gradient, of_logits)
        return traced

    def _layer(self, passage: Passage) -> LayerTrace:
        layer = passage.layer
        return LayerTrace(
            passage.path,
            layer,
            layer.word,
            formula(type(layer).forward),
            formula(type(layer).backward),
            passage.x,
            passage.y,
            passage.dy,
            passage.dx,
            [
                ParameterTrace(
                    f"{passage.path}.{p.name}",
                    p.value.copy(),
                    p.grad.copy() if p.trainable else None,
                )
                for p in layer.parameters.values()
            ],
            differences(self.network.model, passage),
        )

    def _clip(self) -> tuple[float, str]:
        """Clip as the training does; the gradient's length before, and what was done to it."""
        grads, training = self.watched.flat.grads, self.training
        before, norm = grads.copy(), float(np.linalg.norm(grads))
        clip(grads, training.clip_norm, training.clip_value, Team())
        if np.array_equal(before, grads):
            return norm, ""
        limits = {"clip_value": training.clip_value, "clip_norm": training.clip_norm}
        given = " and ".join(f"{name} {limit:g}" for name, limit in limits.items() if limit)
        return norm, f"{given}: the gradient's length goes from {norm:.6g} to " + (
            f"{np.linalg.norm(grads):.6g}"
        )

    def _update(self, lr: float) -> list[ParameterTrace]:
        flat, memory = self.watched.flat, self.optimizer.memory
        values, grads = flat.split(flat.values.copy()), flat.split(flat.grads.copy())
        before = {name: flat.split(slot.copy()) for name, slot in memory.items()}
        self.optimizer.step(lr)
        after = {name: flat.split(slot.copy()) for name, slot in memory.items()}
        new = flat.split(flat.values.copy())
        return [
            ParameterTrace(
                path,
                values[path],
                grads[path],
                {name: (before[name][path], after[name][path]) for name in memory},
                new[path],
            )
            for path in flat.by_path
            if path in new
        ]


def differences(model: Model, passage: Passage) -> list[str]:
    """What a training does otherwise than the config has it, with the same numbers to rounding."""
    notes, steps, layer = list[str](), model.steps, dict(model.walk())[passage.path]
    if layer is model.head:
        notes.append("a training computes this layer and the loss at once: dL/dx without dL/dy")
    if layer.selects and any(a is layer and b.monotone for a, b in pairwise(steps)):
        notes.append("a training pools before it activates: the same numbers, fewer of them")
    if layer.inplace and passage.asks_where and layer is not model.head:
        notes.append("a training writes y over x")
    if not layer.input_gradient or (layer in steps and steps.index(layer) < _first(steps)):
        notes.append("a training leaves dL/dx out: nothing before this layer learns")
    return notes


def _first(steps: list[Layer]) -> int:
    """Where the first step stands that has its own gradient left out; 0 if none does."""
    return next((index for index, step in enumerate(steps) if not step.input_gradient), 0)


def formula(method: object) -> str:
    """The first sentence of a method's own docstring, where a layer writes its formula.

    Empty if it has none: the contract's own sentence would say nothing of the layer.
    """
    doc = inspect.cleandoc(method.__doc__ or "")
    return doc.partition("\n\n")[0].replace("\n", " ").rstrip(".")


def paragraphs(component: Component, count: int) -> str:
    """The first paragraphs of a component's docstring, where its formulas are."""
    doc = inspect.getdoc(type(component)) or ""
    return "\n\n".join(doc.split("\n\n")[:count]).replace("``", "`")
