"""nnfs with one worker, or one thread in prediction."""

from __future__ import annotations

from collections.abc import Callable

from works import Work

from nnfs_cli import inference
from nnfs_cli.workers import fitting_workers
from sides.nnfs import network_of, training_of, training_step


def build(work: Work) -> Callable[[], object]:
    network = network_of(work)
    fitting = inference.fitting_threads if work.does == "predict" else fitting_workers
    if fitting(network.model, work.batch) == 1:
        raise NotImplementedError("nnfs chooses one itself")
    if work.does == "predict":
        inference.MOST_THREADS = 1
        inputs, _ = work.samples(work.batch)
        return lambda: network.predict(inputs)
    return training_step(training_of(work, workers=1))
