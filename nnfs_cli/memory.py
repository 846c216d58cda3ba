"""How much memory a training takes."""

from __future__ import annotations

from collections.abc import Iterator

from nnfs_cli.building import Built
from nnfs_cli.layers.layer import Layer


def training_bytes(built: Built) -> int:
    """The bytes of all arrays a training holds after a step was taken."""
    network, data, training = built.network, built.data, built.training
    flat = network.model.flat
    total: int = flat.all_values.nbytes + flat.grads.nbytes
    total += sum(vector.nbytes for vector in network.optimizer.memory.values())
    total += sum(array.nbytes for layer in layers_of(network.model) for array in layer.buffers())
    total += training.batches.nbytes
    for samples in (data.train, data.validation, data.test):
        if samples is not None:
            total += samples.inputs.nbytes + samples.targets.nbytes
    return total


def layers_of(layer: Layer) -> Iterator[Layer]:
    """The layer and every layer inside it."""
    yield layer
    for _, inner in layer.walk():
        yield inner
