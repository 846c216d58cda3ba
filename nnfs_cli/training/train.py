"""The library without the command line: :func:`train` on arrays, layers and optimizers."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.blas import one_thread
from nnfs_cli.data.batches import Batches
from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.prepare import Data
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.fusing import fuse
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric, other_metrics, require_own_key, said
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.nn.schedule import Schedule
from nnfs_cli.training.evaluate import evaluate
from nnfs_cli.training.fitting import fitted, require_weighable
from nnfs_cli.training.loop import Epoch, Step, Training
from nnfs_cli.training.network import Network
from nnfs_cli.training.workers import team_of


@dataclass(frozen=True, eq=False)
class Trained(Network):
    """A trained network, the record of each epoch, and its figures on the test split, if any.

    ``predict`` takes raw inputs, as the data has them.
    """

    history: list[dict[str, float]]
    test: dict[str, float]


def train(
    model: Sequential | Sequence[Layer],
    data: Data | tuple[Array, Array] | tuple[Array, Array, Array],
    *,
    loss: Loss | str,
    optimizer: Optimizer | str,
    epochs: int = 10,
    batch_size: int | Literal["full"] = 64,
    schedule: Schedule | str | None = None,
    metrics: Sequence[Metric | str] = (),
    seed: int = 0,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    workers: int = 1,
    watch: Callable[[Step | Epoch], None] | None = None,
) -> Trained:
    """Train a network and return it.

    Components may be given by name, with all defaults. They are only read: every call trains
    copies of them, which it returns. Raises UsageError or DataError if they do not fit together,
    DivergedError if the loss is no longer finite.

    - ``model``: the layers, first to last, or a Sequential of them.
    - ``data``: a pair of arrays, inputs (N, ...) and targets (N,) or (N, k), with weights of the
      samples (N,) as a third, or a prepared Data. Of arrays a fifth is kept for the
      test, and a tenth of the rest for validation.
    - ``loss``: what training lowers, such as ``"cross_entropy"``.
    - ``optimizer``: how the gradient changes the parameters, such as ``Adam(lr=1e-3)``.
    - ``epochs``: passes over the training samples.
    - ``batch_size``: samples a step, or ``"full"`` for all of them.
    - ``schedule``: how the learning rate changes over the training; None: not at all.
    - ``metrics``: what is measured beside the loss, such as ``["accuracy"]``.
    - ``seed``: decides the initial weights, the order of the samples, and dropout.
    - ``clip_norm``: the largest norm of the whole gradient; None: any.
    - ``clip_value``: the largest size of each entry of the gradient; None: any.
    - ``workers``: processes that share each batch.
    - ``watch``: called with every Step and Epoch.
    """
    loss, optimizer = copy.copy(Loss.given(loss)), Optimizer.given(optimizer).unbound()
    if not (watch is None or callable(watch)):
        raise UsageError(f"watch expects a function, received {type(watch).__name__}")
    schedule = copy.deepcopy(Schedule.given("constant" if schedule is None else schedule))
    measures = as_metrics(metrics)
    require_whole(1, epochs=epochs, workers=workers)
    require_batch_size(batch_size)
    require_whole(0, seed=seed)
    require_positive(clip_norm=clip_norm, clip_value=clip_value)
    data = as_data(data)
    require_metrics_fit(measures, data)
    kept = data.preprocessing
    require_weighable(measures, data.train)
    built = Model(as_layers(model), kept.input_shape, seed)
    loss = fuse(built, fitted(loss, data.train, kept.labels))
    network = Network(built, loss, optimizer, measures, kept)
    batches: Batches = network.batches(data.train, batch_size, data.augmenter())
    validation = network.batches(data.validation) if data.validation else None
    training = Training(
        model=built,
        loss=loss,
        optimizer=optimizer,
        batches=batches,
        epochs=epochs,
        validation=validation,
        schedule=schedule,
        metrics=measures,
        seed=seed,
        clip_norm=clip_norm,
        clip_value=clip_value,
        team=team_of(workers, built, batches),
    )
    # One BLAS thread is faster on matrices as small as these, and exact from run to run.
    with one_thread():
        history = _records(training, watch)
        test = _tested(network, data, training.team.size)
    return Trained(built, loss, optimizer, measures, kept, history, test)


def _records(
    training: Training, watch: Callable[[Step | Epoch], None] | None
) -> list[dict[str, float]]:
    """Train to the end; the record of each epoch."""
    records = []
    for event in training:
        if isinstance(event, Epoch):
            records.append(event.record)
        if watch:
            watch(event)
    return records


def _tested(network: Network, data: Data, threads: int) -> dict[str, float]:
    """The figures of the test samples; none where there are no such samples."""
    if data.test is None:
        return {}
    batches = network.batches(data.test)
    metrics = network.metrics_for(data.test.targets)
    return evaluate(network.model, network.loss, metrics, batches, threads).figures()


def as_layers(model: Sequential | Sequence[Layer]) -> list[Layer]:
    """Fresh copies of a network's layers. Raises UsageError."""
    layers = model.layers if isinstance(model, Sequential) else model
    if isinstance(layers, Layer | str) or not isinstance(layers, Sequence):
        raise UsageError(f"train expects a Sequential, received {type(layers).__name__}")
    return copy.deepcopy([Layer.given(layer) for layer in layers])


def as_metrics(metrics: Sequence[Metric | str] | None) -> list[Metric]:
    """The metrics, by name or not. Raises UsageError."""
    if isinstance(metrics, str | Metric):
        raise UsageError("metrics expects a list", f"write metrics=[{metrics!r}]")
    if not isinstance(metrics, Sequence | None):
        raise UsageError(f"metrics expects a list, received {type(metrics).__name__}")
    return [Metric.given(metric) for metric in metrics or ()]


def require_metrics_fit(metrics: Sequence[Metric], data: Data) -> None:
    """Raise UsageError if a metric compares classes where the data has values, or the reverse.

    And if two have one name.
    """
    for index, metric in enumerate(metrics):
        require_own_key(metric, metrics[:index])
        if not metric.fits(data.preprocessing.task):
            raise UsageError(
                f"{metric.word} compares {metric.targets}, but the data's targets are "
                f"{said(data.preprocessing.task)}",
                other_metrics(data.preprocessing.task, "choose another metric"),
            )


def as_data(data: Data | tuple[Array, Array] | tuple[Array, Array, Array]) -> Data:
    """The data, made of two or three arrays if need be. Raises UsageError and DataError."""
    if isinstance(data, Data):
        return data
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise UsageError(
            f"train expects data as a pair (inputs, targets), received {type(data).__name__}",
            "data_from_arrays makes Data with settings of your own",
        )
    return data_from_arrays(*data[:2], sample_weight=data[2] if len(data) > 2 else None)


def require_whole(least: int, **numbers: Any) -> None:
    """Raise UsageError unless all are whole numbers of at least so much."""
    for name, number in numbers.items():
        whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
        if not whole or number < least:
            raise UsageError(
                f"{name} expects a whole number of at least {least}, received {number!r}"
            )


def require_batch_size(batch_size: Any) -> None:
    """Raise UsageError unless it is a whole number of at least 1, or ``full``."""
    if not (isinstance(batch_size, str) and batch_size == "full"):
        require_whole(1, batch_size=batch_size)


def require_positive(**numbers: Any) -> None:
    """Raise UsageError unless all are numbers above zero, or None."""
    for name, number in numbers.items():
        real = isinstance(number, int | float | np.number) and not isinstance(number, bool)
        if number is not None and not (real and 0.0 < number < math.inf):
            raise UsageError(f"{name} expects a number above 0 or None, received {number!r}")
