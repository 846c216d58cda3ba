"""What is told of a network on its test samples, whatever metrics a config names."""

from __future__ import annotations

from collections.abc import Sequence

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.metric import Metric, Task
from nnfs_cli.nn.metrics.accuracy import Accuracy
from nnfs_cli.nn.metrics.hamming_loss import HammingLoss
from nnfs_cli.nn.metrics.r2 import R2
from nnfs_cli.nn.metrics.subset_accuracy import SubsetAccuracy

USUAL: dict[Task, Sequence[type[Metric]]] = {
    "classes": (Accuracy,),
    "values": (R2,),
    "labels": (SubsetAccuracy, HammingLoss),
}


def with_usual(
    metrics: Sequence[Metric], task: Task, thresholds: Sequence[float] | None, targets: Array
) -> list[Metric]:
    """The metrics, and behind them the usual ones of the task that are not among them.

    Those that are not defined over the ``targets`` are left out.
    """
    known = {metric.key for metric in metrics}
    usual = [kind() for kind in USUAL[task]]
    added = [m for m in usual if m.key not in known and not m.undefined(targets)]
    for metric in added:
        metric.decide_at(thresholds)
    return [*metrics, *added]
