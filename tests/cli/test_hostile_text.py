"""Escape sequences in whatever a command may show: none reaches the terminal, for any command."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

from nnfs_cli.cli.commands import COMMANDS, GROUPS
from nnfs_cli.config import plugins

from .conftest import Nnfs

BAD = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r"
"""Sets the title, clears the screen, colours, turns the text round, overwrites the line."""
CELL = BAD.rstrip("\r")
"""The same for a cell of a table, which a carriage return would end."""
PLUGIN = """\
from nnfs_cli import Metric, metric
@metric("odd")
class Odd(Metric):
    \"\"\"Odd {bad}.\"\"\"
    key = "odd{bad}"
    def reset(self, classes): pass
    def update(self, predictions, targets): pass
    def result(self): return 0.5
"""
CONFIG = """\
name: {name}
data: {{type: csv, path: {path}, target: {column}}}
layers: [{{type: dense, units: 2}}]
loss: cross_entropy
optimizer: {{type: adam, lr: 0.01}}
metrics: [accuracy, odd]
train: {{epochs: 1}}
"""


@pytest.fixture
def hostile(folder: Path, nnfs: Nnfs, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run whose names, labels, config, record and files are all hostile."""
    monkeypatch.setattr(plugins, "LOADED", {})
    plugin = folder / "odd.py"
    plugin.write_text(PLUGIN.format(bad=r"\x1b[2J\x9b31m"), "utf-8")
    rows = "".join(f'{i % 3},{i % 2},"c{i % 2}{CELL}"\n' for i in range(40))
    with open(f"t{BAD}.csv", "w", encoding="utf-8", newline="") as file:
        file.write(f'"a{CELL}",b,"label{CELL}"\n' + rows)
    quoted = {key: json.dumps(text + CELL) for key, text in
              {"name": "n", "column": "label"}.items()}  # fmt: skip
    config = folder / "c.yaml"
    config.write_text(CONFIG.format(path=json.dumps(f"t{BAD}.csv"), **quoted), "utf-8")
    assert nnfs("train", config, "--plugin", plugin, "-q").code == 0
    record = folder / "runs/latest/run.json"
    changed = json.loads(record.read_text())
    changed |= {"git": f"g{BAD}", "argv": [BAD], "overrides": [f"x={BAD}"]}
    changed["environment"] |= {f"e{BAD}": BAD}
    record.write_text(json.dumps(changed))
    Image.new("L", (8, 8)).save(folder / f"p{BAD}.png")
    os.mkdir(f"runs/r{BAD}")
    shutil.copy(record, f"runs/r{BAD}/run.json")
    return plugin


LINES = [
    ("train", "c.yaml", "--plugin", "odd.py"),
    ("train", f"{BAD}.yaml"),
    ("train", "c.yaml", f"{BAD}=1"),
    ("train", "c.yaml", f"train.epochs={BAD}"),
    ("train", "c.yaml", f"--{BAD}"),
    ("train", "c.yaml", "--plugin", "odd.py", "--log", BAD),
    ("train", "c.yaml", "--plugin", "odd.py", "--tag", BAD),
    ("sweep", "c.yaml", f"name=a{BAD},b", "seed=1,2", "--plugin", "odd.py"),
    ("sweep", "c.yaml", "seed=1,2", "--print-commands", "--plugin", "odd.py"),
    ("sweep", "c.yaml", f"{BAD}=1,2"),
    ("sweep", "c.yaml", f"seed={BAD},2"),
    ("sweep", "c.yaml", f"seed=choice({BAD},2)", "--random", "2", "--plugin", "odd.py"),
    ("sweep", "c.yaml", f"seed=log({BAD},2)", "--random", "2", "--plugin", "odd.py"),
    ("sweep", "c.yaml", f"seed=choice({BAD},2)", "--search", "tpe", "--plugin", "odd.py"),
    ("sweep", BAD),
    ("sweep", "--resume", BAD),
    ("resume", "latest", "--plugin", "odd.py"),
    ("resume", BAD),
    ("reproduce", "latest", "--plugin", "odd.py"),
    ("eval", "latest", "--plugin", "odd.py"),
    ("eval", "latest", "--plugin", f"odd{BAD}.py"),
    ("eval", "--fail-under", f"{BAD}=1"),
    ("predict", f"t{BAD}.csv", "--plugin", "odd.py"),
    ("predict", f"p{BAD}.png", f"absent{BAD}.png", "--plugin", "odd.py"),
    ("check", "c.yaml", "--plugin", "odd.py"),
    ("init", f"t{BAD}.csv", "--target", "b"),
    ("init", BAD),
    ("plot", BAD),
    ("compare", "latest", f"r{BAD}"),
    ("compare", "latest", f"r{BAD}", "--csv"),
    ("compare", "latest", f"r{BAD}", "--md"),
    ("compare", BAD),
    ("report", "latest", "--plugin", "odd.py"),
    ("report", "latest", f"r{BAD}"),
    ("report", "latest", "--output", f"p{BAD}.png"),
    ("report", BAD),
    ("compare", "latest", "--metric", BAD),
    ("explain", "odd", "--plugin", "odd.py"),
    ("explain", BAD),
    ("gradcheck", "c.yaml", "--plugin", "odd.py"),
    ("trace", "c.yaml", "--plugin", "odd.py"),
    ("trace", "latest", "--plugin", "odd.py"),
    ("trace", BAD),
    ("inspect", "latest", "--plugin", "odd.py"),
    ("inspect", "latest", f"p{BAD}.png", "--plugin", "odd.py"),
    ("inspect", "latest", "--worst", "3", "--plugin", "odd.py"),
    ("inspect", BAD),
    ("watch", "latest"),
    ("watch", BAD),
    ("diagnose", "latest", "--plugin", "odd.py"),
    ("diagnose", BAD),
    ("lr-find", "c.yaml", "--plugin", "odd.py"),
    ("lr-find", BAD),
    ("schema", "--plugin", "odd.py"),
    ("runs", "tag", "latest", "--tag", f"t{CELL}", "--note", f"n{BAD}"),
    ("runs", "tag", "latest", "--tag", BAD),
    ("runs",),
    ("runs", "--columns", "run,tags,note"),
    ("runs", "--where", f"tags=t{CELL}", "--where", f"note!={BAD}"),
    ("runs", "--where", BAD),
    ("runs", "--where", f"{CELL}=1"),
    ("runs", "--columns", BAD),
    ("runs", "--sort", BAD),
    ("runs", "list"),
    ("runs", "show", "latest"),
    ("runs", "rm", f"r{BAD}"),
    ("data", "list"),
    ("data", "get", BAD),
    ("data", "info", "c.yaml", "--plugin", "odd.py"),
    ("data", "show", "c.yaml", "--plugin", "odd.py"),
    (BAD,),
    ("--help",),
]


@pytest.mark.parametrize(
    "way",
    [(), *(pytest.param(way, marks=pytest.mark.slow) for way in (("--json",), ("--debug", "-v")))],
    ids=" ".join,
)
def test_no_escape_sequence_is_shown(
    nnfs: Nnfs, hostile: Path, way: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for line in LINES:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"n\n")))
        result = nnfs(*line, *(way if line[0] in COMMANDS else ()))
        shown = (result.out + result.err).replace("\n", "")
        assert shown.isprintable(), (line, [c for c in shown if not c.isprintable()])
        if way == ("--json",) and line[0] in COMMANDS and result.out:
            json.loads(result.out)


def test_every_command_was_tried() -> None:
    tried = {line[0] for line in LINES}
    assert {*COMMANDS, *GROUPS} <= tried
