"""Out-of-fold predictions: of every sample, by the network that was trained without it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nnfs_cli.csv_text import write_csv_atomically
from nnfs_cli.data.source import Source
from nnfs_cli.reports.evaluation import own_data, prediction_rows
from nnfs_cli.runs.load import load_run


def write_out_of_fold(path: Path, runs: Mapping[str, str], source: Source) -> int:
    """Write a row for each sample of each fold's validation split; returns how many there are.

    ``runs`` has the run of each fold, by what `data.fold` is called there. Raises DataError,
    MachineError.
    """
    header: list[str] = []
    rows: list[list[object]] = []
    for fold, run in runs.items():
        loaded = load_run(run)
        samples = own_data(loaded, source).split("validation")
        predictions = loaded.network.predict(samples.inputs)
        (_, *header), own = prediction_rows(loaded.network.preprocessing, predictions, samples)
        rows += [[fold, *row] for _, *row in own]
    write_csv_atomically(path, [["fold", *header], *rows])
    return len(rows)
