"""The files that keep what an evaluation found."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

import numpy as np

from nnfs_cli.atomic import make_folder, write_text_atomically
from nnfs_cli.compute.array_file import write_array_atomically
from nnfs_cli.compute.arrays import Array
from nnfs_cli.csv_text import new_column, write_csv_atomically
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.tables.several_labels import chosen
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.nn.metric import decided, predicted_classes
from nnfs_cli.reports.confusion_table import MATRIX, MAX_CLASSES, PAIRS, write_confusion
from nnfs_cli.reports.evaluation import RunEvaluation
from nnfs_cli.runs.run_files import own_bytes
from nnfs_cli.runs.strict_json import parse

FACTS, ANSWERS, OUTPUTS = "metrics.json", "predictions.csv", "outputs.npy"
MAX_FACTS = 1 << 20
FILES = (FACTS, ANSWERS, "classes.csv", "labels.csv", "targets.csv", MATRIX, PAIRS, OUTPUTS)
"""All that there may be: it depends on the task and on how many classes there are."""
OF_MANY = ("output_of_predicted", "output_of_true")
"""The columns of predictions.csv where a column for each class would be too many."""


def keep(found: RunEvaluation, output: Path | None) -> Path:
    """Write metrics.json and the tables into ``output``, or else into the run; returns the folder.

    Raises NotWritableError where it may not be written, DataError if something is in its place,
    UsageError if files of ``output`` would be replaced that no evaluation wrote.
    """
    written = files_of(found)
    if output is None:
        folder, before = found.loaded.run.make_folder(f"eval/{found.place}"), {*FILES}
    else:
        folder = make_folder(output)
        before = files_in(folder)
        for name in written:
            if name not in before and os.path.lexists(folder / name):
                raise UsageError(
                    f"--output {folder}: {name} is there and of no evaluation",
                    "choose another folder",
                )
    _write(found, folder, written)
    for name in before.difference(written):
        with suppress(OSError):
            (folder / name).unlink()  # of an earlier evaluation, which would contradict
    return folder


def files_of(found: RunEvaluation) -> list[str]:
    """The files that keep an evaluation."""
    files, many = [FACTS, ANSWERS], len(found.loaded.labels) > MAX_CLASSES
    if scores_file(found):
        files.append(scores_file(found))
    if found.confusion is not None:
        files.append(PAIRS if many else MATRIX)
    return [*files, OUTPUTS] if many else files


def scores_file(found: RunEvaluation) -> str:
    """What the table of several classes, labels or values is called; empty if there is none."""
    if found.per_class:
        return "classes.csv" if found.loaded.labels else "labels.csv"
    return "targets.csv" if found.per_value else ""


def files_in(folder: Path) -> set[str]:
    """What an earlier evaluation says that it wrote into a folder; all else is the user's."""
    try:
        facts = parse(own_bytes(folder, FACTS, MAX_FACTS) or b"null", MAX_FACTS, MAX_FACTS)
    except (DataError, ValueError):
        return set()
    listed = facts.get("files") if isinstance(facts, dict) else None
    return {name for name in FILES if name in listed} if isinstance(listed, list) else set()


def kept_of_many(found: RunEvaluation) -> str:
    """What the files of so many classes have instead of a column for each; "" if they are few."""
    if len(found.loaded.labels) <= MAX_CLASSES:
        return ""
    return (
        f"of more than {MAX_CLASSES:,} classes, {PAIRS} has a row for each pair that occurs, "
        f"and {OUTPUTS} all outputs (a row for each of predictions.csv, a column for each class "
        "of classes.csv)"
    )


def _write(evaluation: RunEvaluation, folder: Path, files: list[str]) -> None:
    loaded, samples = evaluation.loaded, evaluation.samples
    facts = {
        "run": loaded.run.id,
        "checkpoint": loaded.checkpoint.stem,
        "data": evaluation.data,
        "split": evaluation.split,
        "samples": len(samples),
        "weighted": samples.weights is not None,
        "metrics": {n: v if np.isfinite(v) else None for n, v in evaluation.metrics.items()},
        "files": files,
    }
    write_text_atomically(folder / FACTS, json.dumps(facts, indent=2) + "\n")
    _write_scores(evaluation, folder)
    if evaluation.confusion is not None:
        write_confusion(folder, loaded.labels, evaluation.confusion)
    if OUTPUTS in files:
        write_array_atomically(folder / OUTPUTS, evaluation.predictions)
    known = loaded.network.preprocessing
    header, rows = prediction_rows(known, evaluation.predictions, samples)
    write_csv_atomically(folder / ANSWERS, chain([header], rows))


def _write_scores(evaluation: RunEvaluation, folder: Path) -> None:
    """A row for each class, label or value, if there are several."""
    if evaluation.per_class:
        scores = [[row[0], *map(_figure, row[1:4]), row[4]] for row in evaluation.per_class]
        one = "class" if evaluation.loaded.labels else "label"
        header = [one, "precision", "recall", "f1", "samples"]
    elif evaluation.per_value:
        scores = [[row[0], *map(_figure, row[1:])] for row in evaluation.per_value]
        header = ["target", "mae", "rmse", "r2"]
    else:
        return
    write_csv_atomically(folder / scores_file(evaluation), [header, *scores])


def prediction_rows(
    known: Preprocessing, predictions: Array, samples: Samples
) -> tuple[list[str], Iterator[list[object]]]:
    """A header and a row for each sample: index, truth, answer, outputs, and which sample it is.

    Of more than ``MAX_CLASSES`` classes the outputs are those of the answer and of the truth.
    """
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
    guesses = predicted_classes(predictions)
    outputs: Sequence[str] = labels if predictions.shape[1] == len(labels) else labels[1:]
    if len(labels) > MAX_CLASSES:
        outputs, each = OF_MANY, np.arange(len(targets))
        predictions = np.stack([predictions[each, guesses], predictions[each, targets]], axis=1)
    rows = (
        [index, labels[true], labels[guess], *row.tolist()]
        for index, (true, guess, row) in enumerate(zip(targets, guesses, predictions, strict=True))
    )
    return ["index", "true", "predicted", *outputs], rows
