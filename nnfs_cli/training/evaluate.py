"""Evaluation: one pass over samples without learning from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.batches import Batches
from nnfs_cli.nn.inference import Progress, infer
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric
from nnfs_cli.nn.model import Model


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The loss and the metrics over all samples, and what was predicted for each, if it is kept."""

    loss: float
    metrics: dict[str, float]
    predictions: Array
    """(N, k), or (0, k) where they are not kept."""

    def record(self, prefix: str) -> dict[str, float]:
        """The figures by column name, such as ``val_loss``.

        The name is one string for all epochs: a long training would keep millions.
        """
        return {intern(f"{prefix}_{name}"): value for name, value in self.figures().items()}

    def figures(self) -> dict[str, float]:
        """The loss and the metrics by name."""
        return {"loss": self.loss} | self.metrics


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # the figures show it
def evaluate(
    model: Model,
    loss: Loss,
    metrics: Sequence[Metric],
    batches: Batches,
    threads: int | None = None,
    progress: Progress | None = None,
    keep: bool = False,
) -> Evaluation:
    """Run the model over ``batches`` in inference mode, on so many threads (None: as fits).

    The predictions of all samples are in memory together only to ``keep`` them.
    """
    for metric in metrics:
        metric.reset(batches.classes)
    total = weights = 0.0
    outputs, count = np.empty((0, *model.output_shape), model.dtype), len(batches.samples)
    for block in [slice(0, count)] if keep else model.blocks(count):
        told = _behind(block, count, progress)
        outputs = infer(model, batches.inputs[block], batches.scale, threads, told)
        for place in batches.slices(block):
            encoded, own = batches.encoded[place], batches.weights_of(place)
            weight = loss.total_weight(encoded, own)
            answers = outputs[place.start - block.start : place.stop - block.start]
            total += float(loss.mean_and_grad(answers, encoded, own)[0]) * weight
            weights += weight
            answers[...] = batches.preprocessing.unscale(loss.predictions(answers))
            answers.setflags(write=False)  # the next metric, or a report, takes them too
            for metric in metrics:
                metric.add(answers, batches.targets[place], own)
    results = {metric.key: metric.result() for metric in metrics}
    mean = total / weights if weights else math.nan
    return Evaluation(mean, results, outputs if keep else outputs[:0].copy())


def _behind(block: slice, count: int, progress: Progress | None) -> Progress | None:
    """Tells, of the samples of a block, how many of all are done."""
    return progress and (lambda done, _: progress(block.start + done, count))
