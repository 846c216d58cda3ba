"""Run folders from strangers: any file of a run changed in any way, links and types included."""

from __future__ import annotations

import copy
import io
import json
import os
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nnfs_cli.runs.checkpoint import TEXT

from .hostile import mutations

RUN = Path("runs/whole")
FILES = (
    *(
        "run.json",
        "config.yaml",
        "config.orig.yaml",
        "metrics.csv",
        "layers.csv",
        "train.log",
        ".lock",
    ),
    *("checkpoints", "checkpoints/best.npz", "checkpoints/last.npz", "eval", "eval/test", "plots"),
    *("eval/test/confusion.csv", "eval/test/metrics.json", "eval/test/predictions.csv"),
    *("../latest", "finished"),
)
TREASURE = Path("treasure")
"""A folder outside, which nothing may touch."""
UNREADABLE = (OSError, ValueError, IndexError, KeyError, NotImplementedError, zipfile.BadZipFile)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 10**30, 0.5, -0.5, 1e308, float("nan"), float("inf")),
    *("", "x", "../../treasure/a", "/etc/passwd", "\x1b[31m", "\ud800", "a\nb", "x" * 5000),
    *([], [[]], [None], ["x"], [1, 2], {}, {"x": None}, {"": {}}, [[[[[[1]]]]]]),
)
COMMANDS = (
    ("runs",),
    ("runs", "--sort", "val_loss"),
    ("runs", "--sort", "seconds", "--json"),
    ("runs", "show", "latest"),
    ("runs", "show", "runs/whole", "--json"),
    ("eval", "runs/whole"),
    ("eval", "best", "--split", "train", "--checkpoint", "last"),
    ("predict", "rows.csv", "--run", "runs/whole"),
    ("predict", "rows.csv", "--run", "latest", "--output", "answers.csv"),
    ("resume", "runs/whole"),
    ("resume", "latest", "--epochs", "4"),
    ("reproduce", "runs/whole"),
    ("train", "toy.yaml", "--skip-done", "-q"),
    ("train", "toy.yaml", "init_from=best", "train.epochs=1", "-q"),
    ("plot", "runs/whole"),
    ("runs", "rm", "latest", "-y"),
    ("runs", "rm", "whole", "-y"),
    ("check", "runs/whole/config.yaml"),
)


def prepare() -> None:
    """The folder that every trial begins with, and what lies outside."""
    TREASURE.mkdir()
    for name in ("a", "last.npz", "confusion.csv", "run.json", "x.tmp"):
        (TREASURE / name).write_text("treasure")
    Path("rows.csv").write_text("0.5,0.25\n-1,1\n")


def change(chance: random.Random) -> str:
    """Change something of the run; say what."""
    name = chance.choice(FILES)
    path = RUN / name
    ways: list[Callable[[Path, random.Random], str]] = [replaced, linked, bytes_changed]
    if name in ("run.json", "checkpoints/best.npz", "checkpoints/last.npz"):
        ways += [value_changed] * 6
    if name.endswith(".csv"):
        ways += [cell_changed] * 3
    try:
        return f"{name}: {chance.choice(ways)(path, chance)}"
    except UNREADABLE as error:  # where an earlier change has left nothing to be changed
        return f"{name}: {error}"


def clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def replaced(path: Path, chance: random.Random) -> str:
    what = chance.choice(("nothing", "a folder", "a pipe", "an empty file", "words", "a line"))
    clear(path)
    path.parent.mkdir(exist_ok=True)
    if what == "a folder":
        path.mkdir()
        (path / "x").write_text("x")
    elif what == "a pipe":
        os.mkfifo(path)
    elif what != "nothing":
        path.write_text({"an empty file": "", "words": "a b\n" * 99, "a line": "../treasure"}[what])
    return what


def linked(path: Path, chance: random.Random) -> str:
    where = chance.choice(
        (
            *("../treasure", "../../treasure", "../../../treasure", "../../../../treasure", "."),
            *("..", "/dev/zero", "/dev/full", "/dev/null", "nowhere", path.name, "/etc/passwd"),
            *("../../treasure/a", "../../../treasure/last.npz", "../../../../treasure/new"),
        )
    )
    clear(path)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(where)
    return f"a link to {where}"


def bytes_changed(path: Path, chance: random.Random) -> str:
    if not path.is_file():
        return replaced(path, chance)
    seed = chance.randrange(10**9)
    path.write_bytes(next(mutations(path.read_bytes(), seed, 1)))
    return f"mutation {seed}"


def cell_changed(path: Path, chance: random.Random) -> str:
    if not path.is_file():
        return replaced(path, chance)
    rows = [line.split(",") for line in path.read_text().splitlines()]
    row = chance.choice(rows)
    value = str(chance.choice(VALUES)).encode("utf-8", "replace").decode()
    row[chance.randrange(len(row))] = value
    path.write_text("\n".join(map(",".join, rows)) + "\n")
    return f"a cell {value[:20]!r}"


def value_changed(path: Path, chance: random.Random) -> str:
    """Another value, of any type, at any place of the JSON in it; or none."""
    if not path.is_file():
        return replaced(path, chance)
    if path.suffix == ".json":
        text, told = changed_json(json.loads(path.read_text()), chance)
        path.write_text(json.dumps(text))
        return told
    with zipfile.ZipFile(path) as old:
        members = {info.filename: old.read(info) for info in old.infolist()}
    text, told = changed_json(json.loads(members[TEXT]), chance)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as new:
        for name, content in (members | {TEXT: json.dumps(text).encode()}).items():
            new.writestr(name, content)
    path.write_bytes(stream.getvalue())
    return told


def changed_json(text: Any, chance: random.Random) -> tuple[Any, str]:
    text = copy.deepcopy(text)
    inner, trail, value = text, [], chance.choice(VALUES)
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        if not keys:
            return value, "the whole"
        key = chance.choice(keys)
        trail.append(str(key))
        deeper = inner[key]
        if not isinstance(deeper, dict | list) or not deeper or chance.random() < 0.25:
            break
        inner = deeper
    if chance.random() < 0.15:
        del inner[key]
        return text, f"no {'.'.join(trail)}"
    inner[key] = value
    return text, f"{'.'.join(trail)} = {value!r:.30}"
