"""Evaluating a run: a split of its data or a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.prepare import Data, prepare, require_split
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, TargetError, UsageError
from nnfs_cli.nn.inference import Progress
from nnfs_cli.nn.metric import Metric, decided, predicted_classes
from nnfs_cli.nn.metrics.confusion import Confusion, class_counts, label_counts, scores_of
from nnfs_cli.nn.metrics.errors import MeanAbsoluteError, RootMeanSquaredError
from nnfs_cli.nn.metrics.r2 import R2
from nnfs_cli.nn.usual_metrics import USUAL
from nnfs_cli.runs.load import LoadedRun
from nnfs_cli.training.evaluate import evaluate
from nnfs_cli.training.network import Network

Reader = Callable[[Path, Preprocessing], tuple[str, Samples, str]]
"""A name, the samples of a file or folder of the user's, and what was done to their values."""


@dataclass(frozen=True, eq=False)
class RunEvaluation:
    """What `nnfs eval` shows and writes."""

    loaded: LoadedRun
    data: str
    split: str
    samples: Samples
    predictions: Array
    metrics: dict[str, float]
    measured: Sequence[Metric]
    """What the metrics' names stand for."""
    per_class: list[tuple[str, float, float, float, int]]
    """(label, precision, recall, f1, samples) for each class, or each of several labels."""
    per_value: list[tuple[str, float, float, float]]
    """(name, mae, rmse, r2) for each of several values a sample."""
    confusion: Confusion | None
    """What was taken for what, if there are classes."""
    place: str
    """The sub-folder of the run's eval folder that keeps it."""
    notice: str = ""
    """What the user must know of how the file was read and brought to the range of the training."""


def evaluate_run(
    loaded: LoadedRun,
    source: Source,
    split: str,
    file: Path | None,
    read: Reader,
    progress: Progress,
) -> RunEvaluation:
    """Evaluate one split of the run's own data, or ``file``, which ``read`` makes samples of.

    Raises UsageError, DataError.
    """
    network, notice = loaded.network, ""
    if file is None:
        name, samples = _own_samples(loaded, source, split)
    else:
        name, samples, notice = read(file, network.preprocessing)
        split = "file"
    metrics = network.metrics_for(samples.targets)
    batches = network.batches(samples)
    result = evaluate(network.model, network.loss, metrics, batches, progress=progress, keep=True)
    per_class, confusion = _per_class(network, result.predictions, samples)
    return RunEvaluation(
        loaded,
        name,
        split,
        samples,
        result.predictions,
        result.figures(),
        metrics,
        per_class,
        _per_value(network, result.predictions, samples),
        confusion,
        file.resolve().name if file else split,
        notice,
    )


def _per_class(
    network: Network, predictions: Array, samples: Samples
) -> tuple[list[tuple[str, float, float, float, int]], Confusion | None]:
    """How well each class or label is found, and what was taken for what if there are classes.

    Samples count for the scores what they weigh; the confusion, and the column of samples, has
    their number.
    """
    if network.task == "values":
        return [], None
    names, confusion = network.preprocessing.names, None
    if network.classes is not None:
        pairs = samples.targets, predicted_classes(predictions), network.classes
        counts = class_counts(*pairs, samples.weights)
        names, confusion = network.labels, Confusion.of(*pairs)
        there = np.bincount(samples.targets, minlength=network.classes)
    else:
        truth = samples.targets > 0.5
        answers = decided(predictions, network.preprocessing.thresholds)
        counts = label_counts(truth, answers, samples.weights)
        there = truth.sum(axis=0)
    rows = [
        (name, score.precision, score.recall, score.f1, int(count))
        for name, score, count in zip(names, scores_of(*counts), there, strict=True)
    ]
    return rows, confusion


def _per_value(
    network: Network, predictions: Array, samples: Samples
) -> list[tuple[str, float, float, float]]:
    """The errors of each value, where a sample has several."""
    targets = samples.targets
    if network.task != "values" or targets.shape[1] < 2:
        return []
    rows = []
    for column, name in enumerate(network.preprocessing.value_names(targets.shape[1])):
        metrics = (MeanAbsoluteError(), RootMeanSquaredError(), R2())
        for metric in metrics:
            metric.reset(1)
            metric.update(predictions[:, [column]], targets[:, [column]], samples.weights)
        mae, rmse, r2 = (metric.result() for metric in metrics)
        rows.append((name, mae, rmse, r2))
    return rows


def parse_targets(texts: Sequence[str]) -> dict[str, float]:
    """``accuracy=0.97`` as a name and a number. Raises UsageError."""
    targets = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            targets[name] = float(value)
        except ValueError:
            equals = ""
        if not equals or not name or not np.isfinite(targets[name]):
            raise UsageError(f"--fail-under expects METRIC=VALUE, received {text!r}")
    return targets


def require_measured(targets: dict[str, float], network: Network) -> None:
    """Raise UsageError if a target names what is not measured."""
    known = ["loss", *(metric.key for metric in network.metrics)]
    known += [kind.word for kind in USUAL[network.task] if kind.word not in known]
    for name in targets:
        if name not in known:
            raise UsageError(
                f"--fail-under names {name!r}, which is not measured",
                f"there is {', '.join(known)}",
            )


def check_targets(
    targets: dict[str, float], measured: dict[str, float], metrics: Sequence[Metric]
) -> None:
    """Raise TargetError if a metric is worse than its target."""
    growing = {metric.key for metric in metrics if metric.higher_is_better}
    for name, target in targets.items():
        value = measured.get(name, float("nan"))
        met = value >= target if name in growing else value <= target
        if not met:
            raise TargetError(f"{name} is {value:.6g}, and --fail-under asks for {target:g}")


def _own_samples(loaded: LoadedRun, source: Source, split: str) -> tuple[str, Samples]:
    require_split(split)
    data = own_data(loaded, source)
    return data.name, data.split(split)


def own_data(loaded: LoadedRun, source: Source) -> Data:
    """The very data that a run was trained on. Raises DataError."""
    started_in = loaded.run.read().folder
    data = prepare(
        loaded.config.data, replace(source, started_in=started_in, classes=loaded.labels)
    )
    if data.hash != loaded.data.get("hash"):
        raise DataError(
            f"the data is not what run {loaded.run.id} was trained on",
            "evaluate where the same files are found (--data-dir, NNFS_DATA)",
        )
    return data
