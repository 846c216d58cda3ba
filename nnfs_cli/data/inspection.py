"""Looking at data before training on it: sizes, balance, ranges, and leaks between the splits."""

from __future__ import annotations

import hashlib
from itertools import combinations
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.prepare import Data
from nnfs_cli.data.scaling import moments

MAX_FEATURES = 64
"""Features are listed one by one up to so many."""


def inspect(data: Data) -> dict[str, Any]:
    """What the data is, as JSON can hold it.

    ``duplicates`` counts, for each pair of splits, the samples of the second whose input is also,
    number for number, in the first: which a network may have memorised.
    """
    preprocessing = data.preprocessing
    return {
        "name": data.name,
        "kind": preprocessing.kind,
        "hash": data.hash,
        "input_shape": list(preprocessing.input_shape),
        "classes": list(preprocessing.labels),
        **({"targets": list(preprocessing.names)} if preprocessing.names else {}),
        "dtype": str(data.train.inputs.dtype),
        "splits": {name: _describe(split, data) for name, split in data.splits.items()},
        "features": _features(data),
        "duplicates": _duplicates(data.splits),
    }


def _describe(split: Samples, data: Data) -> dict[str, Any]:
    flat = split.inputs.reshape(-1, 1)
    mean, deviation = moments(flat)
    summary: dict[str, Any] = {
        "samples": len(split),
        "min": float(split.inputs.min()),
        "max": float(split.inputs.max()),
        "mean": float(mean[0]),
        "deviation": float(deviation[0]),
    }
    labels = data.preprocessing.labels
    if labels:
        counts = np.bincount(split.targets, minlength=len(labels)).tolist()
        return summary | {"balance": dict(zip(labels, counts, strict=True))}
    targets = split.targets
    if data.task == "labels":
        names, counts = data.preprocessing.names, targets.sum(axis=0, dtype=int).tolist()
        return summary | {"balance": dict(zip(names, counts, strict=True))}
    return summary | {
        "targets": {
            "min": float(targets.min()),
            "max": float(targets.max()),
            "mean": float(targets.mean(dtype=np.float64)),
            "deviation": float(targets.std(dtype=np.float64)),
        }
    }


def _features(data: Data) -> dict[str, Any]:
    """How many numbers an input has and how many never change; each one's range if few."""
    rows = data.train.inputs.reshape(len(data.train), -1)
    low, high = rows.min(axis=0), rows.max(axis=0)
    summary: dict[str, Any] = {
        "count": rows.shape[1],
        "constant": int(np.count_nonzero(low == high)),
    }
    if data.preprocessing.kind not in ("vector", "table") or rows.shape[1] > MAX_FEATURES:
        return summary
    mean, deviation = moments(rows)
    names = feature_names(data, rows.shape[1])
    columns = zip(names, low, high, mean, deviation, strict=True)
    keys = ("min", "max", "mean", "deviation")
    each = {name: dict(zip(keys, map(float, rest), strict=True)) for name, *rest in columns}
    return summary | {"each": each}


def feature_names(data: Data, count: int) -> list[str]:
    """The features' names: those of the columns, ``colour=red`` for a category, or ``x0``, ..."""
    names: list[str] = []
    for position, column in enumerate(data.preprocessing.columns):
        title = column["name"] if column["name"] is not None else str(position)
        if column["kind"] == "number":
            names.append(title)
        elif column["kind"] == "category":
            names += [f"{title}={word}" for word in column["categories"]]
    return names if len(names) == count else [f"x{i}" for i in range(count)]


def _duplicates(splits: dict[str, Samples]) -> dict[str, int]:
    digests = {name: row_digests(split.inputs) for name, split in splits.items()}
    pairs = combinations(digests.items(), 2)
    counts = {f"{a}/{b}": (set(first), second) for (a, first), (b, second) in pairs}
    within = {name: len(rows) - len(set(rows)) for name, rows in digests.items()}
    return within | {
        pair: sum(row in known for row in rows) for pair, (known, rows) in counts.items()
    }


def row_digests(inputs: Array) -> list[bytes]:
    """A hash of each sample: equal hashes, equal numbers."""
    rows = np.ascontiguousarray(inputs).reshape(len(inputs), -1)
    return [hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in rows]
