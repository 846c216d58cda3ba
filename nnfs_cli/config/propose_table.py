"""A config proposed for a table, from what its columns hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from nnfs_cli.config.proposal import Proposal
from nnfs_cli.config.yaml_reader import scalar_to_yaml
from nnfs_cli.data.dataset import Loaded
from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.faults import inside
from nnfs_cli.data.source import Source
from nnfs_cli.data.tables.cells import is_number, is_plain
from nnfs_cli.data.tables.columns import some
from nnfs_cli.data.tables.suspects import FEW, counts_rows, is_almost_unique, unique_hint
from nnfs_cli.data.tables.table import Table, read_table
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import one_line

POSITION = re.compile(r"-?[0-9]{1,9}")
ID = re.compile(r"(^|[^a-zA-Z])(id|ID|Id)$|[a-z](Id|ID)$")
"""Names such as id, customer_id and PassengerId."""
HEAD = """\
# Made from {file}: {rows:,} rows, {features} features, {task}.
name: {name}
seed: 0                        # decides initial weights and the order of samples

data:
  type: csv
  path: {path}
  target: {target}
  test: 0.2                    # share of the rows kept for the test
  validation: 0.1              # share of the training rows held out to choose the best epoch
  normalize: standard          # mean 0, deviation 1 for each column
{columns}
"""

CLASSES = """\
layers:
  - {{type: dense, units: 64, activation: relu}}
  - {{type: dense, units: 32, activation: relu}}
  - {{type: dense, units: {outputs}}}    # a logit for each class: {labels}

loss: cross_entropy
metrics: [accuracy, {{type: f1}}]
"""

VALUES = """\
layers:
  - {{type: dense, units: 64, activation: relu}}
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
    table = read_table(path)
    column = None if target is None else _named(table, target)
    unwanted = [_named(table, name) for name in ignore]
    csv = Csv(path=str(path), target=column, ignore=unwanted)
    with inside(path):
        place, taken_out = csv.target_position(table), csv.ignored_positions(table)
    ignored = [*unwanted, *_without_meaning(table, [place, *taken_out])]
    if len(ignored) == table.width - 1:
        ignored = unwanted  # nothing else is there to learn from
    csv = Csv(path=str(path), target=column, ignore=ignored)
    loaded = csv.understand(table, path, Source())
    _require_change(table, loaded)
    chosen = next(column for column in loaded.columns if column["kind"] == "target")
    position = loaded.columns.index(chosen)
    head = HEAD.format(
        file=one_line(path.name),
        rows=len(table.cells),
        features=len(loaded.columns) - 1 - len(ignored),
        task=f"{len(loaded.labels)} classes" if loaded.labels else "a value to predict",
        name=scalar_to_yaml(path.stem),
        path=scalar_to_yaml(str(path)),
        target=scalar_to_yaml(position if chosen["name"] is None else chosen["name"]),
        columns=_comment(loaded),
    )
    outputs = len(loaded.labels) or loaded.train.targets.shape[1]
    labels = one_line(", ".join(loaded.labels[:8])) + (", ..." if len(loaded.labels) > 8 else "")
    if ignored:
        names = ", ".join(scalar_to_yaml(name) for name in ignored)
        why = "" if unwanted else " # names or ids: no two rows are alike"
        head = head.rstrip("\n") + f"\n  ignore: [{names}]{why}\n\n"
    if not loaded.labels:
        head = head.rstrip("\n") + "\n" + NORMALIZE_TARGETS
    body = (CLASSES if loaded.labels else VALUES).format(outputs=outputs, labels=labels)
    taken = _taken(table, loaded, unwanted, ignored[len(unwanted) :])
    return Proposal(path.stem, head + body + TAIL, taken, loaded.notice)


def _named(table: Table, column: str) -> str | int:
    """A column as a config names it: by its name, else by its position if it is a number."""
    is_position = column not in table.names and POSITION.fullmatch(column)
    return int(column) if is_position else column


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
    table: Table, loaded: Loaded, unwanted: list[str | int], ids: list[str | int]
) -> list[str]:
    """The rows, the target with its task and classes, and the columns left out."""
    kinds = [column["kind"] for column in loaded.columns]
    target = f"target    {table.title(kinds.index('target'))}: "
    if loaded.labels:
        target += f"{len(loaded.labels)} classes ({some(loaded.labels)})"
    else:
        target += "a number (regression)"
    features = sum(kind in ("number", "category") for kind in kinds)
    lines = [f"rows      {len(table.cells):,}", target, f"columns   {features:,} to learn from"]
    if unwanted:
        lines.append(f"left out  {some([str(name) for name in unwanted])}: as asked")
    if ids:
        lines.append(f"left out  {some([str(name) for name in ids])}: no two rows are alike")
    return [one_line(line) for line in lines]


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
    """Whether a column has words, no numbers in any form, and hardly one of them twice."""
    if table.cells.dtype != object:
        return False
    words = sorted({*table.texts(position)})
    if not is_almost_unique(words, len(table.cells)):
        return False
    return sum(map(is_number, words)) * 2 < len(words) and unique_hint(words).startswith("list")


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
