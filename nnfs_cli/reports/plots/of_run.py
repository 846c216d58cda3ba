"""All plots of one run: its figures over the epochs, its layers, and what it learnt."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from nnfs_cli.atomic import make_folder
from nnfs_cli.errors import DataError
from nnfs_cli.nn.optimizer import PENALTY
from nnfs_cli.reports.confusion_table import read_confusion
from nnfs_cli.reports.plots import confusion, curves, layers, learning_rate, penalty
from nnfs_cli.reports.plots.canvas import Album, printable
from nnfs_cli.reports.plots.conclusions import History, value_text
from nnfs_cli.reports.plots.learnt import Opening, draw_learnt, samples_text
from nnfs_cli.reports.plots.theme import Theme, themed
from nnfs_cli.runs.layer_rows import read_layers
from nnfs_cli.runs.record import Record
from nnfs_cli.runs.run import Run

MAX_CURVES, MAX_EPOCHS = 100, 10**12


def draw_run(run: Run, theme: Theme, folder: Path | None, opening: Opening) -> Album:
    """Draw everything there is to draw into ``folder``, or else the run.

    Not all plots need the network and its data, which ``opening`` finds: those that do are left
    out with a note where it does not. Raises DataError, MachineError.
    """
    with themed(theme):
        history = history_of(run)
        record = record_of(run)
        about = printable(run.id + (f" on {record.data.name}" if record else ""))
        album = Album(theme, make_folder(folder) if folder else run.make_folder("plots"))
        kept = record.best.epoch if record and record.best else None
        album.note(left_out(history[0]))
        for name in names_of(history[0]):
            told = about + (_tested(record, name) if record else "")
            album.add(curves.figure_of(theme, history, name, told, kept), name)
        if "lr" in history[0]:
            rates = learning_rate.rates_of(run, history)
            album.add(learning_rate.figure_of(theme, rates, about), "lr")
        if PENALTY in history[0]:
            album.add(penalty.figure_of(theme, history, about), PENALTY)
        found = layers.figure_of(theme, read_layers(run), about)
        if found is not None:
            album.add(found, "layers")
        evaluated = _draw_confusions(album, run, about)
        draw_learnt(album, opening, about, "test" not in evaluated)
        return album


def history_of(run: Run) -> History:
    """The rows of metrics.csv, of which there must be one. Raises DataError."""
    history = run.read_metrics()
    if not history:
        raise DataError(f"run {run.id} has no finished epoch to draw", "train it first")
    epochs = [row["epoch"] for row in history]
    rising = all(one < next_one for one, next_one in pairwise(epochs))
    if not (rising and epochs[0] > 0 and epochs[-1] < MAX_EPOCHS):
        raise DataError(f"{run.metrics} does not count its epochs up", "undo what changed it")
    return history


def record_of(run: Run) -> Record | None:
    """run.json, without which a run can be drawn too."""
    with suppress(DataError):
        return run.read()
    return None


def names_of(row: Mapping[str, float]) -> list[str]:
    """What there are curves of: ``loss``, ``accuracy``, ..., the first ``MAX_CURVES``."""
    return _figures_in(row)[:MAX_CURVES]


def left_out(row: Mapping[str, float]) -> str:
    """What is said of a row that has more figures than there are curves of; "" of others."""
    count = len(_figures_in(row))
    told = f"metrics.csv has {count:,} figures, of which the first {MAX_CURVES} are drawn"
    return told if count > MAX_CURVES else ""


def _figures_in(row: Mapping[str, float]) -> list[str]:
    names = [column.partition("_")[2] for column in row if column.startswith(("train_", "val_"))]
    return list(dict.fromkeys(names))


def _tested(record: Record, name: str) -> str:
    value = (record.test or {}).get(name)
    return "" if value is None else f"; test {name} {value_text(name, value)}"


def _draw_confusions(album: Album, run: Run, about: str) -> list[str]:
    """A matrix for each evaluation; returns their names."""
    drawn = []
    for name in _evaluations(run):
        table = read_confusion(run, f"eval/{name}/confusion.csv")
        if table is not None:
            found = confusion.figure_of(album.theme, *table, samples_text(name), about)
            album.add(found, f"confusion-{name}")
            drawn.append(name)
    return drawn


def _evaluations(run: Run) -> list[str]:
    folder = run.folder("eval")
    try:
        return sorted(os.listdir(folder)) if folder.is_dir() else []
    except OSError as error:
        raise DataError(f"cannot read {folder}: {error.strerror}") from None
