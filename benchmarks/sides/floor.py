"""The floor: the matrix products of nnfs's step, and nothing else.

One worker's shard of them, on one BLAS thread, cut as nnfs cuts them. A convolution's patches lie
ready in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from works import Work

from nnfs_cli.compute.matmul import matmul
from nnfs_cli.nn.inference import fitting_threads
from nnfs_cli.nn.layers.conv2d import Conv2D
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.patches import CACHE
from nnfs_cli.nn.model import Model
from nnfs_cli.training.workers import fitting_workers
from sides.nnfs import network_of

Product = tuple[np.ndarray, np.ndarray, np.ndarray]


def build(work: Work) -> Callable[[], object]:
    model = network_of(work).model
    training = work.does == "train"
    workers = (fitting_workers if training else fitting_threads)(model, work.batch)
    todo = [p for part in products_of(model, work.batch // workers, training) for p in part]

    def step() -> None:
        for times, (a, b, out) in todo:
            for _ in range(times):
                matmul(a, b, out=out)

    return step


def products_of(model: Model, samples: int, training: bool) -> Iterator[list[tuple[int, Product]]]:
    """The products of every layer: y = x W, dW = xᵀ dy, dx = dy Wᵀ, and how often each."""
    first = True
    for _, layer in model.walk():
        if not isinstance(layer, Dense | Conv2D):
            continue
        outputs = layer.weight.shape[-1]
        inputs = layer.weight.size // outputs
        rows, times = samples, 1
        if isinstance(layer, Conv2D):
            places = layer.image_shape[0] * layer.image_shape[1]
            at_once = max(1, CACHE // (4 * places * (inputs + outputs)))
            rows, times = min(at_once, samples) * places, -(-samples // at_once)
        x, w = zeros(rows, inputs), zeros(inputs, outputs)
        y = zeros(rows, outputs)
        forward, d_weight, d_input = (x, w, y), (x.T, y, zeros(inputs, outputs)), (y, w.T, x)
        wanted = [forward, d_weight, d_input][: 1 if not training else 2 if first else 3]
        yield [(times, product) for product in wanted]
        first = False


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)
