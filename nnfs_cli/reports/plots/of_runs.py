"""Several runs in the same plots, a line for each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from nnfs_cli.atomic import make_folder
from nnfs_cli.formatting import cut, some
from nnfs_cli.reports.plots import curves
from nnfs_cli.reports.plots.canvas import Album, printable
from nnfs_cli.reports.plots.of_run import history_of, left_out, names_of, record_of
from nnfs_cli.reports.plots.theme import Theme, themed
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_columns import shortened

MAX_NAME = 36
"""Characters by which a run is told from others."""
NAME = re.compile(r"^\d{8}-\d{6}-|-[0-9a-f]{4}(-\d+)?$")
"""What stands around the name in the id of a run."""


def draw_runs(runs: Sequence[Run], theme: Theme, folder: Path) -> Album:
    """Draw each figure that two runs or more have, into ``folder``. Raises DataError, MachineError.

    Runs that lack a figure, have no epoch, or were trained on other data, are named.
    """
    empty = [run.id for run in runs if not run.read_metrics()]
    if len(runs) - len(empty) > 1:
        runs = [run for run in runs if run.id not in empty]
    with themed(theme):
        names, histories = labels_of(runs), [history_of(run) for run in runs]
        album = Album(theme, make_folder(folder))
        if empty:
            album.note(f"without a finished epoch, so left out: {some(empty)}")
        records = [record_of(run) for run in runs]
        data = sorted({record.data.name for record in records if record})
        about = f"{len(runs)} runs on {', '.join(data) or 'unknown data'}"
        if len({record.data.hash for record in records if record}) > 1:
            album.note("the runs were not trained on the same data")
        columns = [names_of(history[0]) for history in histories]
        album.note(next(filter(None, (left_out(history[0]) for history in histories)), ""))
        for figure in dict.fromkeys(name for found in columns for name in found):
            chosen = [index for index, found in enumerate(columns) if figure in found]
            lacking = [names[index] for index in range(len(runs)) if index not in chosen]
            if lacking:
                album.note(f"{printable(figure)} is not measured in {', '.join(lacking)}")
            if len(chosen) > 1:
                found = {names[index]: histories[index] for index in chosen}
                album.add(curves.of_runs(theme, found, figure, about), figure)
        return album


def labels_of(runs: Sequence[Run]) -> list[str]:
    """What tells each run from the others: its name, what its command changed, or its id."""
    records = [record_of(run) for run in runs]
    changes = [record.overrides if record else [] for record in records]
    common = set(changes[0]).intersection(*changes)
    names = [NAME.sub("", run.id) for run in runs]
    named = len({*names}) > 1
    labels = []
    for name, changed in zip(names, changes, strict=True):
        told = " ".join(change for change in changed if change not in common)
        label = " ".join(filter(None, [name if named else "", told]))
        labels.append(cut(label, MAX_NAME))
    if len({*labels}) < len(runs) or "" in labels:
        short = shortened([run.id for run in runs])
        labels = [
            f"{short[run.id]} {label}"[:MAX_NAME] for run, label in zip(runs, labels, strict=True)
        ]
    if len({*labels}) < len(runs):
        labels = [str(run.path) for run in runs]
    return [printable(label) for label in labels]
