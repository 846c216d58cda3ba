"""Fitting a loss to the training samples, and seeing that all can do with their weights."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from nnfs_cli.data.dataset import Samples
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric


def fitted(loss: Loss, samples: Samples, labels: Sequence[str]) -> Loss:
    """The loss with what it takes from the training samples. Raises UsageError."""
    if samples.weights is None:
        return loss.fitted(samples.targets, labels)
    if type(loss).sample_losses is Loss.sample_losses:
        raise UsageError(
            f"{loss.word} has no sample_losses, which weights of samples need",
            "leave data.sample_weight out, or choose another loss",
        )
    return loss.fitted(samples.targets, labels, samples.weights)


def require_weighable(metrics: Sequence[Metric], samples: Samples) -> None:
    """Raise UsageError for a metric that takes no weights where samples have some."""
    if samples.weights is None:
        return
    for metric in metrics:
        if len(inspect.signature(metric.update).parameters) < len(("predictions", "targets", "w")):
            raise UsageError(
                f"metric {metric.word} takes no weights of samples", "leave one of them out"
            )
