"""Your own table: a CSV or TSV file with a row for each sample and a column to predict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.arrays import brightest_value
from nnfs_cli.data.dataset import Kind, Loaded, Samples
from nnfs_cli.data.faults import inside
from nnfs_cli.data.further import read_further
from nnfs_cli.data.sample_weights import weights_of_rows
from nnfs_cli.data.source import Source
from nnfs_cli.data.splitting import split_test
from nnfs_cli.data.tables import row_splits
from nnfs_cli.data.tables.columns import Column, encode, learn_columns
from nnfs_cli.data.tables.positions import column_position, require_columns
from nnfs_cli.data.tables.row_samples import encode_samples, ids_of, origins, repeated
from nnfs_cli.data.tables.row_splits import RowSplits, Wanted
from nnfs_cli.data.tables.several_labels import (
    SEPARATOR,
    THRESHOLD_HELP,
    USUAL,
    Threshold,
    undivided,
)
from nnfs_cli.data.tables.several_targets import learn_several, learn_thresholds
from nnfs_cli.data.tables.suspects import notices
from nnfs_cli.data.tables.table import Table, read_table
from nnfs_cli.data.tables.table_targets import forced_task, learn_targets
from nnfs_cli.data.tables.targets import (
    TASK_HELP,
    Task,
    distributions_of,
    encode_targets,
    learn_labels,
)
from nnfs_cli.data.user_data import Fraction, UserData
from nnfs_cli.errors import DataError

USUAL_TARGETS = ("label", "target", "class", "y")
Character = Annotated[str, Field(min_length=1, max_length=1)]
DIVIDING = ("split", "groups", "time")
"""The keys that name a column by which the rows are divided."""
ASIDE = ("id", "sample_weight", *DIVIDING)
"""The keys that name a column which is not learnt from."""


@dataset("csv", "tsv")
class Csv(UserData):
    """Your own table, numbers and words; words become one-hot categories."""

    path: str = Field(description="the file, or its .gz, .xz or .zip; .tsv and .tab have tabs")
    target: str | int | Annotated[list[str | int], Field(min_length=1)] | None = Field(
        default=None,
        kw_only=True,
        description="column to predict: a name, or a position from 0 (-1 is the last), or a list; "
        "by default one named label, target, class or y, else the last",
    )
    test: str | Fraction = Field(
        default=0.2,
        kw_only=True,
        description="a file of test samples, or a fraction to split off",
    )
    task: Task = Field(default="auto", kw_only=True, description=TASK_HELP)
    label_separator: str = Field(
        default=SEPARATOR,
        min_length=1,
        max_length=10,
        kw_only=True,
        description="task multilabel with one target: what divides the labels in a cell; an empty "
        "cell has none",
    )
    threshold: Threshold = Field(default=USUAL, kw_only=True, description=THRESHOLD_HELP)
    header: bool | None = Field(
        default=None, kw_only=True, description="whether row 1 has the names; detected if not said"
    )
    delimiter: Literal["blanks"] | Character | None = Field(
        default=None,
        kw_only=True,
        description="between columns; blanks: one or more blanks or tabs; null: of , ; | and tab "
        "the commonest in the first line",
    )
    categories: list[str | int] = Field(
        default_factory=list, kw_only=True, description="columns whose numbers are categories"
    )
    ignore: list[str | int] = Field(
        default_factory=list, kw_only=True, description="columns to leave out, such as an id"
    )
    sample_weight: str | int | None = Field(
        default=None,
        kw_only=True,
        description="column with what each sample counts for in the loss and in the metrics",
    )
    shape: list[int] | None = Field(
        default=None,
        kw_only=True,
        description="make an image of the columns, such as [28, 28, 1]",
    )
    id: str | int | None = Field(
        default=None,
        kw_only=True,
        description="column that names the rows in the files of predict and eval; not learnt from",
    )
    split: str | int | None = Field(
        default=None,
        kw_only=True,
        description="column that divides the rows: train, validation (or val, valid) or test; not "
        "learnt from",
    )
    groups: str | int | None = Field(
        default=None,
        kw_only=True,
        description="column of which no value is in two splits, such as a patient; not learnt from",
    )
    time: str | int | None = Field(
        default=None,
        kw_only=True,
        description="column of numbers or dates (2026-11-25) by which the last rows are the test "
        "and those before them validation; not learnt from",
    )

    @model_validator(mode="after")
    def _divided_once(self) -> Csv:
        if self.fold is not None and self.time is not None:
            raise ValueError("time puts what comes last aside, and fold any part; leave one out")
        keys = [key for key in DIVIDING if getattr(self, key) is not None]
        if len(keys) > 1:
            raise ValueError(f"{' and '.join(keys)} each divide the rows; leave all but one out")
        return self

    def load(self, source: Source) -> Loaded:
        """Features as float32 (N, F), or uint8 if all are whole numbers from 0 to 255."""
        path = source.locate(self.path)
        return self.understand(read_table(path, self.delimiter, self.header), path, source)

    def understand(self, table: Table, path: Path, source: Source) -> Loaded:
        """What :meth:`load` makes of a table that has been read."""
        with inside(path):
            require_columns(table)
            columns, values, names, notes = self._learned(table)
            labels = source.in_order(learn_labels(values, self._task(table), names))
            thresholds = learn_thresholds(values, names, self.task, self.threshold)
            inputs = self._shaped(encode(columns, table))
            samples = Samples(
                inputs,
                encode_targets(values, labels),
                origins(path, table),
                ids=ids_of(columns, table),
                weights=weights_of_rows(columns, table),
                distributions=distributions_of(values, labels),
            )
            splits = self._row_splits(table, samples.targets)
        kind: Kind = "image" if self.shape else "table"
        loaded = Loaded(
            samples,
            None,
            labels,
            kind,
            columns,
            white=brightest_value(inputs) if inputs.ndim == 4 else None,
            notice="; ".join(filter(None, [table.notice, *notes, repeated(samples.ids)])),
            layout={"delimiter": table.delimiter, "header": self.header},
            names=() if labels else names,
            thresholds=thresholds,
        )
        return self._with_files(self._divided(loaded, splits), source, splits)

    def _task(self, table: Table) -> Task:
        targets, forced = self.target_positions(table), self._positions(table, self.categories)
        return forced_task(table, targets, forced, self.task)

    def _positions(self, table: Table, columns: Sequence[str | int]) -> list[int]:
        return [column_position(table, column) for column in columns]

    def _learned(self, table: Table) -> tuple[list[Column], Array, tuple[str, ...], list[str]]:
        """The columns, the targets, the names of several, and what the user must know of them."""
        targets = self.target_positions(table)
        self._require_aside(table, targets)
        ignored, forced = self.ignored_positions(table), self._positions(table, self.categories)
        task = self._task(table)
        divided = self.task == "multilabel" and len(targets) == 1
        columns = learn_columns(table, targets, ignored, forced, empty_targets=divided)
        for key, column in (("id", self.id), ("weight", self.sample_weight)):
            if column is not None:
                columns[column_position(table, column)][key] = True
        if divided or len(targets) > 1:
            values, names = learn_several(table, targets, columns, self.label_separator)
            told = [undivided(table, targets[0], self.label_separator)] if divided else []
            return columns, values, names, [*filter(None, told), *notices(columns, table)]
        values, notes = learn_targets(table, targets[0], columns, task)
        return columns, values, (), [*notes, *notices(columns, table)]

    def _row_splits(self, table: Table, targets: Array) -> RowSplits | None:
        """Which row is in which split, where a column says so."""
        if self.split is not None:
            return row_splits.by_words(table, column_position(table, self.split))
        wanted = Wanted(
            test=0.0 if isinstance(self.test, str) else self.test,
            validation=0 if isinstance(self.validation, str) else self.validation,
            seed=self.split_seed,
            fold=self.chosen_fold,
        )
        if self.groups is not None:
            return row_splits.by_groups(table, column_position(table, self.groups), targets, wanted)
        if self.time is not None:
            return row_splits.by_time(table, column_position(table, self.time), wanted)
        return None

    def _divided(self, loaded: Loaded, splits: RowSplits | None) -> Loaded:
        """The rows of a table as its splits; without a column for it, a test is drawn."""
        rows = loaded.train
        if splits is None:
            train, drawn = split_test(rows, 0.0 if isinstance(self.test, str) else self.test)
            return replace(loaded, train=train, test=drawn)
        given = splits.validation, splits.test
        validation, test = (None if chosen is None else rows.pick(chosen) for chosen in given)
        notice = "; ".join(filter(None, [loaded.notice, splits.notice]))
        folded = self.fold is not None and self.groups is not None
        found: dict[str, Any] = {"train": rows.pick(splits.train), "validation": validation}
        return replace(loaded, **found, test=test, notice=notice, folded=folded)

    def _with_files(self, loaded: Loaded, source: Source, splits: RowSplits | None) -> Loaded:
        """The splits that are in files of their own added."""
        groups = splits.groups if splits else {}
        for split, given in (("validation", self.validation), ("test", self.test)):
            if not isinstance(given, str):
                continue
            if getattr(loaded, split) is not None:
                raise DataError(
                    f"column {self.split!r} has {split} rows, and data.{split} names a file",
                    "leave one of them out",
                )
            path = source.locate(given)
            table = read_further(path, loaded.columns, loaded.layout)
            samples = self._other(table, path, loaded, split)
            if self.groups is not None:
                with inside(path):
                    position = column_position(table, self.groups)
                    groups = row_splits.require_apart(table, position, split, groups)
            notice = f"{given}: {samples.notice}" if samples.notice else ""
            told = "; ".join(filter(None, [loaded.notice, notice]))
            parts: dict[str, Any] = {split: samples, "notice": told}
            loaded = replace(loaded, **parts)
        return loaded

    def _other(self, table: Table, path: Path, loaded: Loaded, split: str) -> Samples:
        samples = encode_samples(table, path, loaded)
        if not len(samples.targets):
            raise DataError(f"{path} has no target column", f"{split} samples need one")
        return replace(samples, inputs=self._shaped(samples.inputs))

    def target_positions(self, table: Table) -> list[int]:
        """The columns to predict. Raises DataError if one is not there, or named twice."""
        if not isinstance(self.target, list):
            return [self.target_position(table)]
        positions = [column_position(table, column) for column in self.target]
        twice = [p for p in positions if positions.count(p) > 1]
        if twice:
            raise DataError(f"target names column {table.title(twice[0])!r} twice", "name it once")
        return positions

    def target_position(self, table: Table) -> int:
        """The column to predict; by default the last but for those left out. Raises DataError."""
        if isinstance(self.target, str | int):
            return column_position(table, self.target)
        left = [i for i in range(table.width) if i not in self.ignored_positions(table)]
        usual = [i for i in left if table.names and table.names[i].lower() in USUAL_TARGETS]
        return (usual or left[-1:] or [table.width - 1])[0]

    def ignored_positions(self, table: Table) -> list[int]:
        """The columns that are not learnt from. Raises DataError if one is not there."""
        aside = [column for key in ASIDE if (column := getattr(self, key)) is not None]
        return [column_position(table, column) for column in (*self.ignore, *aside)]

    def _require_aside(self, table: Table, targets: Sequence[int]) -> None:
        """Raise DataError if what is not learnt from is the target."""
        for key in ASIDE:
            column = getattr(self, key)
            position = None if column is None else column_position(table, column)
            if position in targets:
                raise DataError(f"{key} names the target {column!r}", "name another column")

    def _shaped(self, inputs: Array) -> Array:
        if self.shape is None:
            return inputs
        if math.prod(self.shape) != inputs.shape[1]:
            raise DataError(
                f"{inputs.shape[1]} features do not fill a shape of {self.shape}",
                "correct shape, or ignore the columns that are no pixels",
            )
        return inputs.reshape(len(inputs), *self.shape)
