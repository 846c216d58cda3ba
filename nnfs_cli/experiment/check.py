"""Checking a config before training it: errors, layers, one step, a forecast."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from nnfs_cli.compute.arrays import Shape
from nnfs_cli.experiment.build import Built
from nnfs_cli.experiment.memory_estimate import peak_bytes
from nnfs_cli.formatting import sizes_text
from nnfs_cli.nn.inference import infer
from nnfs_cli.nn.layer_summary import LayerSummary
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.training.loop import Step

TRIAL_STEPS = 8
TRIAL_SECONDS = 1.0


@dataclass(frozen=True)
class Check:
    """What `nnfs check` found: everything is in order, and what to expect."""

    data: str
    input_shape: Shape
    sizes: str
    layers: list[LayerSummary]
    parameters: int
    memory: int
    """Bytes that the processes of a training hold at once."""
    loss: float
    expected_loss: str
    seconds_per_epoch: float
    epochs: int
    notes: list[str]
    classes: tuple[str, ...]
    """In the order of their numbers, which is that of class_weights; empty for a regression."""
    names: tuple[str, ...]
    """Of several values or labels a sample, in the order of the outputs."""
    class_weights: dict[str, float]
    """What each class weighs in the loss, if they differ."""


def check(built: Built, notes: Sequence[str] = ()) -> Check:
    """Take a few steps and forecast the rest; ``notes`` are what building it said. Raises
    DivergedError.
    """
    losses, seconds = _try_steps(built)
    validation = _try_evaluation(built)
    memory = peak_bytes(built)
    data, network = built.data, built.network
    return Check(
        data=data.name,
        input_shape=data.preprocessing.input_shape,
        sizes=sizes_text(data.sizes),
        layers=network.model.summary(),
        parameters=network.model.parameter_count,
        memory=memory,
        loss=losses[0],
        expected_loss=_expected_loss(built),
        seconds_per_epoch=seconds * len(built.training.batches) + validation,
        epochs=built.config.train.epochs,
        notes=[*_notes(built, losses[0]), *notes],
        classes=data.preprocessing.labels,
        names=data.preprocessing.names,
        class_weights=_class_weights(built),
    )


def _class_weights(built: Built) -> dict[str, float]:
    loss = built.network.loss
    given = loss.weights if isinstance(loss, CrossEntropy) else None
    return dict(zip(built.network.labels, given or (), strict=False))


def _try_steps(built: Built) -> tuple[list[float], float]:
    """The losses of the first steps, and the median seconds that one of them takes."""
    losses, times = [], []
    began = last = time.perf_counter()
    for event in built.training:
        now = time.perf_counter()
        if isinstance(event, Step):
            losses.append(event.loss)
            times.append(now - last)
        last = now
        if len(losses) >= TRIAL_STEPS or (now - began > TRIAL_SECONDS and losses):
            break
    return losses, median(times[1:] or times)


def _try_evaluation(built: Built) -> float:
    """Pass a batch for each thread through the network, for the memory that evaluations take.

    Returns the seconds that the validation of an epoch takes at that pace.
    """
    network, threads = built.network, built.training.team.size
    count = min(threads * network.model.inference_batch, len(built.data.train))
    batches = network.batches(built.data.train.pick(np.arange(count)))
    began = time.perf_counter()
    infer(network.model, batches.inputs, batches.scale, threads)
    seconds = time.perf_counter() - began
    return seconds * len(built.data.validation or ()) / count


def _expected_loss(built: Built) -> str:
    if isinstance(built.network.loss, CrossEntropy) and built.data.classes:
        return f"(guessing among {built.data.classes} classes: {math.log(built.data.classes):.4f})"
    return ""


def _notes(built: Built, first_loss: float) -> list[str]:
    notes = []
    model, loss, classes = built.network.model, built.network.loss, built.data.classes
    if model.head is not None:
        notes.append(
            f"the final {model.head.word} and {loss.word} are computed as one function of logits"
        )
    if isinstance(loss, CrossEntropy) and classes and first_loss > 2 * math.log(classes) + 1:
        notes.append("the first loss is far above guessing: are the weights or inputs too large?")
    return notes
