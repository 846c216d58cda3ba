"""The target column of a table: classes as they are written, or numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.tables.cells import (
    has_decimal_commas,
    is_number,
    is_plain,
    suspicion,
)
from nnfs_cli.data.tables.columns import Column, numbers, texts
from nnfs_cli.data.tables.several_labels import SEPARATOR
from nnfs_cli.data.tables.suspects import refuse_unique_target
from nnfs_cli.data.tables.table import Table
from nnfs_cli.data.tables.targets import MAX_NUMBERED_CLASSES, Task
from nnfs_cli.errors import DataError


def learn_targets(
    table: Table, position: int, columns: list[Column], task: Task
) -> tuple[Array, list[str]]:
    """The targets, float64 numbers or words (N,), and what the user must know of them.

    Classes are words, so that texts that differ stay apart, unless all are plain whole numbers.
    Raises DataError for a missing value, for a word among numbers, and for words that are no
    classes because almost all differ.
    """
    words = texts(table, position)
    distinct = {*words}
    if all(map(is_plain, distinct)):
        return np.array(words, dtype=np.float64), []
    if task == "classification":
        return np.array(words, dtype=object), []
    title = repr(table.title(position))
    if has_decimal_commas(distinct):
        columns[position]["decimal"] = ","
        note = f"the target {title}: decimal commas are read as points"
        return numbers(table, position, ","), [note]
    if task == "regression" and not any(map(is_number, distinct)):
        return np.array(words, dtype=object), []
    if task == "regression" or _are_values(words, distinct):
        reasons = sorted({suspicion(word) for word in distinct} - {""})
        notes = [
            f"the target {title} has {reason}; data.task=classification makes classes of it"
            for reason in reasons
        ]
        return numbers(table, position), notes
    refuse_unique_target(table, position, sorted(distinct))
    note = f"the target {title} has {SEPARATOR} in its words: data.task=multilabel makes labels of "
    several = [word for word in distinct if SEPARATOR in word.strip(SEPARATOR)]
    return np.array(words, dtype=object), [note + "them, any number a row"] if several else []


def _are_values(words: list[str], distinct: set[str]) -> bool:
    """Whether the texts are values, without a task that says so: most are numbers.

    Few different texts, all of them whole numbers, are classes, and so are digits with _ between.
    """
    fraction = sum(map(is_number, words)) / len(words)
    if fraction <= 0.5:
        return False
    if any(not is_number(word) for word in distinct):
        return not all(is_number(word.replace("_", "")) for word in distinct)
    values = [float(word) for word in distinct]
    whole = all(np.isfinite(values)) and all(value.is_integer() for value in values)
    return not whole or len(distinct) > MAX_NUMBERED_CLASSES


def forced_task(table: Table, targets: Sequence[int], forced: Sequence[int], task: Task) -> Task:
    """The task, of which a target that is declared a category makes one of classes.

    Raises DataError where another is asked for, or there are several targets.
    """
    both = [target for target in targets if target in forced]
    if not both:
        return task
    if task in ("regression", "multilabel") or len(targets) > 1:
        says = "task says" if len(targets) == 1 else "there are several, so"
        kind = task if len(targets) == 1 else "they have numbers"
        raise DataError(
            f"categories names the target {table.title(both[0])!r}, and {says} {kind}",
            "remove one of them",
        )
    return "classification"
