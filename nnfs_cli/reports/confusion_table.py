"""What was taken for what, as a table that an evaluation writes, validated when read back."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from nnfs_cli.csv_text import write_csv_atomically
from nnfs_cli.errors import DataError
from nnfs_cli.nn.metrics.confusion import Confusion
from nnfs_cli.runs.run import Run

MAX_BYTES = 64 << 20
MAX_CLASSES = 1000
"""As many as a table may have, and so many squared are drawn in seconds."""
MAX_COUNT = 10**15
MATRIX, PAIRS = "confusion.csv", "confusion_pairs.csv"


def write_confusion(folder: Path, labels: Sequence[str], found: Confusion) -> None:
    """Write a matrix, or of more than ``MAX_CLASSES`` classes the pairs that occur.

    confusion.csv has a row for each true class and a column for each prediction,
    confusion_pairs.csv a row for each pair: true, predicted, samples. Raises MachineError.
    """
    if len(labels) <= MAX_CLASSES:
        matrix = ([name, *row] for name, row in zip(labels, found.matrix().tolist(), strict=True))
        write_csv_atomically(folder / MATRIX, chain([["true", *labels]], matrix))
        return
    pairs = ([labels[true], labels[guess], n] for true, guess, n in found.pairs.tolist())
    write_csv_atomically(folder / PAIRS, chain([["true", "predicted", "samples"]], pairs))


def read_confusion(run: Run, name: str) -> tuple[list[str], list[list[int]]] | None:
    """The labels and the counts (true, predicted) of a run's file.

    None if it is not there, or has more classes than are drawn. Raises DataError if it is no such
    table.
    """
    path = run.file(name, MAX_BYTES)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            labels = next(rows, [])[1:]
            if len(labels) > MAX_CLASSES:
                return None  # earlier versions wrote it
            if not labels:
                raise ValueError("it has no classes")
            counts = [_counts(row, labels) for _, row in zip(labels, rows, strict=False)]
            if len(counts) < len(labels) or next(rows, None) is not None:
                raise ValueError("it has not a row for each class")
            return labels, counts
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, csv.Error) as error:
        raise DataError(
            f"{path} is no confusion matrix: {str(error)[:100]}", "evaluate the run again"
        ) from None


def _counts(row: list[str], labels: list[str]) -> list[int]:
    if len(row) != len(labels) + 1:
        raise ValueError(f"a row of {len(row)} cells for {len(labels)} classes")
    counts = [int(cell) for cell in row[1:]]
    if not all(0 <= count <= MAX_COUNT for count in counts):
        raise ValueError("a count is negative or beyond all samples")
    return counts
