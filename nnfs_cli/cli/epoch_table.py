"""The table of epochs: which columns fit, and its rows.

::

    epoch        loss          accuracy         rate      time
            train      val   train     val                  * best so far
     1/10  0.4588   0.1581  0.8587  0.9505*    0.001     2.2 s

What does not fit is left out in this order: the learning rate; the penalty; what metrics are in
training, from the last on; what they are in validation, from the last on; the time. Always there
are the losses and the monitored value, whose best so far is marked. metrics.csv has everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nnfs_cli.escaping import escaped
from nnfs_cli.formatting import duration, is_fraction, rounded, significant

GAP = 2
NUMBER, FRACTION = 8, 6
"""Columns of a figure by its kind: 0.004588 and 0.9505."""
LEGEND = "* best so far"


@dataclass(frozen=True)
class Column:
    """A column: its key in the record, the group it stands in, its own head, how wide it is."""

    key: str
    group: str
    head: str
    width: int


class EpochTable:
    """Header and rows for a training that measures ``figures``, such as loss and accuracy.

    ``monitor`` is a key of an epoch's record, ``width`` None where lines may be of any length.
    """

    def __init__(
        self,
        keys: Sequence[str],
        epochs: int,
        monitor: str,
        width: int | None,
    ) -> None:
        self.epochs, self.monitor = epochs, monitor
        counted = Column("epoch", "epoch", "", max(5, 2 * len(str(epochs)) + 1))
        measured = sorted((_column(key) for key in keys), key=lambda c: _place(c.key, keys))
        tail = [Column("lr", "rate", "", NUMBER), Column("time", "time", "", NUMBER)]
        self.columns = [counted, *measured, *tail]
        for dropped in self._droppable(measured):
            if width is None or self._width() < width:
                break
            self.columns.remove(dropped)
        self.legend = width is None or self._width() + GAP + len(LEGEND) < width

    def header(self) -> list[str]:
        """Two lines: what is measured, and in which split of the data."""
        groups, heads = "", ""
        for group in dict.fromkeys(column.group for column in self.columns):
            members = [column for column in self.columns if column.group == group]
            wide = self._group_width(members)
            centred = f"{escaped(group):^{wide}}" if members[0].head else f"{group:>{wide}}"
            groups += centred + " " * GAP
            own = (" " * GAP).join(f"{column.head:>{column.width}}" for column in members)
            heads += f"{own:>{wide}}" + " " * GAP
        return [groups.rstrip(), heads + LEGEND if self.legend else heads.rstrip()]

    def row(
        self, epoch: int, lr: float, record: Mapping[str, float], seconds: float, best: bool
    ) -> str:
        """An epoch's line; the monitored value has a star if it is the ``best`` so far."""
        texts = {
            "epoch": f"{epoch}/{self.epochs}",
            "lr": f"{lr:.3g}",
            "time": duration(seconds),
        } | {key: figure_of(key, value) for key, value in record.items()}
        line = ""
        for group in dict.fromkeys(column.group for column in self.columns):
            members = [column for column in self.columns if column.group == group]
            cells = ""
            for column in members:
                mark = "*" if best and column.key == self.monitor else " "
                cells += f"{texts.get(column.key, '-'):>{column.width}}{mark}{' ' * (GAP - 1)}"
            line += f"{cells:>{self._group_width(members) + GAP}}"
        return line.rstrip()

    def _droppable(self, measured: Sequence[Column]) -> list[Column]:
        kept = ("train_loss", "val_loss", self.monitor)
        last = [c for c in reversed(measured) if c.key not in kept]
        trained = [c for c in last if c.key.startswith("train_")]
        checked = [c for c in last if c.key.startswith("val_")]
        others = [c for c in last if c not in (*trained, *checked)]
        return [self.columns[-2], *others, *trained, *checked, self.columns[-1]]

    def _width(self) -> int:
        groups = dict.fromkeys(column.group for column in self.columns)
        wide = [self._group_width([c for c in self.columns if c.group == g]) for g in groups]
        return sum(wide) + GAP * (len(wide) - 1) + 1  # the last figure's star

    @staticmethod
    def _group_width(members: Sequence[Column]) -> int:
        own = sum(column.width for column in members) + GAP * (len(members) - 1)
        return max(own, len(escaped(members[0].group)))


def figure_of(key: str, value: float) -> str:
    """A figure of an epoch rounded by its kind: fractions to 4 decimals, others to 4 digits."""
    return rounded(value) if is_fraction(_name(key)) else significant(value)


def _column(key: str) -> Column:
    name = _name(key)
    return Column(key, name, key[: -len(name) - 1], FRACTION if is_fraction(name) else NUMBER)


def _name(key: str) -> str:
    return key.removeprefix("train_").removeprefix("val_")


def _place(key: str, keys: Sequence[str]) -> tuple[int, bool]:
    """Beside what is the same figure in the other split of the data, training first."""
    names = list(dict.fromkeys(_name(k) for k in keys))
    return names.index(_name(key)), key.startswith("val_")
