"""Dividing the rows of a table by one of its columns: words, groups, or the order of time.

The names of the keys are scikit-learn's: ``groups`` as in GroupShuffleSplit, whose groups are
whole in one split, and ``time`` as in TimeSeriesSplit, which tests on what comes last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from nnfs_cli.components.component import nearest
from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.data.folds import Fold
from nnfs_cli.data.splitting import TEST, VALIDATION
from nnfs_cli.data.tables.cell_faults import at
from nnfs_cli.data.tables.cells import is_number
from nnfs_cli.data.tables.columns import texts
from nnfs_cli.data.tables.table import Table
from nnfs_cli.errors import DataError

SPLIT_WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "val", "valid"),
    "test": ("test", "testing"),
}
SHUFFLES = 32
"""So many divisions of the groups are drawn, of which the best balanced is taken."""
MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
WRITE_DATES = "write dates as 2026-11-25 or 2026-11-25T13:45, or numbers"
Take = Callable[[Array, int], Array]
"""Which of some rows to take for a split of about so many: a mask over them."""


@dataclass(frozen=True, eq=False)
class RowSplits:
    """The rows of each split, ascending, and what the user must know of the division."""

    train: Array
    validation: Array | None
    test: Array | None
    notice: str = ""
    groups: dict[str, str] = field(default_factory=dict)
    """Of each group the split that it is in, where groups divide the rows."""


@dataclass(frozen=True)
class Wanted:
    """How much each split shall have: a fraction of the rows, or for validation a count."""

    test: float
    validation: float | int
    seed: int
    """Of the division into training and validation."""
    fold: Fold | None = None
    """That is the validation, in place of one that is drawn."""


def by_words(table: Table, position: int) -> RowSplits:
    """The rows that a column calls train, validation or test; a split without a row is None.

    Raises DataError for any other word, and if no row is for training.
    """
    known = {word: split for split, words in SPLIT_WORDS.items() for word in words}
    rows: dict[str, list[int]] = {split: [] for split in SPLIT_WORDS}
    for row, word in enumerate(texts(table, position)):
        split = known.get(word.lower())
        if split is None:
            hint = nearest(word, known)
            raise at(table, row, position, f"{word!r} is the name of no split", hint)
        rows[split].append(row)
    if not rows["train"]:
        raise DataError(
            f"no row of column {table.title(position)!r} says train", "name rows to learn from"
        )
    found = {split: np.array(chosen) if chosen else None for split, chosen in rows.items()}
    return RowSplits(np.array(rows["train"]), found["validation"], found["test"])


def by_groups(table: Table, position: int, targets: Array, wanted: Wanted) -> RowSplits:
    """Rows divided at random so that those with the same text are in the same split.

    Classes (N,) keep their fractions in each split as well as whole groups allow.
    """
    words = texts(table, position)
    _, groups = np.unique(np.array(words, dtype=object), return_inverse=True)
    classes = targets if targets.ndim == 1 else np.zeros(len(targets), dtype=np.int64)

    def balanced(seed: int, purpose: int) -> Take:
        generator = stream(seed, Purpose.SPLIT, purpose)
        return lambda rows, count: _best_drawn(groups[rows], classes[rows], count, generator)

    takers, fold = (balanced(0, TEST), balanced(wanted.seed, VALIDATION)), wanted.fold
    if fold is not None:
        wanted = replace(wanted, validation=1 / fold.folds)
        takers = takers[0], lambda rows, _: fold.of(classes[rows], wanted.seed, groups[rows])
    splits = _taken(table, position, groups, wanted, takers)
    told = _listed({name: str(len({*groups[rows]})) for name, rows in splits.items()})
    of_groups = {words[row]: name for name, rows in splits.items() for row in rows.tolist()}
    return _as_splits(splits, f"groups of {table.title(position)!r}: {told}", of_groups)


def require_apart(
    table: Table, position: int, split: str, others: dict[str, str]
) -> dict[str, str]:
    """``others`` and the groups of a table that is a split of its own.

    Raises DataError with the row of the first group that is in another split.
    """
    words = texts(table, position)
    for row, word in enumerate(words):
        if word in others:
            message = f"the group {word!r} has rows in the {others[word]} split, too"
            hint = f"leave them out of {split}, or leave data.groups out"
            raise at(table, row, position, message, hint)
    return others | dict.fromkeys(words, split)


def by_time(table: Table, position: int, wanted: Wanted) -> RowSplits:
    """Rows divided by time: the last are the test, the last of the others the validation.

    Rows of the same time are in the same split. Raises DataError for a cell that is no number
    and no date of ISO 8601.
    """
    words = texts(table, position)
    _, order = np.unique(moments_of(table, position, words), return_inverse=True)

    def last(rows: Array, count: int) -> Array:
        ranks = order[rows]
        distinct = np.unique(ranks)[::-1]
        return _nearest_prefix(ranks, distinct, count)

    splits = _taken(table, position, order, wanted, (last, last))
    spans = {
        name: f"{words[rows[np.argmin(order[rows])]]} to {words[rows[np.argmax(order[rows])]]}"
        for name, rows in splits.items()
    }
    return _as_splits(splits, f"order of {table.title(position)!r}: {_listed(spans)}")


def moments_of(table: Table, position: int, words: Sequence[str]) -> Array:
    """A column's cells as what can be compared: all of them finite numbers, or all of them dates.

    Raises DataError at the first cell that is not like the first one.
    """
    if is_number(words[0]):
        return np.array([_moment(table, row, position, w) for row, w in enumerate(words)])
    dates = [_date(table, row, position, word) for row, word in enumerate(words)]
    for row, date in enumerate(dates):
        if (date.tzinfo is None) != (dates[0].tzinfo is None):
            message = f"{words[row]!r} and {words[0]!r} cannot be compared"
            raise at(table, row, position, message, "give all times a time zone, or none")
    return np.array(dates, dtype=object)


def _moment(table: Table, row: int, position: int, word: str) -> float:
    if is_number(word) and np.isfinite(float(word)):
        return float(word)
    raise at(table, row, position, f"{word!r} is no finite number", WRITE_DATES)


def _date(table: Table, row: int, position: int, word: str) -> datetime:
    try:
        if is_number(word):
            raise ValueError
        return datetime.fromisoformat(f"{word}-01" if MONTH.fullmatch(word) else word)
    except ValueError:
        message = f"{word!r} is no date whose order is certain"
        raise at(table, row, position, message, WRITE_DATES) from None


def _taken(
    table: Table,
    position: int,
    groups: Array,
    wanted: Wanted,
    takers: tuple[Take, Take],
) -> dict[str, Array]:
    """The rows of each split: the test is taken from all rows, the validation from the others."""
    rows, splits = np.arange(len(groups)), dict[str, Array]()
    for name, amount, take in zip(
        ("test", "validation"), (wanted.test, wanted.validation), takers, strict=True
    ):
        if not amount:
            continue
        if len({*groups[rows]}) < 2:
            raise DataError(
                f"column {table.title(position)!r} has too few different values for a {name} "
                f"split: {len({*groups[rows]}):,} in {len(rows):,} rows",
                f"each split needs one of its own at least; data.{name}=0 goes without",
            )
        count = amount if isinstance(amount, int) else max(1, round(amount * len(rows)))
        if count >= len(rows):
            raise DataError(
                f"too few samples: {count:,} of {len(rows):,} cannot be kept for {name}",
                f"lower {name}",
            )
        chosen = take(rows, count)
        splits[name], rows = rows[chosen], rows[~chosen]
    return {"train": rows} | dict(reversed(splits.items()))


def _as_splits(
    splits: dict[str, Array], notice: str, groups: dict[str, str] | None = None
) -> RowSplits:
    validation, test = splits.get("validation"), splits.get("test")
    return RowSplits(splits["train"], validation, test, notice, groups or {})


def _listed(told: dict[str, str]) -> str:
    named = {"training" if name == "train" else name: text for name, text in told.items()}
    return ", ".join(f"{name} {text}" for name, text in named.items())


def _best_drawn(groups: Array, classes: Array, count: int, generator: np.random.Generator) -> Array:
    """A mask of about ``count`` rows in whole groups: of several draws the one best balanced.

    First no class shall be without a sample in the rest, then the classes shall have the
    fractions that they have in all rows.
    """
    distinct, sizes = np.unique(groups), np.bincount(classes)
    ideal = sizes * (count / len(classes))
    best, lowest = np.zeros(len(groups), dtype=bool), (len(sizes) + 1, np.inf)
    for _ in range(SHUFFLES):
        drawn = _nearest_prefix(groups, generator.permutation(distinct), count)
        counts = np.bincount(classes[drawn], minlength=len(sizes))
        lost = int(np.count_nonzero((counts == sizes) & (sizes > 0)))
        cost = (lost, float(np.abs(counts - ideal).sum()))
        if cost < lowest:
            best, lowest = drawn, cost
    return best


def _nearest_prefix(groups: Array, ranked: Array, count: int) -> Array:
    """A mask of the rows whose groups come first: as many groups as come nearest to ``count``.

    One group at least is taken, and one is left.
    """
    sizes = np.bincount(groups)[ranked]
    together = np.cumsum(sizes)[:-1]
    taken = ranked[: 1 + int(np.argmin(np.abs(together - count)))]
    return np.asarray(np.isin(groups, taken))
