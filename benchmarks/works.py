"""The works that are compared: each is described once, and every side builds the same from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Description = dict[str, Any]
"""A layer in the words of a config of nnfs."""

SAMPLES = 6_400
"""What nnfs gathers its batches from."""
CLASSES = 10
LEARNING_RATE = 1e-6
"""So small that no side learns its batch by heart, which would end in denormal numbers."""


@dataclass(frozen=True)
class Work:
    """What every side does in one step: learn from a batch, predict one, or a whole process.

    ``goals`` are what nnfs's time should be, at most, as a fraction of PyTorch's and of JAX's.
    """

    title: str
    layers: Sequence[Description]
    input_shape: tuple[int, ...]
    batch: int
    goals: dict[str, float]
    does: Literal["train", "predict", "process"] = "train"

    def samples(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Inputs of random bytes, and random classes."""
        generator = np.random.default_rng(0)
        inputs = generator.integers(0, 256, (count, *self.input_shape), dtype=np.uint8)
        return inputs, generator.integers(0, CLASSES, count)

    def ready_batch(self) -> tuple[np.ndarray, np.ndarray]:
        """A batch as the peers are given it: gathered, float32, between -1 and 1."""
        inputs, classes = self.samples(self.batch)
        return inputs.astype(np.float32) / 127.5 - 1, classes


def mlp(*units: int) -> list[Description]:
    hidden = [{"type": "dense", "units": n, "activation": "relu"} for n in units]
    return [*hidden, {"type": "dense", "units": CLASSES}]


def conv(filters: int, strides: int = 1, use_bias: bool = True) -> Description:
    size = {"kernel_size": 3, "padding": 1, "strides": strides}
    return {"type": "conv2d", "filters": filters, **size, "use_bias": use_bias}


def cnn(*filters: int) -> list[Description]:
    layers: list[Description] = []
    for number in filters:
        layers += [conv(number), {"type": "relu"}, {"type": "max_pool2d"}]
    return [*layers, {"type": "flatten"}, {"type": "dense", "units": CLASSES}]


def normal_conv(filters: int, strides: int = 1) -> list[Description]:
    return [conv(filters, strides, use_bias=False), {"type": "batch_norm"}]


def block(filters: int, strides: int = 1) -> list[Description]:
    body = [*normal_conv(filters, strides), {"type": "relu"}, *normal_conv(filters)]
    return [{"type": "residual", "layers": body}, {"type": "relu"}]


RESNET = [
    *normal_conv(16),
    {"type": "relu"},
    *block(16),
    *block(32, strides=2),
    *block(32),
    *block(64, strides=2),
    {"type": "global_avg_pool2d"},
    {"type": "dense", "units": CLASSES},
]
DIGIT, IMAGE = (28, 28, 1), (32, 32, 3)


def goals(pytorch: float, jax_jit: float) -> dict[str, float]:
    return {"pytorch": pytorch, "jax_jit": jax_jit}


WORKS = {
    "mlp-128-32": Work("MLP 784-128-64-10, batch 32", mlp(128, 64), (784,), 32, goals(0.6, 1)),
    "mlp-128": Work("MLP 784-128-64-10, batch 128", mlp(128, 64), (784,), 128, goals(0.6, 1)),
    "mlp-512": Work("MLP 784-512-256-10, batch 128", mlp(512, 256), (784,), 128, goals(0.7, 1)),
    "cnn-8": Work("CNN with 8 and 16 channels, batch 64", cnn(8, 16), DIGIT, 64, goals(1, 1)),
    "cnn-32": Work("CNN with 32 and 64 channels, batch 64", cnn(32, 64), DIGIT, 64, goals(0.8, 1)),
    "resnet": Work("residual network, batch 64", RESNET, IMAGE, 64, goals(1, 1)),
    "predict-mlp-1": Work(
        "MLP 784-128-64-10, predict 1", mlp(128, 64), (784,), 1, goals(0.5, 1), "predict"
    ),
    "predict-mlp-1000": Work(
        "MLP 784-128-64-10, predict 1000", mlp(128, 64), (784,), 1000, goals(1, 1), "predict"
    ),
    "predict-cnn-1": Work(
        "CNN 32 and 64, predict 1", cnn(32, 64), DIGIT, 1, goals(0.5, 1), "predict"
    ),
    "predict-cnn-1000": Work(
        "CNN 32 and 64, predict 1000", cnn(32, 64), DIGIT, 1000, goals(1, 1), "predict"
    ),
    "process": Work(
        "start, one epoch of MNIST, test, exit",
        mlp(128, 64), (784,), 128, goals(0.3, 0.2), "process",
    ),
}  # fmt: skip
MEMORY_GOAL = 0.35
