"""What a network does with samples, as one HTML page: a sample in depth, or a gallery of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.formatting import percent
from nnfs_cli.inspection.look import Look
from nnfs_cli.inspection.look_text import answer_text
from nnfs_cli.inspection.pages import page_text, tensor
from nnfs_cli.inspection.tensor_text import digits
from nnfs_cli.inspection.worst import Mistake

SCRIPTS = ("tensors.js", "sections.js")
MAX_FILTERS = 64


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # the numbers show it
def look_page(look: Look, run: str) -> str:
    """The page of one sample. Raises DataError where a network is too large for one."""
    falls = "how far the answer falls when it is covered"
    sections = [
        _section(
            "What mattered",
            f"orange speaks for {look.explained or 'the answer'}, blue against it",
            [
                _in_grey("the sample", look.input.astype(np.float64)),
                _in_grey("gradient times input", look.gradient),
                _in_grey(falls, look.occluded),
            ],
        ),
        _section(
            "Layers",
            "the outputs, first to last",
            [_shown(path, y) for path, y in look.activations.items()],
        ),
    ]
    if look.weights:
        path, weights = look.weights
        shown = [
            _shown(f"unit {n}", image) for n, image in enumerate(_filters(weights, look.input))
        ]
        sections.append(_section(f"The first weights: {path}", "", shown, tiles=True))
    if look.neighbours:
        near = [
            _in_grey(
                f"{each.target}, sample {each.sample}, distance {digits(each.distance)}",
                each.input.astype(np.float64),
            )
            for each in look.neighbours
        ]
        note = "by what the last layer with weights is given"
        sections.append(_section("Nearest training samples", note, near, tiles=True))
    return _page(f"{look.name} in run {run}", answer_text(look), sections)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # the numbers show it
def gallery_page(
    mistakes: Sequence[Mistake], samples: Samples, run: str, split: str, wrong: str
) -> str:
    """The page of the samples that a run gets most wrong."""
    shown = [
        _in_grey(mistake_text(each), samples.inputs[each.sample].astype(np.float64))
        for each in mistakes
    ]
    return _page(
        f"The worst {len(shown)} {split} samples of run {run}",
        wrong,
        [_section("", "", shown, tiles=True)],
    )


def mistake_text(mistake: Mistake) -> str:
    """``sample 17: true 4, answered 9 (71.20 %)``."""
    sure = "" if mistake.probability is None else f" ({percent(mistake.probability)})"
    return f"sample {mistake.sample}: true {mistake.true}, answered {mistake.answer}{sure}"


def _page(title: str, about: str, sections: list[dict[str, Any]]) -> str:
    data = {"title": title, "about": about, "sections": sections}
    return page_text(title, "sections.html", SCRIPTS, data)


def _section(
    title: str, note: str, shown: list[dict[str, Any]], tiles: bool = False
) -> dict[str, Any]:
    """``tiles`` stand side by side, with no more than their names."""
    return {"title": title, "note": note, "shown": shown, "tiles": tiles}


def _shown(name: str, array: Array) -> dict[str, Any]:
    return {"name": name, **tensor(array)}


def _in_grey(name: str, sample: Array) -> dict[str, Any]:
    """What has a sample's shape: an image whose channels are colours is shown in grey."""
    is_colour = sample.ndim == 3 and sample.shape[2] == 3
    return _shown(name, sample.mean(axis=2, keepdims=True) if is_colour else sample)


def _filters(weights: Array, sample: Array) -> list[Array]:
    """Each unit's weights in the shape of what it looks at: an image, a window, or a vector."""
    if weights.ndim == 4:
        return [weights[:, :, :1, n] for n in range(weights.shape[3])][:MAX_FILTERS]
    columns = weights.reshape(-1, weights.shape[-1]).T[:MAX_FILTERS]
    fits = sample.ndim == 3 and sample.size == columns.shape[1]
    return [column.reshape(sample.shape) if fits else column for column in columns]
