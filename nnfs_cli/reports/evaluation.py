"""Evaluating a run: a split of its data or a file; the files that keep what was found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from nnfs_cli.atomic import make_folder, write_text_atomically
from nnfs_cli.compute.arrays import Array
from nnfs_cli.csv_text import new_column, write_csv_atomically
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.prepare import Data, prepare, require_split
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.source import Source
from nnfs_cli.data.tables.several_labels import chosen
from nnfs_cli.errors import DataError, TargetError, UsageError
from nnfs_cli.nn.inference import Progress
from nnfs_cli.nn.metric import Metric, decided, predicted_classes
from nnfs_cli.nn.metrics.confusion import class_scores, count_pairs, label_counts, scores_of
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
    confusion: list[list[int]] | None
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
    result = evaluate(network.model, network.loss, metrics, batches, progress=progress)
    per_class, matrix = _per_class(network, result.predictions, samples)
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
        matrix,
        file.resolve().name if file else split,
        notice,
    )


def _per_class(
    network: Network, predictions: Array, samples: Samples
) -> tuple[list[tuple[str, float, float, float, int]], list[list[int]] | None]:
    """How well each class or label is found, and the confusion matrix if there are classes.

    Samples count for the scores what they weigh; the matrix, and the column of samples, has their
    number.
    """
    if network.task == "values":
        return [], None
    names, matrix = network.preprocessing.names, None
    if network.classes is not None:
        guesses, size = predicted_classes(predictions), (network.classes, network.classes)
        pairs = samples.targets, guesses, network.classes
        weighed = counts = count_pairs(*pairs).reshape(size)
        if samples.weights is not None:
            weighed = count_pairs(*pairs, samples.weights).reshape(size)
        names, matrix, there = network.labels, counts.tolist(), counts.sum(axis=1)
        scores = class_scores(weighed)
    else:
        answers = decided(predictions, network.preprocessing.thresholds)
        truth = samples.targets > 0.5
        scores = scores_of(*label_counts(truth, answers, samples.weights))
        there = truth.sum(axis=0)
    rows = [
        (name, score.precision, score.recall, score.f1, int(count))
        for name, score, count in zip(names, scores, there, strict=True)
    ]
    return rows, matrix


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


def keep(found: RunEvaluation, output: Path | None) -> Path:
    """Write metrics.json and the tables into ``output``, or else into the run; returns the folder.

    Raises NotWritableError where it may not be written, DataError if something is in its place.
    """
    if output is None:
        folder = found.loaded.run.make_folder(f"eval/{found.place}")
    else:
        folder = make_folder(output)
    _write(found, folder)
    return folder


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


def _write(evaluation: RunEvaluation, folder: Path) -> None:
    loaded, samples = evaluation.loaded, evaluation.samples
    labels = loaded.labels
    facts = {
        "run": loaded.run.id,
        "checkpoint": loaded.checkpoint.stem,
        "data": evaluation.data,
        "split": evaluation.split,
        "samples": len(samples),
        "weighted": samples.weights is not None,
        "metrics": {n: v if np.isfinite(v) else None for n, v in evaluation.metrics.items()},
    }
    write_text_atomically(folder / "metrics.json", json.dumps(facts, indent=2) + "\n")
    if evaluation.per_class:
        scores = [[row[0], *map(_figure, row[1:4]), row[4]] for row in evaluation.per_class]
        one, file = ("class", "classes.csv") if labels else ("label", "labels.csv")
        header = [one, "precision", "recall", "f1", "samples"]
        write_csv_atomically(folder / file, [header, *scores])
    if evaluation.per_value:
        errors = [[row[0], *map(_figure, row[1:])] for row in evaluation.per_value]
        header = ["target", "mae", "rmse", "r2"]
        write_csv_atomically(folder / "targets.csv", [header, *errors])
    if evaluation.confusion is not None:
        matrix = ([name, *row] for name, row in zip(labels, evaluation.confusion, strict=True))
        write_csv_atomically(folder / "confusion.csv", chain([["true", *labels]], matrix))
    known = loaded.network.preprocessing
    header, rows = prediction_rows(known, evaluation.predictions, samples)
    write_csv_atomically(folder / "predictions.csv", chain([header], rows))


def prediction_rows(
    known: Preprocessing, predictions: Array, samples: Samples
) -> tuple[list[str], Iterator[list[object]]]:
    """A header and a row for each sample: index, truth, answer, outputs, and which sample it is."""
    header, rows = _rows_of_answers(known, predictions, samples.targets)
    if samples.origins is not None:
        header = [*header, "sample"]
        rows = ([*row, origin] for row, origin in zip(rows, samples.origins, strict=True))
    if samples.ids is not None:
        header = [*header, new_column(known.id_name or "id", header)]
        rows = ([*row, own] for row, own in zip(rows, samples.ids, strict=True))
    return header, rows


def _figure(value: float) -> float | str:
    """A figure in a CSV file: empty where it is not defined."""
    return value if np.isfinite(value) else ""


def _rows_of_answers(
    known: Preprocessing, predictions: Array, targets: Array
) -> tuple[list[str], Iterator[list[object]]]:
    """A row for each sample: what it is, what was predicted, and the network's outputs."""
    labels, names = known.labels, known.value_names(predictions.shape[1])
    if known.task == "labels":
        answers = decided(predictions, known.thresholds)
        rows: Iterator[list[object]] = (
            [index, chosen(names, true), chosen(names, answer), *row.tolist()]
            for index, (true, answer, row) in enumerate(
                zip(targets > 0.5, answers, predictions, strict=True)
            )
        )
        return ["index", "true", "predicted", *names], rows
    if not labels:
        header = [*(f"true_{name}" for name in names), *(f"predicted_{name}" for name in names)]
        both = np.hstack([targets, predictions])
        return ["index", *header], ([index, *row.tolist()] for index, row in enumerate(both))
    outputs = labels if predictions.shape[1] == len(labels) else labels[1:]
    classes = zip(targets, predicted_classes(predictions), predictions, strict=True)
    rows = (
        [index, labels[true], labels[guess], *row.tolist()]
        for index, (true, guess, row) in enumerate(classes)
    )
    return ["index", "true", "predicted", *outputs], rows
