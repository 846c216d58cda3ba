"""What a plot shows, in the words of its title: of columns of metrics.csv and of confusions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nnfs_cli.formatting import figure, is_fraction, significant
from nnfs_cli.nn.metric import higher_is_better

History = Sequence[Mapping[str, float]]
"""The rows of metrics.csv."""
SPLITS = {"train": "training", "val": "validation"}
RISE = 0.25
"""By this fraction of the best loss the last ones are above it where a loss has risen again."""
WORSE, APART = 1.5, 0.1
"""It is called overfitting, as in `nnfs diagnose`, from so many times the best loss on, and from
this fraction of all that there was to fall."""
FALL = 0.05
"""By this fraction it fell over the last fifth of the epochs where it still falls."""
FEWEST = 5
"""Epochs of which a course can be told."""


def value_text(name: str, value: float) -> str:
    """A figure in a title: shares in percent, others with the digits that count."""
    return figure(name, value) if is_fraction(name) else significant(value)


def measured(record: Mapping[str, float], name: str) -> str:
    """The column that judges a figure: of the validation samples, where there are some."""
    return f"val_{name}" if f"val_{name}" in record else f"train_{name}"


def best_row(history: History, column: str) -> Mapping[str, float] | None:
    """The first row with the best value of a column; None if no value is a number."""
    known = [row for row in history if not math.isnan(row[column])]
    choose = max if higher_is_better(column) else min
    return choose(known, key=lambda row: row[column]) if known else None


def of_figure(history: History, name: str) -> str:
    """How a loss or a metric went: ``validation loss is lowest in epoch 7 (0.081), ...``."""
    column = measured(history[0], name)
    what = f"{SPLITS[column.partition('_')[0]]} {name}"
    best = best_row(history, column)
    if best is None:
        return f"{what} is not defined in any epoch"
    value, last = value_text(name, best[column]), history[-1]
    if len(history) == 1:
        return f"{what} is {value} after one epoch"
    most = "highest" if higher_is_better(column) else "lowest"
    where = "the last epoch" if best is last else f"epoch {best['epoch']:.0f}"
    found = f"{what} is {most} in {where} ({value})"
    return found + (_course(history, column, best) if name == "loss" else "")


def _course(history: History, column: str, best: Mapping[str, float]) -> str:
    """How a loss goes on behind its best epoch, or whether it still falls there."""
    values = [row[column] for row in history]
    last, place, count = values[-1], history.index(best), len(values)
    if count < FEWEST or not math.isfinite(last):
        return ""
    if best is history[-1]:
        before = values[count * 4 // 5 - 1]
        return " and still falls" if before - last > FALL * abs(before) else ""
    later = values[place + 1 :][-max(1, count // 10) :]
    limit = values[place] + RISE * abs(values[place])
    if not (last > limit and sum(later) / len(later) > limit):
        return ""
    rises = f", then rises to {significant(last)}"
    train = [row.get("train_loss", math.nan) for row in (best, history[-1])]
    learns = column == "val_loss" and train[1] < train[0]
    lowest, highest = values[place], max(value for value in values if math.isfinite(value))
    far = last >= WORSE * lowest and last - lowest >= APART * (highest - lowest)
    return f"{rises}: overfitting" if learns and far else rises


def of_confusion(labels: Sequence[str], counts: Sequence[Sequence[int]], samples: str) -> str:
    """The accuracy, and the two classes that are taken for each other most often."""
    total = sum(map(sum, counts))
    right = sum(row[index] for index, row in enumerate(counts))
    if not total:
        return f"there are no {samples}"
    found = f"accuracy {figure('accuracy', right / total)} on {total:,} {samples}"
    pairs = [(counts[i][j] + counts[j][i], i, j) for i in range(len(counts)) for j in range(i)]
    errors, i, j = max(pairs, key=lambda pair: pair[0], default=(0, 0, 0))
    if not errors:
        return f"{found}: all are right"
    if len(labels) == 2:
        return f"{found}: {errors:,} {'is' if errors == 1 else 'are'} wrong"
    often = "once" if errors == 1 else f"{errors:,} times"
    return f"{found}; {labels[j]} and {labels[i]} are confused most ({often})"


def of_several(what: str, best: str, history: History, column: str, kind: str = "") -> str:
    """What a figure of several lines concludes: which is best, and in which of its epochs."""
    row = best_row(history, column)
    if row is None:
        return f"{what} is not defined in any epoch"
    most = "highest" if higher_is_better(column) else "lowest"
    value = value_text(column.partition("_")[2], row[column])
    return f"{kind}{what} is {most} in {best} ({value}, epoch {row['epoch']:.0f})"
