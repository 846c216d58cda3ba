"""Evaluation: one pass over samples without learning from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nnfs_cli.data.batches import Batches
from nnfs_cli.losses.loss import Loss
from nnfs_cli.metrics.metric import Metric
from nnfs_cli.model import Model
from nnfs_cli.parameter import Array

Progress = Callable[[int, int], None]


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
    progress: Progress | None = None,
) -> Evaluation:
    """Run the model over ``batches`` in inference mode."""
    predictions = np.empty((len(batches.samples), *model.output_shape), dtype=np.float32)
    for metric in metrics:
        metric.reset(batches.classes)
    total = weights = 0.0
    done = 0
    for batch in batches:
        outputs = model.forward(batch.x, training=False)
        weight = loss.weight(batch.encoded)
        total += float(loss.value_and_grad(outputs, batch.encoded)[0]) * weight
        weights += weight
        predicted = batches.preprocessing.unscale(loss.predictions(outputs))
        predictions[done : done + len(batch.x)] = predicted
        for metric in metrics:
            metric.update(predicted, batch.targets)
        done += len(batch.x)
        if progress:
            progress(done, len(batches.samples))
    results = {metric.key: metric.result() for metric in metrics}
    return Evaluation(total / weights, results, predictions)
