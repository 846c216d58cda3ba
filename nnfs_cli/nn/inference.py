"""Inference: the outputs of a network for many samples, batch by batch, on two threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import partial
from threading import Thread
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.blas import one_thread
from nnfs_cli.compute.resources import processors
from nnfs_cli.nn.layers.sequential import Sequential

Progress = Callable[[int, int], None]
Scale = Callable[[Array, Array], Array]
"""Raw inputs, and memory for the scaled ones, which it returns."""

MAX_THREADS = 2
WORTH_A_THREAD = 50_000_000
"""Floating point operations: half a millisecond, where a thread starts in a tenth."""


class Replicated(Protocol):
    """A built network that several threads can run at once: :class:`nnfs_cli.nn.model.Model`."""

    input_shape: Shape
    output_shape: Shape
    dtype: npt.DTypeLike
    inference_batch: int
    idle: list[Sequential]
    """Replicas that no thread runs now; another list once these would be out of date."""

    def replica(self) -> Sequential:
        """The same network once more, for one thread to run."""
        ...

    def flops(self, input_shape: Shape) -> int:
        """Floating point operations for one sample."""
        ...


def infer(
    model: Replicated,
    inputs: Array,
    scale: Scale,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Array:
    """What ``model.forward`` returns for the scaled ``inputs``, as a new array.

    Each thread has a replica of the network (they share its parameters) and takes the next batch
    whenever it has finished one, so the outputs do not depend on how many there are, nor on other
    threads that call this at the same time. ``progress`` is told how many samples of how many are
    done or under way.
    """
    count, size = len(inputs), model.inference_batch
    outputs = np.empty((count, *model.output_shape), model.dtype)
    starts = iter(range(0, count, size))

    def work(network: Sequential, progress: Progress | None = None) -> None:
        try:
            for first in starts:
                batch = inputs[first : first + size]
                x = scale(batch, network.scratch("scaled", (len(batch), *model.input_shape)))
                outputs[first : first + size] = network.forward(x, training=False)
                if progress:
                    progress(first + len(batch), count)
        finally:
            for _ in starts:
                pass  # after an error, the others shall find no more work

    threads = 1 if count <= size else threads or fitting_threads(model, count)
    idle = model.idle
    network, *others = replicas = [take_replica(model, idle) for _ in range(threads)]
    if others:
        run_beside([Helper(work, other) for other in others], partial(work, network, progress))
    else:
        work(network, progress)
    idle += replicas  # not after an error: an interrupt may leave threads that still run them
    if progress and others:
        progress(count, count)
    return outputs


def take_replica(model: Replicated, idle: list[Sequential]) -> Sequential:
    """An idle replica, or a new one if other threads have them all."""
    try:
        return idle.pop()
    except IndexError:
        return model.replica()


class Helper(Thread):
    """A thread that does some of the work on a replica of its own."""

    def __init__(self, work: Callable[[Sequential], None], replica: Sequential) -> None:
        super().__init__()
        self.work, self.replica, self.surroundings = work, replica, copy_context()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Process batches; an error is kept for :meth:`reraise`."""
        try:
            self.surroundings.run(self.work, self.replica)
        except BaseException as error:
            self.error = error

    def reraise(self) -> None:
        """Raise the error that ended it, if one did."""
        if self.error:
            raise self.error


def run_beside(helpers: Sequence[Helper], own_work: Callable[[], None]) -> None:
    """Work on this thread and those; an error of any is raised when all have ended."""
    with one_thread():
        helpers = start(helpers)
        try:
            own_work()
        finally:
            for helper in helpers:
                helper.join()
    for helper in helpers:
        helper.reraise()


def start(helpers: Sequence[Helper]) -> list[Helper]:
    """Start as many threads as the system allows; the caller's alone is enough."""
    started = []
    for helper in helpers:
        try:
            helper.start()
        except RuntimeError:  # can't start new thread
            break
        started.append(helper)
    return started


def fitting_threads(model: Replicated, count: int) -> int:
    """Two where there are two processors and enough to do, else one."""
    if count <= model.inference_batch or model.flops(model.input_shape) * count < WORTH_A_THREAD:
        return 1
    return min(MAX_THREADS, processors())
