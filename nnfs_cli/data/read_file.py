"""Reading another file in the terms of a finished training, for evaluation and prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.array_names import inputs_of, weights_name
from nnfs_cli.data.array_targets import as_targets
from nnfs_cli.data.arrays import as_inputs, read_npy, read_npz
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.datasets.idx import transposed
from nnfs_cli.data.datasets.npz import array_origins
from nnfs_cli.data.faults import inside
from nnfs_cli.data.further import read_further
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.sample_weights import as_weights
from nnfs_cli.data.sources.idx import is_idx, read_any_idx
from nnfs_cli.data.tables.columns import Column, encode, faults
from nnfs_cli.data.tables.row_samples import encode_samples, further_notice, ids_of, origins
from nnfs_cli.data.tables.table import is_table, read_table
from nnfs_cli.data.tables.targets import distributions_of, encode_like, encode_targets
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import some

WEIGHTED = 2
"""The place of the weights' name behind those of inputs and targets."""


class Row(NamedTuple):
    """A row of a table: its line, its sample or what is wrong with it, and the name it has."""

    line: int
    found: Array | DataError
    id: str | None = None


def read_samples(
    path: Path, preprocessing: Preprocessing, *, targets: Literal["all", "any", "none"] = "any"
) -> Samples:
    """The samples of a table, a .npz, .npy or IDX file, not yet scaled, as the network expects.

    Of a .npz it takes x_test and y_test, or x and y. Targets have the length 0 if the file has
    none, which is an error where ``all`` are asked for; where ``none`` are, they are ignored.
    Raises DataError if anything does not fit.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder", "name a .csv, .tsv or .npz file")
    if not path.is_file():
        raise DataError(f"there is no file {path}", "check the path")
    if is_idx(path):
        samples = _from_idx(path, preprocessing, targets != "none")
    elif is_table(path):
        samples = _from_table(path, preprocessing, targets != "none")
    elif path.suffix.lower() in (".npz", ".npy"):
        samples = _from_arrays(path, preprocessing, targets != "none")
    else:
        raise DataError(f"{path} is no table, .npz, .npy or IDX file", "convert it to one of them")
    if targets == "all" and not len(samples.targets):
        raise DataError(f"{path} has no targets", "an evaluation needs them")
    return replace(samples, inputs=preprocessing.in_shape(samples.inputs, str(path)))


def read_rows(path: Path, preprocessing: Preprocessing) -> tuple[list[Row], str]:
    """The rows of a table to be answered, in order, and what must be said of how it was read.

    The target is not looked at. What is wrong with a row stands in its place; DataError is raised
    for what is wrong with the table.
    """
    columns = preprocessing.columns or _plain_numbers(preprocessing)
    table = read_further(path, columns, preprocessing.layout, lenient=True)
    if not preprocessing.columns and table.width not in (len(columns) - 1, len(columns)):
        raise _other_width(path, len(columns) - 1)
    with inside(path):
        found = faults(columns, table)
        sound = [row for row in range(len(table.cells)) if row not in found]
        inputs = encode(columns, table.pick(sound) if found else table) if sound else None
    fitted = () if inputs is None else tuple(preprocessing.in_shape(inputs, str(path)))
    ids = ids_of(columns, table)
    names = [None] * len(table.cells) if ids is None else ids
    rows = [Row(table.where[row], x, names[row]) for row, x in zip(sound, fitted, strict=True)]
    rows += [Row(table.where[row], _named(path, f), names[row]) for row, f in found.items()]
    rows += [Row(line, fault) for line, fault in table.ragged.items()]
    return sorted(rows, key=lambda row: row.line), further_notice(columns, table)


def _plain_numbers(preprocessing: Preprocessing) -> list[Column]:
    """The columns of a table for a network that was not trained on one; the target comes last."""
    features = int(np.prod(preprocessing.input_shape))
    return [{"name": None, "kind": "number"}] * features + [{"name": None, "kind": "target"}]


def _other_width(path: Path, features: int) -> DataError:
    return DataError(
        f"{path} is not a table of {features} numbers a row (and a target, last)",
        "give it one column for each number of an input",
    )


def _named(path: Path, fault: DataError) -> DataError:
    return DataError(f"{path}, {fault.message}", fault.hint)


def _from_table(path: Path, preprocessing: Preprocessing, with_targets: bool) -> Samples:
    if preprocessing.columns:
        table = read_further(path, preprocessing.columns, preprocessing.layout)
        return encode_samples(table, path, preprocessing)
    table = read_table(path)
    features = int(np.prod(preprocessing.input_shape))
    if table.cells.dtype == object or table.width not in (features, features + 1):
        raise _other_width(path, features)
    inputs, places = table.cells[:, :features].astype(np.float32), origins(path, table)
    if table.width == features or not with_targets:
        return Samples(inputs, _none(preprocessing), places)
    with inside(path):
        targets = encode_targets(table.cells[:, -1], preprocessing.labels)
        return Samples(inputs, targets, places)


def _from_arrays(path: Path, preprocessing: Preprocessing, with_targets: bool) -> Samples:
    unused: list[str] = []
    pair: list[str] = []
    chosen = partial(_inputs_and_targets, path, preprocessing.layout or {}, pair, unused)
    if path.suffix.lower() == ".npy":
        arrays, pair = {"x": read_npy(path)}, ["x", ""]
    else:
        arrays = read_npz(path, chosen)
    given, targets, soft = arrays[pair[0]], _none(preprocessing), None
    notice = f"not used of {path.name}: {some(sorted(unused))}" if unused else ""
    with inside(path):
        if pair[1] in arrays and with_targets:
            values = as_targets((given, arrays[pair[1]]))
            targets = encode_like(values, preprocessing.labels, preprocessing.thresholds)
            soft = distributions_of(values, preprocessing.labels)
        inputs = as_inputs(given, "inputs")[0]
        places = array_origins(f"{path.name}: {pair[0]}", len(inputs))
        weights = None
        if len(pair) > WEIGHTED and len(targets):
            weights = as_weights(arrays[pair[WEIGHTED]], len(inputs), pair[WEIGHTED])
        return Samples(inputs, targets, places, notice, weights=weights, distributions=soft)


def _from_idx(path: Path, preprocessing: Preprocessing, with_targets: bool) -> Samples:
    """An IDX file of inputs, with the labels of the file beside it that is called like it."""
    images, targets = read_any_idx(path), _none(preprocessing)
    if (preprocessing.layout or {}).get("transpose"):
        images = transposed(images)
    labels = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    with inside(path):
        if with_targets and labels != path and labels.is_file():
            values = as_targets((images, read_any_idx(labels)))
            targets = encode_like(values, preprocessing.labels, preprocessing.thresholds)
        inputs = as_inputs(images, "inputs")[0]
    return Samples(inputs, targets, array_origins(path.name, len(inputs)))


def _inputs_and_targets(
    path: Path, layout: Mapping[str, Any], pair: list[str], unused: list[str], there: list[str]
) -> list[str]:
    """The names of the arrays to read, of those in the file, which are put into ``pair``.

    They are called as those of the training, or as test arrays are then called; the targets may be
    missing, and weights follow where there are some. The others are put into ``unused``. Raises
    DataError.
    """
    pair += inputs_of(path, there, (layout.get("inputs"), layout.get("targets")))
    split = "test" if "test" in pair[0] else "train"
    pair += filter(None, [weights_name(there, split)])
    unused += [name for name in there if name not in pair]
    return [name for name in pair if name in there]


def _none(preprocessing: Preprocessing) -> Array:
    return np.empty(0, dtype=np.int64 if preprocessing.labels else np.float32)
