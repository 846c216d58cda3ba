"""The worst mistakes of a network, as images or as rows."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.formatting import percent
from nnfs_cli.reports.pages.markup import table, text
from nnfs_cli.reports.sample_sheet import eight_bits

MAX_SIDE = 96
"""Pixels of an image; larger ones are reduced."""
FEATURES = 8
"""Of a row: so many are shown."""


@dataclass(frozen=True)
class Wrong:
    """A sample that a network answers wrongly, and the probability of its answer."""

    sample: int
    origin: str
    true: str
    answer: str
    probability: float | None


def mistakes_html(wrong: Sequence[Wrong], samples: Samples, known: Preprocessing) -> str:
    """The samples beside what was answered."""
    if not wrong:
        return ""
    chosen = samples.inputs[[each.sample for each in wrong]]
    if chosen.ndim == 4 and chosen.shape[3] in (1, 3):
        pixels = eight_bits(chosen.astype(np.float32), known.white)
        return f'<div class="tiles">{"".join(map(_tile, wrong, pixels))}</div>'
    return _rows(wrong, chosen, known)


def _tile(wrong: Wrong, pixels: Array) -> str:
    sure = "" if wrong.probability is None else f" ({percent(wrong.probability)})"
    told = f"true {text(wrong.true)}<br>answered {text(wrong.answer + sure)}"
    where = f' title="{text(wrong.origin)}"' if wrong.origin else ""
    image = f'<img src="{image_uri(pixels)}" alt="sample {wrong.sample}"{where}>'
    return f"<figure>{image}<figcaption>{told}</figcaption></figure>"


def image_uri(pixels: Array) -> str:
    """An image (H, W, 1 or 3) of bytes as the address of itself."""
    from PIL import Image

    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


def _rows(wrong: Sequence[Wrong], inputs: Array, known: Preprocessing) -> str:
    with_origin = any(each.origin for each in wrong)
    sure = any(each.probability is not None for each in wrong)
    cells = [_cells(row.reshape(-1), known) for row in inputs]
    names = list(dict.fromkeys(name for each in cells for name in each))[:FEATURES]
    headers = ["from" if with_origin else "sample", "true", "answered"]
    headers += [*(["probability"] if sure else []), *names]
    rows = []
    for each, own in zip(wrong, cells, strict=True):
        line: list[Any] = [each.origin if with_origin else each.sample, each.true, each.answer]
        line += [percent(each.probability or 0.0)] if sure else []
        rows.append([*line, *(own.get(name, "") for name in names)])
    return table(headers, rows)


def _cells(row: Array, known: Preprocessing) -> dict[str, str]:
    """The first features of a row by the names of their columns, as they stood there."""
    found, start = dict[str, str](), 0
    for number, column in enumerate(known.columns):
        name = str(column["name"] if column["name"] is not None else f"column {number}")
        if column["kind"] == "number" and start < len(row):
            found[name], start = f"{float(row[start]):.4g}", start + 1
        elif column["kind"] == "category":
            own = row[start : start + len(column["categories"])]
            start += len(column["categories"])
            found[name] = str(column["categories"][int(own.argmax())]) if own.any() else ""
    if start == len(row):
        return found
    return {f"input {n}": f"{float(value):.4g}" for n, value in enumerate(row[:FEATURES])}
