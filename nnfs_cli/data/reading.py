"""Reading another file in the terms of a finished training, for evaluation and prediction."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnfs_cli.data.arrays import as_inputs, read_npy, read_npz
from nnfs_cli.data.csv import encode_samples
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.faults import inside
from nnfs_cli.data.npz import as_targets
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.table import SUFFIXES, read_table
from nnfs_cli.data.targets import encode_targets
from nnfs_cli.errors import DataError
from nnfs_cli.parameter import Array, shape_text

TABLES = {".csv", ".txt", *SUFFIXES}


def read_samples(
    path: Path, preprocessing: Preprocessing, *, with_targets: bool = False
) -> Samples:
    """The samples of a .csv, .tsv, .npz or .npy file, not yet scaled, as the network expects them.

    Of a .npz it takes x_test and y_test, or x and y. Targets have the length 0 if the file has
    none; ``with_targets`` makes that an error. Raises DataError if anything does not fit.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder", "name a .csv, .tsv or .npz file")
    if not path.is_file():
        raise DataError(f"there is no file {path}", "check the path")
    suffix = path.suffix.lower()
    if suffix in TABLES:
        samples = _from_table(path, preprocessing)
    elif suffix in (".npz", ".npy"):
        samples = _from_arrays(path, preprocessing)
    else:
        raise DataError(f"{path} is no .csv, .tsv, .npz or .npy file", "convert it to one of them")
    if with_targets and not len(samples.targets):
        raise DataError(f"{path} has no targets", "an evaluation needs them")
    return Samples(_fitted(samples.inputs, preprocessing, path), samples.targets)


def _from_table(path: Path, preprocessing: Preprocessing) -> Samples:
    table = read_table(path)
    if preprocessing.columns:
        return encode_samples(table, path, preprocessing.columns, preprocessing.labels)
    features = int(np.prod(preprocessing.input_shape))
    if table.cells.dtype == object or table.width not in (features, features + 1):
        raise DataError(
            f"{path} is not a table of {features} numbers a row (and a target, last)",
            "give it one column for each number of an input",
        )
    inputs = table.cells[:, :features].astype(np.float32)
    if table.width == features:
        return Samples(inputs, _none(preprocessing))
    with inside(path):
        return Samples(inputs, encode_targets(table.cells[:, -1], preprocessing.labels))


def _from_arrays(path: Path, preprocessing: Preprocessing) -> Samples:
    arrays = {"x": read_npy(path)} if path.suffix.lower() == ".npy" else read_npz(path)
    suffix = next((end for end in ("_test", "") if f"x{end}" in arrays), None)
    if suffix is None:
        raise DataError(
            f"{path} has neither x nor x_test, but {', '.join(sorted(arrays))}",
            "name the inputs x and the targets y",
        )
    given, targets = arrays[f"x{suffix}"], _none(preprocessing)
    with inside(path):
        if f"y{suffix}" in arrays:
            values = as_targets((given, arrays[f"y{suffix}"]))
            targets = encode_targets(values, preprocessing.labels)
        return Samples(as_inputs(given, "inputs")[0], targets)


def _none(preprocessing: Preprocessing) -> Array:
    return np.empty(0, dtype=np.int64 if preprocessing.labels else np.float32)


def _fitted(inputs: Array, preprocessing: Preprocessing, path: Path) -> Array:
    """The inputs in the network's shape, if they have as many numbers a sample.

    Pictures with channels first (N, C, H, W), for a network that has them last, are turned.
    """
    shape = preprocessing.input_shape
    if inputs.shape[1:] == shape[-1:] + shape[:-1] != shape and len(shape) == 3:
        inputs = np.ascontiguousarray(np.moveaxis(inputs, 1, -1))
    if inputs[0].size != int(np.prod(shape)):
        raise DataError(
            f"{path} has samples of {shape_text(inputs.shape[1:])}",
            f"the network takes {shape_text(shape)}",
        )
    return inputs.reshape(len(inputs), *shape)
