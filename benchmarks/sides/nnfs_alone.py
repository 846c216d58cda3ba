"""nnfs with one worker."""

from __future__ import annotations

from collections.abc import Callable

from works import Work

from nnfs_cli.workers import fitting_workers
from sides.nnfs import network_of, training_of, training_step


def build(work: Work) -> Callable[[], object]:
    if work.does == "predict":
        raise NotImplementedError("nnfs always predicts with one worker")
    if fitting_workers(network_of(work).model, work.batch) == 1:
        raise NotImplementedError("nnfs chooses one worker itself")
    return training_step(training_of(work, workers=1))
