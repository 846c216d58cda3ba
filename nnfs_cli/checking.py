"""Checking a config before training it: errors, layers, one step, a forecast."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from nnfs_cli.building import Built, build, undefined_metrics
from nnfs_cli.config import Config, load_config
from nnfs_cli.data.source import Source
from nnfs_cli.inference import infer
from nnfs_cli.initial_weights import initialize_from, scaling_note
from nnfs_cli.losses.cross_entropy import CrossEntropy
from nnfs_cli.memory import peak_bytes
from nnfs_cli.model import LayerSummary
from nnfs_cli.parameter import Shape
from nnfs_cli.runs_folder import RunsFolder
from nnfs_cli.soundness import doubts

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


def _origin(config: Config, runs: RunsFolder) -> Path | None:
    """The checkpoint whose weights the training would start from."""
    return None if config.init_from is None else runs.find(config.init_from).chosen_checkpoint(None)


def check_config(
    path: Path, overrides: Sequence[str], source: Source, runs: RunsFolder | None = None
) -> Check:
    """Build everything and take a few steps. Raises ConfigError, DataError, DivergedError.

    ``runs`` is where the run that ``init_from`` names is looked for.
    """
    config, document = load_config(path, overrides)
    origin = _origin(config, runs or RunsFolder.chosen(None))
    built = build(config, source, document, origin)
    taken = (
        []
        if origin is None
        else [initialize_from(origin, built.network.model), scaling_note(origin, built.data)]
    )
    doubtful = [*doubts(built, document), *undefined_metrics(built, document)]
    losses, seconds = _try_steps(built)
    _try_evaluation(built)
    memory = peak_bytes(built)
    data, network = built.data, built.network
    parts = {"training": data.train, "validation": data.validation, "test": data.test}
    sizes = [f"{len(samples):,} {part}" for part, samples in parts.items() if samples is not None]
    return Check(
        data=data.name,
        input_shape=data.preprocessing.input_shape,
        sizes=", ".join(sizes),
        layers=network.model.summary(),
        parameters=network.model.parameter_count,
        memory=memory,
        loss=losses[0],
        expected_loss=_expected_loss(built),
        seconds_per_epoch=seconds * len(built.training.batches),
        epochs=config.train.epochs,
        notes=[*_notes(built, losses[0]), *filter(None, taken), *doubtful],
        classes=data.preprocessing.labels,
    )


def _try_steps(built: Built) -> tuple[list[float], float]:
    """The losses of the first steps, and the median seconds that one of them takes."""
    losses, times = [], []
    began = last = time.perf_counter()
    for event in built.training:
        now = time.perf_counter()
        if hasattr(event, "loss"):
            losses.append(event.loss)
            times.append(now - last)
        last = now
        if len(losses) >= TRIAL_STEPS or (now - began > TRIAL_SECONDS and losses):
            break
    return losses, median(times[1:] or times)


def _try_evaluation(built: Built) -> None:
    """Pass a batch for each thread through the network, for the memory that evaluations take."""
    network, threads = built.network, built.training.team.size
    count = min(threads * network.model.inference_batch, len(built.data.train))
    batches = network.batches(built.data.train.pick(np.arange(count)))
    infer(network.model, batches.inputs, batches.scale, threads)


def _expected_loss(built: Built) -> str:
    if isinstance(built.network.loss, CrossEntropy) and built.data.classes:
        return f"(guessing among {built.data.classes} classes: {math.log(built.data.classes):.4f})"
    return ""


def _notes(built: Built, first_loss: float) -> list[str]:
    notes = [built.data.notice] if built.data.notice else []
    model, loss, classes = built.network.model, built.network.loss, built.data.classes
    if model.head is not None:
        notes.append(
            f"the final {model.head.word} and {loss.word} are computed as one function of logits"
        )
    if isinstance(loss, CrossEntropy) and classes and first_loss > 2 * math.log(classes) + 1:
        notes.append("the first loss is far above guessing: are the weights or inputs too large?")
    return notes
