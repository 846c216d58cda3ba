"""Plots of what a run learnt, for which its network and its data are opened."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from nnfs_cli.data.datasets.image_folder import ImageFolder
from nnfs_cli.data.prepare import SPLITS, Data
from nnfs_cli.data.source import Source
from nnfs_cli.errors import NnfsError
from nnfs_cli.nn.metrics.confusion import ConfusionMatrix
from nnfs_cli.reports.evaluation import own_data
from nnfs_cli.reports.plots import confusion
from nnfs_cli.reports.plots.canvas import Album, printable
from nnfs_cli.runs.load import LoadedRun

MAX_VALUES = 100_000_000
"""Inputs times samples of data that is read for a plot: MNIST has 55 million."""
MAX_OPERATIONS = 100_000_000_000
"""Floating point operations for the test samples: a few seconds."""


@dataclass(frozen=True)
class Opening:
    """How the trained network of the run is found, and its data."""

    network: Callable[[], LoadedRun]
    """Raises NnfsError."""
    source: Source


def samples_text(name: str) -> str:
    """The samples of an evaluation: ``test samples``, or those of a file."""
    return f"{name} samples" if name in SPLITS else f"samples of {printable(name)}"


def draw_learnt(album: Album, opening: Opening, about: str, confusion_wanted: bool) -> None:
    """Draw what needs the network; what cannot be drawn is noted. Raises MachineError."""
    try:
        loaded = opening.network()
    except NnfsError as error:
        album.note(f"what the network learnt is not drawn: {error}")
        return
    if confusion_wanted and loaded.labels and _has_test(loaded):
        if not is_cheap(loaded):
            album.note(f"`nnfs eval {loaded.run.path}` first, and the confusion matrix is drawn")
            return
        try:
            data = own_data(loaded, opening.source)
        except NnfsError as error:
            album.note(f"the confusion matrix is not drawn: {error}")
            return
        _draw_confusion(album, loaded, data, about)


def is_cheap(loaded: LoadedRun) -> bool:
    """Whether reading the data and testing the network takes seconds at most."""
    counts, shape = loaded.data.get("samples", {}), loaded.network.preprocessing.input_shape
    values = sum(counts.values()) * math.prod(shape)
    operations = counts.get("test", 0) * loaded.network.model.flops(shape)
    decoded = isinstance(loaded.config.data, ImageFolder)
    return values <= MAX_VALUES and operations <= MAX_OPERATIONS and not decoded


def _has_test(loaded: LoadedRun) -> bool:
    return bool(loaded.data.get("samples", {"test": 1}).get("test"))


def _draw_confusion(album: Album, loaded: LoadedRun, data: Data, about: str) -> None:
    if data.test is None:
        return
    matrix = ConfusionMatrix(len(loaded.labels))
    matrix.update(loaded.network.answer(data.test.inputs), data.test.targets)
    counts = matrix.counts.tolist()
    figure = confusion.figure_of(album.theme, loaded.labels, counts, "test samples", about)
    album.add(figure, "confusion-test")
