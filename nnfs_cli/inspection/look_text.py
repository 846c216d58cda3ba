"""What a network does with a sample, as text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnfs_cli.compute.arrays import Array, shape_text
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.formatting import percent
from nnfs_cli.inspection.attribution import features_of
from nnfs_cli.inspection.look import NO_LABEL, Look
from nnfs_cli.inspection.tensor_text import INDENT, digits, stretched
from nnfs_cli.inspection.trace_text import Draw

MOST = 12
"""Features that are listed."""


def look_lines(look: Look, preprocessing: Preprocessing, draw: Draw) -> Iterator[str]:
    """The sample, its answer, what mattered for it, and the nearest training samples."""
    yield f"{look.name}  {answer_text(look)}"
    if look.explained:
        yield f"explained: {look.explained}"
    yield from _mattered(look, preprocessing, draw)
    if look.neighbours:
        yield from ("", "Nearest training samples, by what the last layer with weights is given")
        for near in look.neighbours:
            yield f"{INDENT}{near.sample:>7}  distance {digits(near.distance):<10}  {near.target}"


def answer_text(look: Look) -> str:
    """``7 99.31 %  (1 0.42 %, 9 0.11 %), in truth 7``; scores and values are plain numbers.

    Of several labels those that the sample has not are in brackets.
    """
    truth = f", in truth {look.truth}" if look.truth else ""
    number = percent if look.certain else digits
    words = [f"{label} {number(value)}".lstrip() for label, value in look.answers]
    if look.task == "values":
        return "  ".join(words) + truth
    first = look.has if look.task == "labels" else 1
    others = f"  ({', '.join(words[first:])})" if words[first:] else ""
    return (", ".join(words[:first]) or NO_LABEL) + others + truth


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # the numbers show it
def layer_rows(look: Look) -> list[tuple[str, str, str, str, str]]:
    """Path, output's shape, mean, std and fraction of zeros of every layer's output."""
    return [
        (
            path,
            shape_text(y.shape),
            digits(float(y.mean())),
            digits(float(y.std())),
            percent(float(np.count_nonzero(y == 0) / y.size)),
        )
        for path, y in look.activations.items()
    ]


def _mattered(look: Look, preprocessing: Preprocessing, draw: Draw) -> Iterator[str]:
    if look.input.ndim == 3:
        yield from ("", "The sample")
        yield from _drawn(look.input.astype(np.float64), draw)
        yield from ("", "What spoke for the answer, by gradient times input")
        yield from _drawn(np.maximum(look.gradient, 0.0), draw)
        yield from ("", "What the answer falls by when it is covered")
        yield from _drawn(np.maximum(look.occluded, 0.0), draw)
        return
    yield from ("", f"{INDENT}what mattered       gradient times input   answer falls by")
    features = features_of(preprocessing)
    adds = [float(look.gradient.reshape(-1)[each.places].sum()) for each in features]
    falls = [float(look.occluded.reshape(-1)[each.places].mean()) for each in features]
    order = np.argsort([-abs(value) for value in adds], kind="stable")
    for place in order[:MOST].tolist():
        name, add, fall = features[place].name, digits(adds[place]), digits(falls[place])
        yield f"{INDENT}{name[:20]:<20}{add:>20}{fall:>18}"
    if len(features) > MOST:
        yield f"{INDENT}and {len(features) - MOST:,} others"


def _drawn(image: Array, draw: Draw) -> Iterator[str]:
    shown = stretched(image.mean(axis=2))
    yield from (INDENT + line for line in draw(shown).splitlines())
