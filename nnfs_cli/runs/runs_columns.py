"""The columns of the list of runs that fit a terminal, so that each run is one line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from nnfs_cli.formatting import cell_text, cut

STAMP = re.compile(r"\d{8}-\d{6}")
"""With what the id of a run begins: its date and time."""
FRAME, BETWEEN = 4, 3
"""Columns that a table takes at its sides, and between two of its columns."""
FEWEST = 12
"""Columns below which a cut list of changes says nothing."""

Cells = Mapping[str, list[Any]]


def fitted(
    cells: Cells, names: Mapping[str, str], sort: str | None, width: int
) -> dict[str, list[Any]]:
    """The columns that make a line of ``width``, with ids as short as ``names`` has them.

    Kept are, in this order, as long as there is room: the id, the status, what is sorted by, the
    changes (cut if need be), the metrics, the epochs, the data, the losses; and at last whole ids.
    """
    ids = cells["run"]
    shown = {**cells, "run": [names[run] for run in ids]}
    kept: list[str] = []
    for name in sorted(cells, key=lambda name: _rank(name, sort)):
        room = width - _width(shown, kept) - BETWEEN
        if name == "changes" and room >= FEWEST:
            shown[name] = [cut(str(text), room) for text in cells[name]]
        if name in ("run", "status", sort) or _widest(name, shown[name]) <= room:
            kept.append(name)
    if _width({**shown, "run": ids}, kept) <= width:
        shown["run"] = ids
    return {name: shown[name] for name in cells if name in kept}


def shortened(ids: Sequence[str]) -> dict[str, str]:
    """For each id the start that names this run alone: date and time, and more where needed."""
    ordered, short = sorted(ids), {}
    for before, run, after in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False):
        stamp = STAMP.match(run)
        alike = max(_alike(run, before), _alike(run, after))
        short[run] = run[: max(len(stamp[0]), alike + 1)] if stamp else run
    return short


def _alike(one: str, other: str) -> int:
    """How many characters are the same at the start."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _rank(name: str, sort: str | None) -> int:
    if name == sort:
        return 2
    order = {"run": 0, "status": 1, "changes": 3, "tags": 4, "epochs": 6, "data": 7}
    return order.get(name, 8 if name.endswith("loss") else 5)


def _width(cells: Cells, names: Sequence[str]) -> int:
    wide = [_widest(name, cells[name]) for name in names]
    return sum(wide) + BETWEEN * max(len(wide) - 1, 0) + FRAME


def _widest(name: str, column: Sequence[Any]) -> int:
    return max([len(name), *(len(cell_text(value)) for value in column)])
