"""Makes toys.json: the first points of every toy data set, as this version draws them.

Run ``python -m tests.golden.make_toys`` for a new data set; those that are there stay as they are,
for old configs must go on meaning the same points.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nnfs_cli.data.dataset import Dataset
from nnfs_cli.data.datasets.toy import Toy
from nnfs_cli.data.source import Source

FILE = Path(__file__).with_name("toys.json")
POINTS = 5
TOYS = sorted(word for word, kind in Dataset.members().items() if issubclass(kind, Toy))


def drawn(word: str) -> dict[str, Any]:
    """The first points of both splits, as noisy as by default."""
    loaded = Dataset.members()[word]().load(Source())
    splits = {"train": loaded.train, "test": loaded.test}
    return {
        f"{name}_{what}": getattr(split, what)[:POINTS].tolist()
        for name, split in splits.items()
        if split is not None
        for what in ("inputs", "targets")
    }


if __name__ == "__main__":
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    rows = {word: known.get(word) or drawn(word) for word in TOYS}
    lines = (f"{json.dumps(word)}: {json.dumps(row)}" for word, row in rows.items())
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
