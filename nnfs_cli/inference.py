"""Inference: the outputs of a network for many samples, batch by batch, on two threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

import numpy as np

from nnfs_cli.available import processors
from nnfs_cli.blas import one_thread
from nnfs_cli.layers.sequential import Sequential
from nnfs_cli.parameter import Array

if TYPE_CHECKING:
    from nnfs_cli.model import Model

Progress = Callable[[int, int], None]
Scale = Callable[[Array, Array], Array]
"""Raw inputs, and memory for the scaled ones, which it returns."""

MOST_THREADS = 2
WORTH_A_THREAD = 50_000_000
"""Floating point operations: half a millisecond, where a thread starts in a tenth."""


def infer(
    model: Model,
    inputs: Array,
    scale: Scale,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Array:
    """What ``model.forward`` returns for the scaled ``inputs``, as a new array.

    Each thread has a network of its own (they share their parameters) and takes the next batch
    whenever it has finished one, so the outputs do not depend on how many there are. ``progress``
    is told how many samples of how many are done or under way.
    """
    count, size = len(inputs), model.inference_batch
    outputs = np.empty((count, *model.output_shape), model.dtype)
    starts = iter(range(0, count, size))

    def work(network: Sequential, progress: Progress | None = None) -> None:
        for start in starts:
            batch = inputs[start : start + size]
            x = scale(batch, network.scratch("scaled", (len(batch), *model.input_shape)))
            outputs[start : start + size] = network.forward(x, training=False)
            if progress:
                progress(start + len(batch), count)

    threads = threads or fitting_threads(model, count)
    if threads == 1 or count <= size:
        work(model, progress)
        return outputs
    with one_thread(), ThreadPoolExecutor(threads - 1) as pool:
        others = [pool.submit(copy_context().run, work, twin) for twin in model.twins(threads - 1)]
        try:
            work(model, progress)
        finally:
            for _ in starts:
                pass  # after an error, the others shall find no more work
    for other in others:
        other.result()
    if progress:
        progress(count, count)
    return outputs


def fitting_threads(model: Model, count: int) -> int:
    """Two where there are two processors and enough to do, else one."""
    if count <= model.inference_batch or model.flops(model.input_shape) * count < WORTH_A_THREAD:
        return 1
    return min(MOST_THREADS, processors())
