"""Your own table: a CSV or TSV file with a row for each sample and a column to predict."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from nnfs_cli.component import dataset, nearest
from nnfs_cli.data.columns import Column, encode, label_text, learn_columns, match, numbers, texts
from nnfs_cli.data.dataset import Dataset, Kind, Loaded, Samples
from nnfs_cli.data.division import split_test
from nnfs_cli.data.faults import inside
from nnfs_cli.data.source import Source
from nnfs_cli.data.table import Table, is_number, read_table
from nnfs_cli.data.targets import TASK_HELP, Task, encode_targets, learn_labels
from nnfs_cli.errors import DataError
from nnfs_cli.parameter import Array

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
        default=0.2, kw_only=True, description="a file of test samples, or the share to split off"
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
        table = read_table(path, self.delimiter, self.header)
        with inside(path):
            target = self._target(table)
            ignored = [_position(table, column) for column in self.ignore]
            forced = [_position(table, column) for column in self.categories]
            columns = learn_columns(table, target, ignored, forced)
            values = target_values(table, target)
            labels = learn_labels(values, self.task)
            samples = Samples(self._shaped(encode(columns, table)), encode_targets(values, labels))
        kind: Kind = "image" if self.shape else "table"
        if isinstance(self.test, str):
            test = self._other(source.locate(self.test), columns, labels)
            return Loaded(samples, test, labels, kind, columns)
        return Loaded(*split_test(samples, self.test), labels, kind, columns)

    def _other(self, path: Path, columns: list[Column], labels: tuple[str, ...]) -> Samples:
        table = read_table(path, self.delimiter, self.header)
        samples = encode_samples(table, path, columns, labels)
        if not len(samples.targets):
            raise DataError(f"{path} has no target column", "test samples need one")
        return Samples(self._shaped(samples.inputs), samples.targets)

    def _target(self, table: Table) -> int:
        if self.target is not None:
            return _position(table, self.target)
        usual = [i for i, name in enumerate(table.names) if name.lower() in USUAL_TARGETS]
        return usual[0] if usual else table.width - 1

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
        inputs = encode(columns, table)
        target = next(
            position
            for column, position in zip(columns, match(columns, table), strict=True)
            if column["kind"] == "target"
        )
        if target is None:
            return Samples(inputs, np.empty(0, dtype=np.int64 if labels else np.float32))
        values = target_values(table, target)
        if not labels and values.dtype == object:
            values = numbers(table, target)
        return Samples(inputs, encode_targets(values, labels))


def target_values(table: Table, position: int) -> Array:
    """The target column: float64 if every cell is a number, else words; none may be missing."""
    if table.cells.dtype != object:
        return table.cells[:, position].astype(np.float64)
    words = texts(table, position)
    share = sum(map(is_number, words)) / len(words)
    if share > 0.5:
        return numbers(table, position)
    return np.array(
        [label_text(float(word)) if is_number(word) else word for word in words], dtype=object
    )


def _position(table: Table, column: str | int) -> int:
    if isinstance(column, int):
        if not -table.width <= column < table.width:
            raise DataError(f"there is no column {column}", f"there are {table.width}, from 0")
        return column % table.width
    if not table.names:
        raise DataError(
            f"there is no column {column!r}: the table has no header", "name columns by position"
        )
    if column not in table.names:
        raise DataError(f"there is no column {column!r}", nearest(column, table.names))
    return table.names.index(column)
