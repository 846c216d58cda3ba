"""A config proposed for a table, from what its columns hold."""

from __future__ import annotations

import re
from pathlib import Path

from nnfs_cli.data.csv import Csv
from nnfs_cli.data.dataset import Loaded
from nnfs_cli.data.source import Source
from nnfs_cli.data.table import read_table
from nnfs_cli.reading import scalar_to_yaml

POSITION = re.compile(r"-?[0-9]{1,9}")
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

TAIL = """
optimizer: {type: adam, lr: 1e-3}
schedule: cosine               # the learning rate falls to zero along half a cosine

train:
  epochs: 50
  batch_size: 32               # samples a step
  early_stopping: {patience: 10} # epochs without improvement of val_loss
"""


def propose_config(path: Path, target: str | None) -> str:
    """The text of a commented config for a table. Raises DataError if it cannot be read."""
    table = read_table(path)
    column: str | int | None = target
    if target is not None and target not in table.names and POSITION.fullmatch(target):
        column = int(target)
    loaded = Csv(path=str(path), target=column).load(Source())
    chosen = next(column for column in loaded.columns if column["kind"] == "target")
    position = loaded.columns.index(chosen)
    head = HEAD.format(
        file=_one_line(path.name),
        rows=len(table.cells),
        features=len(loaded.columns) - 1,
        task=f"{len(loaded.labels)} classes" if loaded.labels else "a value to predict",
        name=scalar_to_yaml(path.stem),
        path=scalar_to_yaml(str(path)),
        target=scalar_to_yaml(chosen["name"] or position),
        columns=_comment(loaded),
    )
    outputs = len(loaded.labels) or loaded.train.targets.shape[1]
    labels = _one_line(", ".join(loaded.labels[:8])) + (", ..." if len(loaded.labels) > 8 else "")
    body = (CLASSES if loaded.labels else VALUES).format(outputs=outputs, labels=labels)
    return head + body + TAIL


def _comment(loaded: Loaded) -> str:
    """What each column is taken for, as comments; the first columns of a wide table."""
    lines = []
    for number, column in enumerate(loaded.columns[:30]):
        name = column["name"] if column["name"] is not None else number
        words = column.get("categories") or []
        more = f" ({len(words)}: {', '.join(words[:5])}{', ...' if len(words) > 5 else ''})"
        lines.append(_one_line(f"# column {name}: {column['kind']}{more if words else ''}"))
    if len(loaded.columns) > 30:
        lines.append(f"# and {len(loaded.columns) - 30} columns more")
    return "".join(f"  {line}\n" for line in lines)


def _one_line(text: str) -> str:
    """Text for a comment, which a line break or a control character would end."""
    return "".join(c if c.isprintable() else " " for c in text)
