"""Out-of-fold predictions: of every sample, by the network that was trained without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from nnfs_cli.csv_text import write_csv_atomically
from nnfs_cli.data.source import Source
from nnfs_cli.reports.evaluation import own_data
from nnfs_cli.reports.evaluation_files import prediction_rows
from nnfs_cli.runs.load import load_run


def write_out_of_fold(path: Path, runs: Mapping[str, str], source: Source) -> int:
    """Write a row for each sample of each fold's validation split; returns how many there are.

    ``runs`` has the run of each fold, by what `data.fold` is called there. Its columns are those of
    an evaluation's predictions.csv. Raises DataError, MachineError.
    """
    count = 0

    def rows() -> Iterator[list[object]]:
        nonlocal count
        for number, (fold, run) in enumerate(runs.items()):
            (_, *header), own = _of_fold(run, source)
            if number == 0:
                yield ["fold", *header]
            for _, *row in own:
                count += 1
                yield [fold, *row]

    write_csv_atomically(path, rows())
    return count


def _of_fold(run: str, source: Source) -> tuple[list[str], Iterator[list[object]]]:
    loaded = load_run(run)
    samples = own_data(loaded, source).split("validation")
    predictions = loaded.network.predict(samples.inputs)
    return prediction_rows(loaded.network.preprocessing, predictions, samples)
