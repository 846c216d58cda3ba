"""Several labels a sample: from which probability a label is answered, and labels in one text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.tables.cell_faults import at
from nnfs_cli.data.tables.cells import MISSING, in_order
from nnfs_cli.data.tables.table import Table
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import some

Probability = Annotated[float, Field(gt=0.0, le=1.0)]
Threshold = Probability | list[Probability] | dict[str, Probability]
THRESHOLD_HELP = (
    "several labels a sample: the probability from which a label is answered; one for all, a list "
    "in the order of the labels, or by name, such as {rare: 0.2}"
)
USUAL = 0.5
SEPARATOR = "|"
"""Between the labels of a sample where they are written in one text."""
OTHER_SEPARATORS = ("|", ";", ",")
MAX_LABELS = 1000


def thresholds_of(given: Threshold, names: Sequence[str]) -> tuple[float, ...]:
    """The threshold of each label. Raises DataError for a wrong count or an unknown name."""
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise DataError(
                f"data.threshold names {unknown[0]!r}, which is no label",
                f"known are {some(names)}",
            )
        return tuple(given.get(name, USUAL) for name in names)
    if isinstance(given, Sequence):
        if len(given) != len(names):
            raise DataError(
                f"data.threshold has {len(given)} numbers, the data {len(names)} labels",
                "give one for each label, one for all, or thresholds by name",
            )
        return tuple(given)
    return (given,) * len(names)


def refuse_threshold(given: Threshold) -> None:
    """Raise DataError where thresholds are given and samples have not several labels."""
    if given != USUAL:
        raise DataError(
            "data.threshold is for several labels a sample, and the targets are others",
            "leave it out, or say data.task=multilabel",
        )


def chosen(names: Sequence[str], has: Array) -> str:
    """The names of the labels that a row of yes and no has, in one text; empty for none.

    They are divided as ``cat|dog``, or are a JSON list if a name has that sign.
    """
    found = [name for name, own in zip(names, has.tolist(), strict=True) if own]
    if any(SEPARATOR in name for name in names):
        return json.dumps(found, ensure_ascii=False)
    return SEPARATOR.join(found)


def undivided(table: Table, position: int, separator: str) -> str:
    """What to say where no cell has the separator, and some have another sign that divides."""
    cells = table.texts(position)
    other = next((sign for sign in OTHER_SEPARATORS if any(sign in cell for cell in cells)), "")
    if not other or any(separator in cell for cell in cells):
        return ""
    return (
        f"no cell of {table.title(position)!r} has {separator!r} between labels, and some have "
        f"{other!r}, which data.label_separator may name"
    )


def learn_names(table: Table, position: int, separator: str) -> list[str]:
    """The labels in a column of texts such as ``cat|dog``, in order. Raises DataError."""
    names = in_order(name for _, found in _divided(table, position, separator) for name in found)
    title = table.title(position)
    if not names:
        raise DataError(f"the target {title!r} is empty in every row", "there is no label to learn")
    if len(names) > MAX_LABELS:
        raise DataError(
            f"the target {title!r} has {len(names):,} different labels ({some(names[:3])})",
            f"there may be {MAX_LABELS:,}: is data.label_separator {separator!r} right?",
        )
    return names


def label_rows(table: Table, position: int, separator: str, names: Sequence[str]) -> Array:
    """A column of texts such as ``cat|dog`` as rows (N, k) of 0 and 1, float32.

    Raises DataError with row and column for a label that training does not know.
    """
    places = {name: place for place, name in enumerate(names)}
    rows = np.zeros((len(table.cells), len(names)), dtype=np.float32)
    for row, found in _divided(table, position, separator):
        for name in found:
            if name not in places:
                message = f"the label {name!r} is not among those trained on"
                raise at(table, row, position, message, f"known are {some(names)}")
            rows[row, places[name]] = 1.0
    return rows


def _divided(table: Table, position: int, separator: str) -> list[tuple[int, list[str]]]:
    """Each row with its labels, of which an empty cell has none; blanks around them do not count.

    Raises DataError for a word that says that a value is missing.
    """
    divided = []
    for row, text in enumerate(table.texts(position)):
        if text.strip() and text.strip().lower() in MISSING:
            hint = "leave the cell empty where a sample has no label, or remove the row"
            raise at(table, row, position, f"{text!r} is no label, but a missing value", hint)
        parts = (part.strip() for part in text.split(separator))
        divided.append((row, [part for part in parts if part]))
    return divided
