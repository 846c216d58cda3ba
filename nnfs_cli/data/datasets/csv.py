"""Your own table: a CSV or TSV file with a row for each sample and a column to predict."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset, nearest
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.arrays import brightest_value
from nnfs_cli.data.dataset import Dataset, Kind, Loaded, Samples
from nnfs_cli.data.faults import inside
from nnfs_cli.data.further import read_further
from nnfs_cli.data.source import Source
from nnfs_cli.data.splitting import split_test
from nnfs_cli.data.tables.columns import (
    Column,
    as_before,
    encode,
    learn_columns,
    match,
    numbers,
    texts,
    unused_columns,
)
from nnfs_cli.data.tables.suspects import notices
from nnfs_cli.data.tables.table import Table, read_table
from nnfs_cli.data.tables.table_targets import learn_targets
from nnfs_cli.data.tables.targets import TASK_HELP, Task, encode_targets, learn_labels
from nnfs_cli.errors import DataError

USUAL_TARGETS = ("label", "target", "class", "y")


@dataset("csv", "tsv")
class Csv(Dataset):
    """Your own table, numbers and words; words become one-hot categories."""

    path: str = Field(description="the file: .tsv and .tab are divided by tabs, others by commas")
    target: str | int | None = Field(
        default=None,
        kw_only=True,
        description="column to predict: a name, or a position from 0 (-1 is the last); by default "
        "one named label, target, class or y, else the last",
    )
    test: str | Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.2,
        kw_only=True,
        description="a file of test samples, or a fraction to split off",
    )
    task: Task = Field(default="auto", kw_only=True, description=TASK_HELP)
    header: bool | None = Field(
        default=None, kw_only=True, description="whether row 1 has the names; detected if not said"
    )
    delimiter: str | None = Field(
        default=None,
        min_length=1,
        max_length=1,
        kw_only=True,
        description="between columns; null: of , ; | and tab the commonest in the first line",
    )
    categories: list[str | int] = Field(
        default_factory=list, kw_only=True, description="columns whose numbers are categories"
    )
    ignore: list[str | int] = Field(
        default_factory=list, kw_only=True, description="columns to leave out, such as an id"
    )
    shape: list[int] | None = Field(
        default=None,
        kw_only=True,
        description="make an image of the columns, such as [28, 28, 1]",
    )

    def load(self, source: Source) -> Loaded:
        """Features as float32 (N, F), or uint8 if all are whole numbers from 0 to 255."""
        path = source.locate(self.path)
        return self.understand(read_table(path, self.delimiter, self.header), path, source)

    def understand(self, table: Table, path: Path, source: Source) -> Loaded:
        """What :meth:`load` makes of a table that has been read."""
        with inside(path):
            _require_columns(table)
            target = self.target_position(table)
            ignored = self.ignored_positions(table)
            forced = [_position(table, column) for column in self.categories]
            task = self._task(table, target, forced)
            columns = learn_columns(table, target, ignored, forced)
            values, notes = learn_targets(table, target, columns, task)
            labels = source.in_order(learn_labels(values, task))
            inputs = self._shaped(encode(columns, table))
            samples = Samples(inputs, encode_targets(values, labels), origins(path, table))
        kind: Kind = "image" if self.shape else "table"
        loaded = Loaded(
            samples,
            None,
            labels,
            kind,
            columns,
            white=brightest_value(inputs) if inputs.ndim == 4 else None,
            notice="; ".join(filter(None, [table.notice, *notes, *notices(columns, table)])),
            layout={"delimiter": table.delimiter, "header": self.header},
        )
        if isinstance(self.test, str):
            test = self._other(source.locate(self.test), loaded)
            notice = f"{self.test}: {test.notice}" if test.notice else ""
            told = "; ".join(filter(None, [loaded.notice, notice]))
            return replace(loaded, test=test, notice=told)
        train, drawn = split_test(samples, self.test)
        return replace(loaded, train=train, test=drawn)

    def _other(self, path: Path, loaded: Loaded) -> Samples:
        table = read_further(path, loaded.columns, loaded.layout)
        samples = encode_samples(table, path, loaded.columns, loaded.labels)
        if not len(samples.targets):
            raise DataError(f"{path} has no target column", "test samples need one")
        return replace(samples, inputs=self._shaped(samples.inputs))

    def target_position(self, table: Table) -> int:
        """The column to predict; by default the last but for those left out. Raises DataError."""
        if self.target is not None:
            return _position(table, self.target)
        left = [i for i in range(table.width) if i not in self.ignored_positions(table)]
        usual = [i for i in left if table.names and table.names[i].lower() in USUAL_TARGETS]
        return (usual or left[-1:] or [table.width - 1])[0]

    def ignored_positions(self, table: Table) -> list[int]:
        """The columns to leave out. Raises DataError if one is not there."""
        return [_position(table, column) for column in self.ignore]

    def _task(self, table: Table, target: int, forced: list[int]) -> Task:
        """A target that is declared a category has classes."""
        if target not in forced:
            return self.task
        if self.task == "regression":
            raise DataError(
                f"categories names the target {table.title(target)!r}, and task says regression",
                "remove one of them",
            )
        return "classification"

    def _shaped(self, inputs: Array) -> Array:
        if self.shape is None:
            return inputs
        if math.prod(self.shape) != inputs.shape[1]:
            raise DataError(
                f"{inputs.shape[1]} features do not fill a shape of {self.shape}",
                "correct shape, or ignore the columns that are no pixels",
            )
        return inputs.reshape(len(inputs), *self.shape)


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


def _require_columns(table: Table) -> None:
    """Raise DataError for a table that was not divided, saying how it may be."""
    title = table.names[0] if table.names else str(table.cells[0, 0])
    if table.width > 1 or " " not in title:
        return
    if title.startswith("#"):
        raise DataError(f"row 1 looks like a comment line, {title[:40]!r}", "remove it")
    raise DataError(
        "the table has one column, and row 1 looks divided by blanks",
        "data.delimiter=' ' if there is one blank between two cells; else write commas",
    )


def _position(table: Table, column: str | int) -> int:
    if isinstance(column, int):
        if not -table.width <= column < table.width:
            raise DataError(f"there is no column {column}", f"there are {table.width}, from 0")
        position = column % table.width
        named = table.names.index(str(column)) if str(column) in table.names else position
        if named != position:
            raise DataError(
                f"{column} may be the column named {str(column)!r}, or that at position {column}, "
                f"counted from 0, whose name is {table.names[position]!r}",
                f"write the name in quotes: '{column}' or {table.names[position]!r}",
            )
        return position
    if not table.names:
        raise DataError(
            f"there is no column {column!r}: the table has no header", "name columns by position"
        )
    if column not in table.names:
        raise DataError(f"there is no column {column!r}", nearest(column, table.names))
    return table.names.index(column)
