"""A training as an animation: what the network had learnt after each epoch, as a GIF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from io import BytesIO
from typing import Any

import numpy as np

from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.reports.plots.canvas import Album, drawn
from nnfs_cli.reports.plots.fonts import give_letters
from nnfs_cli.reports.plots.learnt import subject_of
from nnfs_cli.reports.plots.regions import Regions
from nnfs_cli.reports.plots.subject import Subject
from nnfs_cli.reports.plots.theme import Theme, themed
from nnfs_cli.reports.plots.value_map import ValueMap
from nnfs_cli.runs.checkpoint import arrays_of, load_into
from nnfs_cli.runs.repetition import Repetition
from nnfs_cli.runs.run import Run
from nnfs_cli.training.loop import Epoch, Step
from nnfs_cli.training.network import Network

Counter = Callable[[int, int], None]
"""Told how much of how much is done."""

MAX_FRAMES = 60
PLACES = 160
"""Of the grid of regions, along each axis."""
DPI = 80
SHOWN_MS, LAST_MS = 120, 2500
"""How long a frame is shown, in milliseconds."""
COLOURS = 128


def animated(run: Run, network: Network, again: Repetition) -> Subject[Any]:
    """What an animation of a run shows; ``network`` is that of the finished training.

    Raises UsageError where it is nothing that can be drawn, DataError for other data.
    """
    subject = subject_of(network, again.built.data)
    if subject is None:
        raise UsageError(
            f"there is nothing to animate: {again.built.data.name} has neither one or two features "
            "and classes or one value, nor images whose first layer has weights of their shape",
            "leave --animate out",
        )
    if not again.is_of_the_same_data:
        raise DataError(
            f"the data is not what run {run.id} was trained on",
            "animate it where the same files are found (--data-dir, NNFS_DATA)",
        )
    if isinstance(subject, Regions | ValueMap):
        subject.places = PLACES
    return subject


def animate(
    album: Album,
    run: Run,
    subject: Subject[Any],
    again: Repetition,
    training: Counter,
    drawing: Counter,
) -> None:
    """Train the run again in memory and add ``learning.gif``, with at most 60 of its epochs.

    Raises DivergedError, MachineError.
    """
    seen = _looks(again, subject, training)
    if not _ends_like(again, run):
        album.note("the repeated training ends otherwise than the run: see `nnfs reproduce`")
    with themed(album.theme):
        frames = []
        for number, (epoch, look) in enumerate(seen, 1):
            drawing(number, len(seen))
            frames.append(_frame(album, subject, look, epoch))
    album.write("learning.gif", gif(frames, album.theme))


def chosen_epochs(epochs: int) -> list[int]:
    """The epochs that are shown, from 0: all, or 60 that are denser at the beginning."""
    if epochs < MAX_FRAMES:
        return [*range(epochs + 1)]
    places = np.linspace(0, 1, MAX_FRAMES) ** 1.5 * epochs
    return sorted({*np.ceil(places).astype(int).tolist()})


def _looks(again: Repetition, subject: Subject[Any], progress: Counter) -> list[tuple[int, Any]]:
    """What there is to see after each chosen epoch."""
    network, (epochs, steps) = again.built.network, again.goal
    chosen = {*chosen_epochs(epochs)}
    found = [(0, subject.look(network))]
    with closing(again.events()) as events:
        for event in events:
            if isinstance(event, Step):
                progress(event.step, steps)
            elif isinstance(event, Epoch) and event.epoch in chosen:
                found.append((event.epoch, subject.look(network)))
    return found


def _ends_like(again: Repetition, run: Run) -> bool:
    """Whether the weights are those of the run's last checkpoint."""
    network = again.built.network
    arrays = arrays_of(network.model, network.optimizer)
    recorded = {name: np.empty_like(array) for name, array in arrays.items()}
    load_into(run.checkpoint("last"), recorded)
    return all(arrays[name].tobytes() == recorded[name].tobytes() for name in arrays)


def _frame(album: Album, subject: Subject[Any], look: Any, epoch: int) -> bytes:
    title = ": ".join(filter(None, [f"epoch {epoch}", subject.score(look)]))
    figure = subject.figure(album.theme, look, title, "")
    album.lacking |= {*give_letters(figure)}
    return drawn(figure, "png", dpi=DPI)


def gif(frames: Sequence[bytes], theme: Theme) -> bytes:
    """PNG frames as a GIF that repeats, all in the colours of the last one."""
    from PIL import Image

    images = [Image.open(BytesIO(frame)).convert("RGB") for frame in frames]
    sample = images[-1].copy()
    sample.paste(theme.ink, (0, 0, 64, 64))  # few pixels are text, whose colour must stay
    palette = sample.quantize(COLOURS)
    reduced = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    content = BytesIO()
    reduced[0].save(
        content,
        "GIF",
        save_all=True,
        append_images=reduced[1:],
        duration=[SHOWN_MS] * (len(images) - 1) + [LAST_MS],
        loop=0,
        optimize=False,
    )
    return content.getvalue()
