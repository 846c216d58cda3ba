"""Plots of what a run learnt, for which its network and its data are opened."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.datasets.image_folder import ImageFolder
from nnfs_cli.data.prepare import SPLITS, Data
from nnfs_cli.data.source import Source
from nnfs_cli.errors import NnfsError
from nnfs_cli.nn.metric import predicted_classes
from nnfs_cli.nn.metrics.confusion import Confusion
from nnfs_cli.reports.confusion_table import MAX_CLASSES
from nnfs_cli.reports.evaluation import own_data
from nnfs_cli.reports.plots import confusion
from nnfs_cli.reports.plots.canvas import Album, printable
from nnfs_cli.reports.plots.class_curves import ClassCurves
from nnfs_cli.reports.plots.first_weights import FirstWeights
from nnfs_cli.reports.plots.fitted_curve import FittedCurve
from nnfs_cli.reports.plots.regions import Regions
from nnfs_cli.reports.plots.subject import Subject
from nnfs_cli.reports.plots.value_map import ValueMap
from nnfs_cli.runs.load import LoadedRun
from nnfs_cli.training.network import Network

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
    network = loaded.network
    tested = confusion_wanted and bool(loaded.labels) and _has_test(loaded)
    if tested and len(loaded.labels) > MAX_CLASSES:
        album.note(
            f"the confusion matrix of {len(loaded.labels):,} classes is not drawn, of up to "
            f"{MAX_CLASSES:,} it is; `nnfs eval {loaded.run.path}` lists what was taken for what"
        )
        tested = False
    wanted = ["the confusion matrix"] * tested + ["what was learnt"] * in_the_plane(network)
    data = _data(album, loaded, opening.source, " and ".join(wanted)) if wanted else None
    if data is not None and data.test is not None and tested:
        _draw_confusion(album, loaded, data.test, about)
    subject = subject_of(network, data)
    if subject is not None:
        seen = subject.look(network)
        album.add(subject.figure(album.theme, seen, subject.title(seen), about), subject.name)


def subject_of(network: Network, data: Data | None) -> Subject[Any] | None:
    """What can be drawn of a network and its data: first weights, what it says, or nothing."""
    found: Subject[Any] | None = FirstWeights.of(network)
    if found is None and data is not None:
        found = Regions.of(data) or ClassCurves.of(data) or ValueMap.of(data)
        found = found or FittedCurve.of(data)
    return found


def in_the_plane(network: Network) -> bool:
    """Whether what the network says can be drawn in a plane: over one feature, or two."""
    one_answer = bool(network.labels) or network.model.output_shape == (1,)
    return one_answer and network.preprocessing.input_shape in ((1,), (2,))


def _data(album: Album, loaded: LoadedRun, source: Source, what: str) -> Data | None:
    """The run's data; None, with a note, where it is not to be had in seconds."""
    if not is_cheap(loaded):
        eval_ = f"`nnfs eval {loaded.run.path}` first, and the confusion matrix is drawn"
        album.note(f"{what} would take long, and is not drawn; {eval_}")
        return None
    try:
        return own_data(loaded, source)
    except NnfsError as error:
        album.note(f"without its data there is no image of {what}: {error}")
        return None


def is_cheap(loaded: LoadedRun) -> bool:
    """Whether reading the data and testing the network takes seconds at most."""
    counts, shape = loaded.data.get("samples", {}), loaded.network.preprocessing.input_shape
    values = sum(counts.values()) * math.prod(shape)
    operations = counts.get("test", 0) * loaded.network.model.flops(shape)
    decoded = isinstance(loaded.config.data, ImageFolder)
    return values <= MAX_VALUES and operations <= MAX_OPERATIONS and not decoded


def _has_test(loaded: LoadedRun) -> bool:
    return bool(loaded.data.get("samples", {"test": 1}).get("test"))


def _draw_confusion(album: Album, loaded: LoadedRun, test: Samples, about: str) -> None:
    guesses = loaded.network.of_answers(test.inputs, predicted_classes)
    counts = Confusion.of(test.targets, guesses, len(loaded.labels)).matrix().tolist()
    figure = confusion.figure_of(album.theme, loaded.labels, counts, "test samples", about)
    album.add(figure, "confusion-test")
