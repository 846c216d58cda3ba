"""The rows of a table as samples, in the terms of a training."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.faults import inside
from nnfs_cli.data.tables.columns import (
    Column,
    as_before,
    encode,
    match,
    numbers,
    texts,
    unused_columns,
)
from nnfs_cli.data.tables.table import Table
from nnfs_cli.data.tables.targets import encode_targets


def encode_samples(
    table: Table, path: Path, columns: list[Column], labels: tuple[str, ...]
) -> Samples:
    """A table's rows in the terms of a training; targets of length 0 if it has none."""
    with inside(path):
        inputs, places = encode(columns, table), origins(path, table)
        notice = further_notice(columns, table)
        learned, target = next(
            (column, position)
            for column, position in zip(columns, match(columns, table), strict=True)
            if column["kind"] == "target"
        )
        if target is None:
            none = np.empty(0, dtype=np.int64 if labels else np.float32)
            return Samples(inputs, none, places, notice)
        if not labels:
            values = numbers(table, target, learned.get("decimal"))
            return Samples(inputs, encode_targets(values, ()), places, notice)
        words = texts(table, target)
        if "as_written" not in learned:
            words = as_before(words, labels)
        targets = encode_targets(np.array(words, dtype=object), labels)
        return Samples(inputs, targets, places, notice)


def further_notice(columns: list[Column], table: Table) -> str:
    """What the user must know of how a further table was read."""
    return "; ".join(filter(None, [table.notice, unused_columns(columns, table)]))


def origins(path: Path, table: Table) -> Array:
    """The file and the line of every row: ``table.csv:2``."""
    return np.array([f"{path.name}:{line}" for line in table.where], dtype=object)
