"""What every layer does over a training: weights, gradients, steps and activations in numbers.

Measured when the last step of an epoch is done, from what is there anyway: the vectors of values
and gradients, and one pass of a fixed batch through a replica of the network, in inference mode.
So it draws no random number, changes no running average, and a training is the same without it.
"""

from __future__ import annotations

import math
from types import MethodType
from typing import NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.data.batches import Batches
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.sequential import Forward, Sequential
from nnfs_cli.nn.model import Model
from nnfs_cli.training.loop import Step, Training

FEWEST, MOST = 32, 64
"""Training samples of the fixed batch: half as many as a step has, within these bounds."""
LONG_EPOCH = 300
"""Steps that take a hundred times as long as measuring once, however small the network is."""
LEVELS = {"sigmoid": (0.0, 1.0), "hard_sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
"""Between which outputs an activation runs; it is flat near both."""
NEAR = 0.025
"""An output is saturated within this fraction of the range from a level: the slope of a sigmoid or
tanh is less than a tenth of its steepest there."""


class LayerRow(NamedTuple):
    """What one parameter or one layer's output was when an epoch ended; None: not of its kind.

    Of a parameter that learns: the Euclidean ``norm`` of its values, the ``gradient_norm`` of the
    epoch's last gradient as the optimizer took it (clipped, with L2 penalties), and the
    ``update_ratio``, the norm of the last step by ``norm``. Of an activation, and of the network's
    output before the loss: ``mean`` and ``std`` over the fixed batch; ``dead``, the fraction of a
    ReLU's units (channels) that are zero for every sample of it; ``saturated``, the fraction of a
    sigmoid's or tanh's outputs that are close to a level.
    """

    name: str
    norm: float | None = None
    gradient_norm: float | None = None
    update_ratio: float | None = None
    mean: float | None = None
    std: float | None = None
    dead: float | None = None
    saturated: float | None = None


def is_measured(epoch: int, steps: int) -> bool:
    """Whether an epoch, counted from one, of so many steps is measured.

    Of epochs of 300 steps or more each is up to 1,023, of shorter ones up to 15; then every
    second up to twice that number, every fourth up to four times, and so on.
    """
    bits = 10 if steps >= LONG_EPOCH else 4
    return epoch % (1 << max(0, epoch.bit_length() - bits)) == 0


class LayerStatistics:
    """Measures the network of one training; :meth:`after` every step of it."""

    def __init__(self, training: Training) -> None:
        model, flat = training.model, training.model.flat
        self.values, self.before = flat.values, np.zeros_like(flat.values)
        values, grads, before = (
            {path: view.reshape(-1) for path, view in flat.split(vector).items()}
            for vector in (self.values, flat.grads, self.before)
        )
        self.parameters = [
            (path, values[path], grads[path], before[path])
            for path in flat.by_path
            if path in flat.trainable
        ]
        self.outputs: list[Output] = []
        self.network = model.replica()
        self._watch(model, self.network)
        self.inputs = fixed_batch(training.batches, training.seed)
        self.size = model.inference_batch
        self.steps = len(training.batches)
        self._look_ahead(training.progress.step)

    def after(self, step: Step) -> list[LayerRow]:
        """The rows of an epoch whose last step this was, if it is measured; else none.

        It remembers the values before an epoch's last step, so it has to see the one before.
        """
        if step.step < self.due - 1:
            return []
        rows = self.measure() if step.step == self.due else []
        self._look_ahead(step.step)
        return rows

    def _look_ahead(self, done: int) -> None:
        """Find the next step to be measured; keep the values if it is the very next one."""
        epoch = done // self.steps + 1
        while not is_measured(epoch, self.steps):
            epoch += 1
        self.due = epoch * self.steps
        if self.due == done + 1:
            np.copyto(self.before, self.values)

    @np.errstate(over="ignore", invalid="ignore")
    def measure(self) -> list[LayerRow]:
        """A row for each parameter that learns, and for each output that is watched."""
        np.subtract(self.values, self.before, out=self.before)
        rows = [parameter_row(*views) for views in self.parameters]
        for output in self.outputs:
            output.reset()
        for start in range(0, len(self.inputs), self.size):
            self.network.forward(self.inputs[start : start + self.size], training=False)
        return rows + [output.row() for output in self.outputs]

    def _watch(self, model: Model, network: Sequential) -> None:
        """Look at every activation, in the bodies of residuals too, and at the last output."""
        paths = {id(layer): path for path, layer in network.walk()}
        steps = network.written()
        last = steps[-2] if model.head else steps[-1]

        def watched(chain: list[Layer]) -> list[Forward]:
            forwards: list[Forward] = []
            for layer in chain:
                forward: Forward = MethodType(type(layer).forward, layer)
                body = getattr(layer, "body", None)
                if isinstance(body, Sequential):
                    body.go_through(watched(body.written()), [])
                if layer is last or isinstance(layer, Activation):
                    self.outputs.append(Output(paths[id(layer)], layer, forward))
                    forward = self.outputs[-1].forward
                forwards.append(forward)
            return forwards

        network.go_through(watched(steps[:-1] if model.head else steps), [])


def fixed_batch(batches: Batches, seed: int, most: int | None = None) -> Array:
    """Inputs of some training samples, drawn once and for all, as the network sees them."""
    total = len(batches.samples)
    count = most or min(max(batches.batch_size // 2, FEWEST), MOST)
    chosen = stream(seed, Purpose.FIXED_BATCH).choice(total, min(count, total), replace=False)
    raw = batches.inputs[np.sort(chosen)]
    return batches.scale(raw, np.empty(raw.shape, np.float32))


def parameter_row(path: str, values: Array, grads: Array, step: Array) -> LayerRow:
    """The norms of a parameter, of its gradient, and of the step that led to it, each a vector."""
    norm, gradient = math.sqrt(values.dot(values)), math.sqrt(grads.dot(grads))
    moved = math.sqrt(step.dot(step))
    return LayerRow(path, norm, gradient, moved / norm if norm else math.inf if moved else 0.0)


class Output:
    """A layer's outputs, of which mean, variance and more are added up, batch by batch."""

    def __init__(self, path: str, layer: Layer, forward: Forward) -> None:
        self.path, self._forward = path, forward
        self.dies = layer.is_a("relu")
        self.levels = next((levels for word, levels in LEVELS.items() if layer.is_a(word)), None)
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.count, self.mean, self.squares, self.saturated = 0, 0.0, 0.0, 0
        self.largest: Array | None = None

    def forward(self, x: Array, training: bool) -> Array:
        """The layer's own outputs, once they have been looked at."""
        y = self._forward(x, training)
        self.add(y)
        return y

    def add(self, y: Array) -> None:
        """Chan et al., "Updating formulae ... for computing sample variances", 1979."""
        mean = float(np.add.reduce(y, axis=None)) / y.size
        deviations = (y - mean).reshape(-1)
        total, apart = self.count + y.size, mean - self.mean
        self.squares += float(deviations.dot(deviations))
        self.squares += apart * apart * self.count * y.size / total
        self.mean += apart * y.size / total
        self.count = total
        if self.dies:
            largest = np.maximum.reduce(y, axis=0)
            if self.largest is not None:
                np.maximum(largest, self.largest, out=largest)
            self.largest = largest
        if self.levels:
            low, high = self.levels
            middle, reach = (low + high) / 2.0, (high - low) * (0.5 - NEAR)
            self.saturated += int(np.count_nonzero(np.abs(y - middle) > reach))

    def row(self) -> LayerRow:
        """What has been added up."""
        dead = saturated = None
        if self.largest is not None:
            units = self.largest
            if units.ndim > 1:
                units = np.maximum.reduce(units.reshape(-1, units.shape[-1]), axis=0)
            dead = np.count_nonzero(units <= 0.0) / units.size
        if self.levels:
            saturated = self.saturated / self.count
        std = math.sqrt(self.squares / self.count)
        return LayerRow(self.path, mean=self.mean, std=std, dead=dead, saturated=saturated)
