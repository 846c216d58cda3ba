"""Tables as CSV text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV that every reader divides where they were divided: any line break is quoted.

    Bytes of a name that are not UTF-8 are spelled out.
    """
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    for row in map(list, rows):
        breaks = any("\r" in cell for cell in row if isinstance(cell, str))
        (quoted if breaks else plain).writerow(row)
    return text.getvalue().encode("utf-8", "backslashreplace").decode()
