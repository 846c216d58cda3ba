"""Plots of many runs: curves with seeds as bands, and what their keys do to a metric."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nnfs_cli.atomic import make_folder
from nnfs_cli.errors import DataError, MachineError
from nnfs_cli.formatting import cut
from nnfs_cli.reports.comparing.groups import Comparison, Group
from nnfs_cli.reports.plots import bands, heat_map, importance, parallel
from nnfs_cli.reports.plots.bands import Band, band_of
from nnfs_cli.reports.plots.canvas import Album, printable
from nnfs_cli.reports.plots.conclusions import History
from nnfs_cli.reports.plots.key_values import Trials, short_names, spread, trials_of
from nnfs_cli.reports.plots.of_run import left_out, names_of
from nnfs_cli.reports.plots.theme import Theme, themed

FEWEST = 3
"""Runs of which keys tell something."""
MAX_LABEL = 36


def draw_bands(found: Comparison, theme: Theme, folder: Path) -> Album:
    """Draw each loss and metric over the epochs, a line and a band for each group.

    Raises DataError, MachineError.
    """
    with themed(theme):
        album = Album(theme, make_folder(folder))
        histories = [_histories(album, group) for group in found.groups]
        labels = labels_of(found.groups)
        first = next((each[0] for each in histories if each), None)
        if first is None:
            raise DataError("none of these runs has a finished epoch to draw", "train them first")
        runs = sum(map(len, histories))
        about = f"over the {' and '.join(found.repeats)}; {runs} runs"
        album.note(left_out(first[0]))
        for name in names_of(first[0]):
            split = "val" if f"val_{name}" in first[0] else "train"
            drawn: dict[str, Band] = {}
            for label, each in zip(labels, histories, strict=True):
                band = band_of(each, f"{split}_{name}")
                if band is not None:
                    drawn[label] = band
            album.add(bands.figure_of(theme, drawn, f"{split}_{name}", about), name)
        return album


def draw_keys(album: Album, found: Comparison) -> None:
    """Add what the keys do to the metric, where two of them vary. Raises MachineError."""
    trials = trials_of(found)
    keys = sorted(trials.values, key=lambda key: -spread(trials, key))
    if len(keys) < 2 or len(trials.found) < FEWEST:
        return
    about = f"{len(trials.found):,} runs"
    with themed(album.theme):
        drawn = heat_map.figure_of(album.theme, trials, keys[0], keys[1], about)
        if drawn is not None:
            album.add(drawn, "heat-map")
        album.add(parallel.figure_of(album.theme, trials, keys, about), "parallel")
        _draw_importance(album, trials, about)


def _draw_importance(album: Album, trials: Trials, about: str) -> None:
    if len(trials.found) < importance.FEWEST:
        return
    try:
        album.add(importance.figure_of(album.theme, trials, about), "importance")
    except MachineError as error:
        album.note(f"{error.message}: {error.hint}")


def labels_of(groups: Sequence[Group]) -> list[str]:
    """What tells each group from the others: its values, or its number."""
    labels = []
    named = short_names(list(dict.fromkeys(key for group in groups for key in group.values)))
    for group in groups:
        pairs = ((named[key], group.value_text(key)) for key in group.values)
        told = " ".join(f"{name}={value}" for name, value in pairs)
        labels.append(printable(cut(told, MAX_LABEL)))
    if len({*labels}) < len(labels):
        return [f"#{group.number}" for group in groups]
    return [label or f"#{group.number}" for label, group in zip(labels, groups, strict=True)]


def _histories(album: Album, group: Group) -> list[History]:
    found = list[History]()
    for member in group.members:
        try:
            found.append(member.run.read_metrics())
        except DataError as error:
            album.note(error.message)
    return [each for each in found if each]
