"""Pages of HTML with a script that draws tensors, and tensors as such pages have them."""

from __future__ import annotations

import base64
import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import DataError
from nnfs_cli.inspection.tensor_text import limits, stretched

MAX_BYTES = 2_000_000
"""Of a page: more is slow on a phone."""


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


def tensor(array: Array) -> dict[str, Any]:
    """A tensor as pages have it: its shape, and its numbers in base64."""
    return {"shape": array.shape, "data": floats(array)}


def samples(batch: Array, count: int) -> dict[str, Any]:
    """The first samples of a batch, and the shape of one."""
    return {"shape": batch.shape[1:], "data": floats(batch[:count])}


def floats(array: Array) -> dict[str, Any]:
    """An array as float32, in base64; what is larger than float32 can hold is infinite."""
    with np.errstate(over="ignore"):
        numbers = array.astype("<f4")
    return {"bytes": base64.b64encode(numbers.tobytes()).decode()}


def shades(array: Array) -> dict[str, Any]:
    """An array to 1 in 255 of its range, for images, in base64."""
    low, high = limits(array)
    levels = np.rint(stretched(array) * 255).astype(np.uint8)
    return {"bytes": base64.b64encode(levels.tobytes()).decode(), "range": [low, high]}


def finite(value: float) -> float | None:
    """A number as JSON has it, which knows neither NaN nor infinity."""
    return value if math.isfinite(value) else None
