"""A config proposed for a table, from what its columns hold."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from nnfs_cli.config.proposal import Proposal
from nnfs_cli.config.yaml_reader import scalar_to_yaml
from nnfs_cli.data.dataset import Loaded
from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.faults import inside
from nnfs_cli.data.packed import inner_name
from nnfs_cli.data.source import Source
from nnfs_cli.data.tables.cells import is_number, is_plain
from nnfs_cli.data.tables.suspects import FEW, counts_rows, is_almost_unique, unique_hint
from nnfs_cli.data.tables.table import BLANKS, Table, first_rows, read_table
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import one_line, some

POSITION = re.compile(r"-?[0-9]{1,9}")
NUMBERED = re.compile(r"(\D*)\d+(?:\D\d+)?")
SLIPS = 0.1
"""At most so many of a column's numbers may be written wrongly."""
LEAST, UNNAMED_LEAST = 8, 16
"""Pixels a side of images in a table, if its columns are numbered, and if they have no names."""
ID = re.compile(r"(^|[^a-zA-Z])(id|ID|Id)$|[a-z](Id|ID)$")
"""Names such as id, customer_id and PassengerId."""
HEAD = """\
# Made from {file}: {rows:,} rows, {features} features, {task}.
name: {name}
seed: 0                        # decides initial weights and the order of samples

data:
  type: csv
  path: {path}
{divided}  target: {target}
  test: 0.2                    # fraction of the rows kept for the test
  validation: 0.1              # fraction of the training rows that choose the best epoch
  normalize: standard          # mean 0, deviation 1 for each column
{shape}{columns}
"""
DIVIDED = "  delimiter: blanks            # one or more between two cells\n"
GREY = "  shape: [{side}, {side}, 1]           # the columns are pixels, row by row\n"
COLOUR = (
    "  # shape: [{side}, {side}, 3]         # if the columns are pixels, each its three colours\n"
)

CLASSES = """\
layers:
{first}  - {{type: dense, units: 64, activation: relu}}
  - {{type: dense, units: 32, activation: relu}}
  - {{type: dense, units: {outputs}}}    # a logit for each class: {labels}

loss: cross_entropy
metrics: [accuracy, {{type: f1}}]
"""

VALUES = """\
layers:
{first}  - {{type: dense, units: 64, activation: relu}}
  - {{type: dense, units: 32, activation: relu}}
  - {{type: dense, units: {outputs}}}    # the value itself

loss: mse
metrics: [rmse, r2]
"""

NORMALIZE_TARGETS = """\
  normalize_targets: true      # predictions and metrics are given back in the data's own units

"""

TAIL = """
optimizer: {type: adam, lr: 1e-3}
schedule: cosine               # the learning rate falls to zero along half a cosine

train:
  epochs: 50
  batch_size: 32               # samples a step
  early_stopping: {patience: 10} # epochs without improvement of val_loss
"""


def propose_config(path: Path, target: str | None, ignore: Sequence[str] = ()) -> Proposal:
    """A commented config for a table, without the columns to ``ignore``.

    Raises DataError if it cannot be read.
    """
    table = _read(path)
    column = None if target is None else _named(table, target)
    unwanted = [_named(table, name) for name in ignore]
    delimiter: Literal["blanks"] | None = "blanks" if table.delimiter == BLANKS else None
    described = partial(Csv, path=str(path), target=column, delimiter=delimiter)
    csv = described(ignore=unwanted)
    with inside(path):
        place, taken_out = csv.target_position(table), csv.ignored_positions(table)
    ignored = [*unwanted, *_without_meaning(table, [place, *taken_out])]
    ignored = ignored if len(ignored) < table.width - 1 else unwanted  # to learn from something
    loaded = described(ignore=ignored).understand(table, path, Source())
    _require_change(table, loaded)
    position = [column["kind"] for column in loaded.columns].index("target")
    chosen = loaded.columns[position]
    side, colours = pixel_side(loaded, 1), pixel_side(loaded, 3)
    head = HEAD.format(
        file=one_line(path.name),
        rows=len(table.cells),
        features=len(loaded.columns) - 1 - len(ignored),
        task=f"{len(loaded.labels)} classes" if loaded.labels else "a value to predict",
        name=scalar_to_yaml(_stem(path)),
        path=scalar_to_yaml(str(path)),
        target=scalar_to_yaml(position if chosen["name"] is None else chosen["name"]),
        columns=_comment(loaded),
        divided=DIVIDED if delimiter else "",
        shape=GREY.format(side=side) if side else COLOUR.format(side=colours) * bool(colours),
    )
    labels = one_line(", ".join(loaded.labels[:8])) + (", ..." if len(loaded.labels) > 8 else "")
    if ignored:
        head = head.rstrip("\n") + _ignoring(ignored, asked=bool(unwanted))
    if not loaded.labels:
        head = head.rstrip("\n") + "\n" + NORMALIZE_TARGETS
    body = (CLASSES if loaded.labels else VALUES).format(
        outputs=len(loaded.labels) or loaded.train.targets.shape[1],
        labels=labels,
        first="  - flatten\n" if side else "",
    )
    taken = _taken(table, loaded, side, unwanted, ignored[len(unwanted) :])
    notices = "; ".join(filter(None, [loaded.notice, "" if target else _unnamed(table, position)]))
    return Proposal(_stem(path), head + body + TAIL, taken, notices)


