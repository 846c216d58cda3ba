"""Writing a page: one that nnfs wrote is replaced, any other file only when asked to."""

from __future__ import annotations

import base64
import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from nnfs_cli.atomic import write_text_atomically
from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import DataError, UsageError

MAX_BYTES = 2_000_000
"""Of a page: more is slow on a phone."""
GENERATOR = '<meta name="generator" content="nnfs">'
HEAD_BYTES = 1000


def require_free(path: Path, force: bool) -> None:
    """Raise UsageError if something is at the path that is no page of nnfs's."""
    if path.exists() and not (force and path.is_file()) and not _is_page(path):
        raise UsageError(
            f"{path} exists and is not a page of nnfs's",
            "choose another file, or add --force",
        )


def page_text(title: str, body: str, scripts: Sequence[str], data: Mapping[str, Any]) -> str:
    """A page that needs nothing else: the files of ``page/`` that it is made of, and its data.

    Raises DataError if it would be too large.
    """
    folder = files("nnfs_cli.inspection") / "page"
    read = {name: (folder / name).read_text("utf-8") for name in ("page.html", "page.css", body)}
    parts = {
        "title": html.escape(title),
        "style": read["page.css"],
        "body": read[body],
        "script": "\n".join((folder / name).read_text("utf-8") for name in scripts),
        "data": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
    }
    text = re.sub(r"{{(\w+)}}", lambda place: parts[place[1]], read["page.html"])
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise DataError(
            f"the network is too large to show whole: the page would have {size / 1e6:.1f} MB of "
            f"{MAX_BYTES / 1e6:.0f}",
            "leave --html out, or look at a smaller network",
        )
    return text


def write_page(path: Path, text: str) -> None:
    """Write the page whole, or not at all."""
    write_text_atomically(path, text)


def _is_page(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return GENERATOR.encode() in file.read(HEAD_BYTES)


def tensor(array: Array) -> dict[str, Any]:
    """A tensor as pages have it: its shape, and its numbers in base64."""
    return {"shape": array.shape, "data": floats(array)}


def samples(batch: Array, count: int) -> dict[str, Any]:
    """The first samples of a batch, and the shape of one."""
    return {"shape": batch.shape[1:], "data": floats(batch[:count])}


def floats(array: Array) -> dict[str, Any]:
    """An array as float32, in base64."""
    return {"bytes": base64.b64encode(array.astype("<f4").tobytes()).decode()}


def shades(array: Array) -> dict[str, Any]:
    """An array to 1 in 255 of its range, for images, in base64."""
    low, high = float(array.min()), float(array.max())
    levels = np.rint((array - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)
    return {"bytes": base64.b64encode(levels.tobytes()).decode(), "range": [low, high]}


def finite(value: float) -> float | None:
    """A number as JSON has it, which knows neither NaN nor infinity."""
    return value if math.isfinite(value) else None
