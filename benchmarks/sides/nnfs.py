"""nnfs, with as many workers as its own rule chooses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from works import CLASSES, LEARNING_RATE, SAMPLES, Work

from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.value_range import BYTE, ValueRange
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.optimizers.adam import Adam
from nnfs_cli.training.loop import Step, Training
from nnfs_cli.training.network import Network
from nnfs_cli.training.workers import team_of

ENDLESS = 10**9


def build(work: Work) -> Callable[[], object]:
    if work.does == "predict":
        inputs, _ = work.samples(work.batch)
        network = network_of(work)
        return lambda: network.predict(inputs)
    return training_step(training_of(work))


def network_of(work: Work) -> Network:
    model = Model([Layer.read(layer) for layer in work.layers], work.input_shape)
    scale, shift = np.asarray(1 / 127.5, np.float32), np.ones((), np.float32)
    labels = tuple(str(number) for number in range(CLASSES))
    preprocessing = Preprocessing(
        work.input_shape,
        scale,
        shift,
        labels,
        white=BYTE,
        value_range=ValueRange(0, BYTE, whole=True),
    )
    return Network(model, CrossEntropy(), Adam(lr=LEARNING_RATE), [], preprocessing)


def training_of(work: Work, workers: int | None = None) -> Training:
    network = network_of(work)
    batches = network.batches(Samples(*work.samples(SAMPLES)), work.batch)
    team = team_of(workers, network.model, batches)
    return Training(
        model=network.model,
        loss=network.loss,
        optimizer=network.optimizer,
        batches=batches,
        epochs=ENDLESS,
        team=team,
    )


def training_step(training: Training) -> Callable[[], Step]:
    events = iter(training)
    return lambda: next(event for event in events if isinstance(event, Step))