def _ignoring(names: Sequence[str | int], asked: bool) -> str:
    listed = ", ".join(scalar_to_yaml(name) for name in names)
    why = "" if asked else " # names or ids: hardly two rows are alike"
    return f"\n  ignore: [{listed}]{why}\n\n"


def _read(path: Path) -> Table:
    """The table, divided by blanks if a cell of its first rows would have several numbers."""
    table = read_table(path)
    cells = [cell.split() for cell in first_rows(path, table.delimiter)[-1]]
    divided = any(len(words) > 1 and all(map(is_number, words)) for words in cells)
    return read_table(path, BLANKS) if divided else table


def _stem(path: Path) -> str:
    """The file's name without what says how it is written and packed."""
    return Path(inner_name(path)).stem


def _unnamed(table: Table, position: int) -> str:
    """What to say of the target that init takes, of a table whose columns have no names."""
    last = f"the last column, {position}, as the target; --target 0 takes the first"
    return "" if table.names else f"there is no header: init takes {last}"


def _named(table: Table, column: str) -> str | int:
    """A column as a config names it: by its name, else by its position if it is a number."""
    is_position = column not in table.names and POSITION.fullmatch(column)
    return int(column) if is_position else column


def pixel_side(loaded: Loaded, channels: int) -> int:
    """The side of the square images whose pixels a table's columns seem to be; 0 if they do not.

    They are bytes, as many as a square has pixels, and nameless or numbered: pixel0, 1x1, p_3_7.
    """
    features = [column for column in loaded.columns if column["kind"] in ("number", "category")]
    side = math.isqrt(len(features) // channels)
    if loaded.train.inputs.dtype != np.uint8 or channels * side * side != len(features):
        return 0
    numbered = [NUMBERED.fullmatch(column["name"] or "") for column in features]
    prefixes = {found[1] for found in numbered if found}
    alike = len(prefixes) == 1 and all(numbered)
    nameless = all(column["name"] is None for column in features)
    return side if side >= (LEAST if alike else UNNAMED_LEAST) and (alike or nameless) else 0


def _require_change(table: Table, loaded: Loaded) -> None:
    """Raise DataError if there is nothing to predict."""
    targets = loaded.train.targets
    if len(targets) > 1 and (targets == targets[0]).all():
        kinds = [column["kind"] for column in loaded.columns]
        raise DataError(
            f"the column to predict would be {table.title(kinds.index('target'))!r}, which is the "
            "same in every row",
            "name another with --target",
        )


def _taken(
    table: Table, loaded: Loaded, side: int, unwanted: list[str | int], ids: list[str | int]
) -> list[str]:
    """The rows, the target with its task and classes, and the columns left out."""
    kinds = [column["kind"] for column in loaded.columns]
    target = f"target    {table.title(kinds.index('target'))}: "
    if loaded.labels:
        target += f"{len(loaded.labels)} classes ({some(loaded.labels)})"
    else:
        target += "a number (regression)"
    features = sum(kind in ("number", "category") for kind in kinds)
    columns = f"columns   {features:,} to learn from"
    columns += f", as images of {side} x {side}" if side else ""
    lines = [f"rows      {len(table.cells):,}", target, columns]
    if unwanted:
        lines.append(f"left out  {_titles(unwanted)}: as asked")
    if ids:
        lines.append(f"left out  {_titles(ids)}: hardly two rows are alike")
    return [one_line(line) for line in lines]


def _titles(names: Sequence[str | int]) -> str:
    return some([str(name) or "''" for name in names])


def _without_meaning(table: Table, known: Sequence[int]) -> list[str | int]:
    """Columns that only tell rows apart: words of which most are different, numbers that count."""
    others = (position for position in range(table.width) if position not in {*known})
    return [
        table.names[position] if table.names else position
        for position in others
        if (len(table.cells) > FEW and _numbers_rows(table, position)) or _names(table, position)
    ]


def _numbers_rows(table: Table, position: int) -> bool:
    """Whether a column counts the rows, or is called an id and has another number in each."""
    if counts_rows(table, position):
        return True
    if not (table.names and ID.search(table.names[position])):
        return False
    cells = table.texts(position)
    return all(map(is_plain, cells)) and len({*cells}) == len(cells)


def _names(table: Table, position: int) -> bool:
    """Whether a column has words, such as PC 17483 among 349909, and hardly one of them twice.

    Numbers in any form that are only wrong here and there are none.
    """
    if table.cells.dtype != object:
        return False
    words = sorted({*table.texts(position)})
    if not is_almost_unique(words, len(table.cells)):
        return False
    others = [word for word in words if not is_number(word)]
    return len(others) > SLIPS * len(words) and unique_hint(others).startswith("list")


def _comment(loaded: Loaded) -> str:
    """What each column is taken for, as comments; the first columns of a wide table."""
    lines = []
    for number, column in enumerate(loaded.columns[:30]):
        name = column["name"] if column["name"] is not None else number
        words = column.get("categories") or []
        more = f" ({len(words)}: {', '.join(words[:5])}{', ...' if len(words) > 5 else ''})"
        lines.append(one_line(f"# column {name}: {column['kind']}{more if words else ''}"))
    if len(loaded.columns) > 30:
        lines.append(f"# and {len(loaded.columns) - 30} columns more")
    return "".join(f"  {line}\n" for line in lines)
