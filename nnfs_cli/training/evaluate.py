"""Evaluation: one pass over samples without learning from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.batches import Batches
from nnfs_cli.nn.inference import Progress, infer
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric
from nnfs_cli.nn.model import Model


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The loss and the metrics over all samples, and what was predicted for each, (N, k)."""

    loss: float
    metrics: dict[str, float]
    predictions: Array

    def record(self, prefix: str) -> dict[str, float]:
        """The figures by column name, such as ``val_loss``."""
        return {f"{prefix}_{name}": value for name, value in self.figures().items()}

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
) -> Evaluation:
    """Run the model over ``batches`` in inference mode, on so many threads (None: as fits)."""
    outputs = infer(model, batches.inputs, batches.scale, threads, progress)
    for metric in metrics:
        metric.reset(batches.classes)
    total = weights = 0.0
    for place in batches.slices():
        encoded, own = batches.encoded[place], batches.weights_of(place)
        weight = loss.total_weight(encoded, own)
        total += float(loss.mean_and_grad(outputs[place], encoded, own)[0]) * weight
        weights += weight
        outputs[place] = batches.preprocessing.unscale(loss.predictions(outputs[place]))
        for metric in metrics:
            metric.add(outputs[place], batches.samples.targets[place], own)
    results = {metric.key: metric.result() for metric in metrics}
    return Evaluation(total / weights if weights else math.nan, results, predictions=outputs)
