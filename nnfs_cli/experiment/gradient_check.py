"""The gradient check of a whole config: its layers as one network, and its loss."""

from __future__ import annotations

import copy

import numpy as np

from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.config.config import Config
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.data.source import Source
from nnfs_cli.experiment.build import build
from nnfs_cli.nn.gradcheck import Result, check_layer, check_loss
from nnfs_cli.nn.layers.sequential import Sequential

LOSS_SAMPLES = 4


def check_gradients(config: Config, document: Document, source: Source, seed: int) -> list[Result]:
    """Check every parameter, the input, and the loss. Raises ConfigError and DataError."""
    fresh = copy.deepcopy(config.layers)
    built = build(config, source, document)
    shape = built.data.preprocessing.input_shape
    results = check_layer(Sequential(fresh), shape, seed=seed)
    few = built.data.train.pick(np.arange(min(LOSS_SAMPLES, len(built.data.train))))
    targets = built.network.batches(few).encoded
    outputs = stream(seed, Purpose.GRADIENT_CHECK, 1).standard_normal(
        (len(few), *built.network.model.output_shape)
    )
    loss = check_loss(built.network.loss, outputs, targets, seed, few.weights)
    return [*results, Result(f"outputs ({built.network.loss.word})", loss.max_error)]
