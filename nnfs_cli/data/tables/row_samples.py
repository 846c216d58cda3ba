"""The rows of a table as samples, in the terms of a training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.faults import inside
from nnfs_cli.data.sample_weights import weights_of_rows
from nnfs_cli.data.tables.columns import (
    Column,
    as_before,
    encode,
    match,
    numbers,
    texts,
    unused_columns,
)
from nnfs_cli.data.tables.several_targets import known_targets
from nnfs_cli.data.tables.table import Table
from nnfs_cli.data.tables.targets import distributions_of, encode_like, encode_targets


class Known(Protocol):
    """What a training learned of a table: its data as it was loaded, or its preprocessing."""

    @property
    def columns(self) -> list[Column]:
        """Its columns."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Its classes."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Of several values or labels a row."""
        ...

    @property
    def thresholds(self) -> tuple[float, ...] | None:
        """Of several labels a row."""
        ...


def encode_samples(table: Table, path: Path, known: Known) -> Samples:
    """A table's rows in the terms of a training; targets of length 0 if it has none."""
    with inside(path):
        inputs, places = encode(known.columns, table), origins(path, table)
        notice, ids = further_notice(known.columns, table), ids_of(known.columns, table)
        weights = weights_of_rows(known.columns, table)
        notice = "; ".join(filter(None, [notice, _unweighted(known.columns, weights)]))
        targets, soft = _targets(table, known)
        return Samples(inputs, targets, places, notice, ids, weights, soft)


def _targets(table: Table, known: Known) -> tuple[Array, Array | None]:
    """The targets, and the probabilities of the classes if the table has those."""
    columns, labels = known.columns, known.labels
    found = [
        (column, position)
        for column, position in zip(columns, match(columns, table), strict=True)
        if column["kind"] == "target"
    ]
    learned, target = found[0]
    if len(found) > 1 or "separator" in learned:
        rows = known_targets(table, [position for _, position in found], columns, known.names)
        if rows is not None:
            targets = encode_like(rows, labels, known.thresholds)
            return targets, distributions_of(rows, labels)
    if target is None:
        return np.empty(0, dtype=np.int64 if labels else np.float32), None
    if not labels:
        return encode_targets(numbers(table, target, learned.get("decimal")), ()), None
    words = texts(table, target)
    if "as_written" not in learned:
        words = as_before(words, labels)
    return encode_targets(np.array(words, dtype=object), labels), None


def further_notice(columns: list[Column], table: Table) -> str:
    """What the user must know of how a further table was read."""
    nameless = ""
    if has_ids(columns) and ids_of(columns, table) is None:
        nameless = f"there is no column {id_name(columns)!r}, so the rows have no id"
    return "; ".join(filter(None, [table.notice, unused_columns(columns, table), nameless]))


def _unweighted(columns: Sequence[Column], weights: Array | None) -> str:
    """What to say where the training's samples had weights and these have none."""
    named = [column["name"] for column in columns if column.get("weight")]
    if not named or weights is not None:
        return ""
    return f"there is no column {named[0] or 'of weights'!r}, so all samples weigh 1"


def has_ids(columns: Sequence[Column]) -> bool:
    """Whether a column names the rows."""
    return any(column.get("id") for column in columns)


def id_name(columns: Sequence[Column]) -> str | None:
    """What the column that names the rows is called; ``id`` without a header, None without it."""
    names = [column["name"] for column in columns if column.get("id")]
    return (names[0] or "id") if names else None


def ids_of(columns: Sequence[Column], table: Table) -> Array | None:
    """The text of that column in every row (N,); None if the table has none."""
    for column, position in zip(columns, match(list(columns), table), strict=True):
        if column.get("id") and position is not None:
            return np.array(table.texts(position), dtype=object)
    return None


def repeated(ids: Array | None) -> str:
    """What to say of names that do not tell the rows apart; empty if they do."""
    counts = Counter(() if ids is None else ids.tolist())
    several = [name for name, count in counts.items() if count > 1]
    if not several:
        return ""
    return f"of the ids {len(several):,} name several rows, such as {several[0]!r}"


def origins(path: Path, table: Table) -> Array:
    """The file and the line of every row: ``table.csv:2``."""
    return np.array([f"{path.name}:{line}" for line in table.where], dtype=object)
