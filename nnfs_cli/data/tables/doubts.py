"""What is doubtful in data that can be read: inputs that never change, ranges that do not fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.errors import DataError

APART = 50
"""How many times larger the numbers of a split must be to be of another range."""
NAMED = 5


def doubts(
    train: Samples,
    validation: Samples | None,
    test: Samples | None,
    columns: Sequence[dict[str, Any]],
) -> Iterator[str]:
    """A sentence for each doubt about the training inputs and those of the other splits."""
    if len(train) > 1 and _are_alike(train.inputs):
        yield "all training inputs are alike: there is nothing to tell them apart by"
    elif len(train) > 1 and train.inputs.dtype != np.uint8:
        still = _constant(train.inputs, columns)
        if still:
            more = ", ..." * (len(still) > NAMED)
            yield f"these columns never change in training: {', '.join(still[:NAMED])}{more}"
    reach = _reach(train.inputs)
    for name, split in {"validation": validation, "test": test}.items():
        other = reach if split is None else _reach(split.inputs)
        if min(reach, other) > 0 and max(reach, other) > APART * min(reach, other):
            yield (
                f"training inputs reach {reach:g}, {name} inputs {other:g}: "
                "are both in the same units?"
            )


def _are_alike(inputs: Array) -> bool:
    """Whether all samples are equal; mostly the first two are not."""
    return bool((inputs[1] == inputs[0]).all() and (inputs == inputs[:1]).all())


def _constant(inputs: Array, columns: Sequence[dict[str, Any]]) -> list[str]:
    """The names of a table's number columns that never change."""
    if inputs.ndim != 2:
        return []
    still, place, found = (inputs == inputs[:1]).all(axis=0), 0, []
    for position, column in enumerate(columns):
        if column["kind"] == "number":
            if still[place]:
                found.append(repr(position if column["name"] is None else column["name"]))
            place += 1
        elif column["kind"] == "category":
            place += len(column["categories"])
    return found


def _reach(inputs: Array) -> float:
    """The largest absolute number."""
    return max(abs(float(inputs.min())), abs(float(inputs.max())))


def refuse_same_looks(labels: Sequence[str], what: str = "classes") -> None:
    """Raise DataError if two names look the same because they differ in Unicode form only."""
    seen: dict[str, str] = {}
    for label in labels:
        other = seen.setdefault(unicodedata.normalize("NFC", label), label)
        if other != label:
            raise DataError(
                f"the {what} {other!a} and {label!a} look the same and differ only in "
                "their Unicode form",
                "write both in the same form (NFC)",
            )
