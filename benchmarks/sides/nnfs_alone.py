"""nnfs with one worker, or one thread in prediction."""

from __future__ import annotations

from collections.abc import Callable

from works import Work

from nnfs_cli.nn import inference
from nnfs_cli.training.workers import fitting_workers
from sides import nnfs


def build(work: Work) -> Callable[[], object]:
    model = nnfs.network_of(work).model
    fitting = inference.fitting_threads if work.does == "predict" else fitting_workers
    if fitting(model, work.batch) == 1:
        raise NotImplementedError("nnfs chooses one itself")
    if work.does == "predict":
        inference.MAX_THREADS = 1
        return nnfs.build(work)
    return nnfs.training_step(nnfs.training_of(work, workers=1))
