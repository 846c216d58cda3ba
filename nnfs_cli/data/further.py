"""Reading a further table the way that the training table was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnfs_cli.data.tables.columns import Column
from nnfs_cli.data.tables.header import is_learned_header
from nnfs_cli.data.tables.table import Table, detect_delimiter, first_rows, read_table


def read_further(
    path: Path,
    columns: Sequence[Column],
    layout: Mapping[str, Any] | None,
    *,
    lenient: bool = False,
) -> Table:
    """A table to test or to answer, in the terms of a training.

    ``layout`` is what is on record of the training table: its ``delimiter``, used unless it does
    not divide this table; and ``header``, whether the config says that there is one, or None.
    Runs of earlier versions have no layout. ``lenient`` leaves ragged rows out.
    """
    layout = layout or {}
    delimiter, header = layout.get("delimiter"), layout.get("header")
    features = sum(column["kind"] in ("number", "category") for column in columns)
    if delimiter and features > 1 and len(first_rows(path, delimiter)[0]) == 1:
        delimiter = None
    delimiter = delimiter or detect_delimiter(path)
    if header is not None:
        return read_table(path, delimiter, header, lenient)
    first = first_rows(path, delimiter)
    header = is_learned_header(first[0], first[1] if len(first) > 1 else None, columns)
    table = read_table(path, delimiter, header, lenient)
    unexpected = header and all(column["name"] is None for column in columns)
    return replace(table, notice="row 1 is taken as a header" if unexpected else "")
