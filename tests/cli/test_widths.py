"""Tables, bars and help on terminals of 60, 80 and 120 columns: no line is longer."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nnfs_cli.cli.epoch_table import EpochTable
from nnfs_cli.cli.tables import table_text
from nnfs_cli.cli.terminal import width_of

Start = Callable[..., "subprocess.Popen[str]"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
STYLE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
BAR = re.compile(r"\d+% .* left")
KEYS = ["train_loss", "train_accuracy", "train_f1", "val_loss", "val_accuracy", "val_f1"]


def on_a_terminal(
    start: Start, width: int, *command: object, code: int = 0, **env: str
) -> tuple[str, str]:
    """What a command writes on a terminal: all of it, and without styles."""
    import pty
    import termios

    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (40, width))
    process = start(*command, stdout=slave, stderr=slave, env={"TERM": "xterm-256color"} | env)
    os.close(slave)
    seen = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        seen += chunk
        if not chunk:
            break
    assert process.wait(timeout=60) == code, seen
    os.close(master)
    raw = seen.decode()
    return raw, STYLE.sub("", raw)


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_longer_than_the_terminal(start: Start, toy: Path, width: int) -> None:
    long = "optimizer.lr=0.0123456789"
    raw, text = on_a_terminal(start, width, "train", toy, "metrics=[accuracy, f1]", long)
    rows = [line for line in text.splitlines() if re.match(r" *\d/3 ", line)]
    assert len(rows) == 3
    assert "\x1b[1m" in raw, "the header is bold"
    asked = [("runs",), ("--help",), ("train", "--help")]
    if width == 60:
        asked += [("eval",), ("check", toy.name), ("data", "info", toy.name), ("data", "list")]
        asked += [("explain",), ("explain", "cross_entropy"), ("explain", "csv")]
    for command in asked:
        text += on_a_terminal(start, width, *command)[1]
    lines = [line for line in re.split("[\r\n]+", text) if not re.search("runs/", line)]
    assert max(map(len, lines)) <= width, max(lines, key=len)


@pytest.mark.slow
def test_no_colour_where_it_is_not_wanted(start: Start, toy: Path) -> None:
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        raw, _ = on_a_terminal(start, 80, "train", toy, "-q", **env)
        raw += on_a_terminal(start, 80, "runs", **env)[0]
        assert not re.search(r"\x1b\[[0-9;]*m", raw)


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_bar_keeps_its_room(start: Start, toy: Path, width: int) -> None:
    _, text = on_a_terminal(start, width, "train", toy, "--epochs", "150", "train.batch_size=1")
    bars = [found[0] for found in map(BAR.search, re.split("[\r\n]", text)) if found]
    assert bars
    assert all(len(re.findall("[█▏▎▍▌▋▊▉ ]", bar)) >= 10 for bar in bars)
    assert "epoch 150/150" in text or "epoch 1" in text


def columns_of(width: int | None, keys: list[str] = KEYS) -> list[str]:
    return [c.key for c in EpochTable(keys, 10, "val_accuracy", width).columns]


def test_what_does_not_fit_is_dropped_in_the_order_that_is_promised() -> None:
    dropped: list[str] = []
    for width in range(140, 30, -1):
        shown = columns_of(width)
        dropped += [key for key in columns_of(None) if key not in shown and key not in dropped]
        assert {"epoch", "train_loss", "val_loss", "val_accuracy"} <= set(shown)
    assert dropped == ["lr", "train_f1", "train_accuracy", "val_f1", "time"]
    one = [key for key in KEYS if "f1" not in key]
    assert columns_of(80, one) == columns_of(None, one), "one metric fits 80 columns whole"


@pytest.mark.parametrize("width", [60, 80, 120, None])
def test_rows_stand_under_their_heads(width: int | None) -> None:
    table = EpochTable(KEYS, 100, "val_accuracy", width)
    figures = (0.0123456, 0.98765, 0.5, 123456.0, 1.0, 0.25)
    record = dict(zip(KEYS, figures, strict=True))
    rows = [table.row(7, 1e-3, record, 3725.0, best) for best in (True, False)]
    groups, heads = table.header()
    assert rows[0].replace("*", " ").rstrip() == rows[1]
    assert "0.01235" in rows[0]
    assert "1.235e5" in rows[0]
    assert "1.0000*" in rows[0]
    ends = [match.end() for match in re.finditer(r"train|val", heads)]
    assert ends == [match.end() for match in re.finditer(r"[\d.e]+", rows[1])][2 : 2 + len(ends)]
    if width:
        assert max(map(len, (groups, heads, *rows))) < width
    elif width is None:
        assert "1:02:05" in rows[0]
        assert "* best so far" in heads


def test_a_table_of_many_rows_has_straight_columns() -> None:
    """It is drawn without being fitted, which would take minutes for ten thousand."""
    rows = [("名前" if n % 7 else "n", n, 3 * n) for n in range(1000)]
    lines = table_text(["name", "count", "third"], rows, io.StringIO()).splitlines()
    assert len(lines) == 1002
    assert {width_of(line) for line in lines} == {width_of(lines[1])}
    assert lines[2].split() == ["n", "0", "0"]
    assert lines[-1].split() == ["名前", "999", "2,997"]
