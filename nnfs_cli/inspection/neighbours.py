"""The training samples that a network finds most like a new one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.training.network import Network


def nearest(
    network: Network,
    x: Array,
    inputs: Array,
    count: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[tuple[int, float]]:
    """The places and distances of the ``inputs`` nearest to a raw sample x, the nearest first.

    Distances are Euclidean, between what the last layer with weights is given: there samples lie
    together that the network answers alike.
    """
    model, size = network.model, network.model.inference_batch
    distances = np.empty(len(inputs))
    twin = model.replica()
    own = _features(network, twin, x[np.newaxis]).copy()
    for start in range(0, len(inputs), size):
        found = _features(network, twin, inputs[start : start + size])
        squares = np.square(found - own, dtype=np.float64)
        distances[start : start + size] = np.sqrt(squares.sum(axis=1))
        if progress:
            progress(min(start + size, len(inputs)), len(inputs))
    order = np.argsort(distances, kind="stable")[:count]
    return [(int(place), float(distances[place])) for place in order]


def _features(network: Network, twin: Sequential, inputs: Array) -> Array:
    """What the last layer with weights is given for raw inputs, a row a sample."""
    x = np.empty((len(inputs), *network.model.input_shape), dtype=np.float32)
    x = network.preprocessing.apply(inputs, out=x)
    weighted = [number for number, step in enumerate(twin.steps) if step.parameters]
    for step in twin.steps[: weighted[-1] if weighted else 0]:
        x = type(step).forward(step, x, False)
    return x.reshape(len(x), -1)
