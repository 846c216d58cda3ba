"""Bars of all that takes time: drawn on a terminal alone, alike, and gone before anything else."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import data_source

from .conftest import Nnfs, latest
from .test_widths import on_a_terminal

Start = Callable[..., "subprocess.Popen[str]"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
DRAWN = r"[\r\n]{} +\d+% [█▏▎▍▌▋▊▉ ]+ [\d:?]+ left"


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def gone(raw: str) -> bool:
    """Whether a bar's line is blank again before the next text."""
    after = raw[[found.end() for found in re.finditer("left", raw)][-1] :]
    return re.match(r"[^\r\n]*\r *\r", after) is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "words"),
    [(("eval",), "evaluating"), (("reproduce", "latest"), "training again")],
)
def test_eval_and_reproduce(
    start: Start, nnfs: Nnfs, toy: Path, command: tuple[str, ...], words: str
) -> None:
    assert nnfs("train", toy, "-q").code == 0
    raw, text = on_a_terminal(start, 80, *command)
    assert re.search(DRAWN.format(words), "\n" + text)
    assert gone(raw)
    piped = nnfs(*command)
    assert words not in piped.err


def test_an_error_has_a_line_of_its_own_behind_a_bar(start: Start, nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "-q").code == 0
    table = latest() / "metrics.csv"
    header, first, second, third = table.read_text().splitlines()
    values = second.split(",")
    changed = ",".join([*values[:4], "0.5", *values[5:]])
    table.write_text("\n".join([header, first, changed, third, ""]))
    raw, _ = on_a_terminal(start, 80, "reproduce", "latest", code=6)
    assert "left" in raw
    assert re.search(r" *\r(\x1b\[[0-9;]*m)*error:", raw)


def test_images_are_counted_while_they_are_decoded(start: Start, folder: Path) -> None:
    for label in "ab":
        (folder / "p" / label).mkdir(parents=True)
        for n in range(120):
            Image.fromarray(np.full((4, 4), n, np.uint8)).save(folder / "p" / label / f"{n}.png")
    (folder / "p.yaml").write_text(
        "data: {type: image_folder, path: p}\nlayers: [flatten, {type: dense, units: 2}]\n"
        "loss: cross_entropy\noptimizer: adam\ntrain: {epochs: 1}\n"
    )
    raw, text = on_a_terminal(start, 80, "data", "info", "p.yaml")
    assert re.search(DRAWN.format("reading [^\r\n]*"), "\n" + text)
    assert gone(raw)


def test_a_download_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes, and several files one after the other; nothing for a program that asks."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    console = Console()
    progress = data_source(None, console).progress
    assert progress is not None
    for file in ("one", "two\x1b[2J"):
        for done in (0, 500, 1000):
            progress(f"downloading {file}", done, 1000)
    console.notice("done")
    shown = terminal.getvalue()
    assert re.search(DRAWN.format("downloading one"), shown)
    assert re.search(DRAWN.format(re.escape(r"downloading two\x1b[2J")), shown)
    assert "\x1b[2J" not in shown
    assert gone(shown)
    assert shown.endswith("done\n")
    silent = Terminal()
    monkeypatch.setattr(sys, "stderr", silent)
    progress = data_source(None, Console(quiet=True)).progress
    assert progress is not None
    progress("downloading", 1, 2)
    assert silent.getvalue() == ""


def test_a_line_makes_the_bar_step_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    console = Console()
    count = console.counter("work")
    count(1, 4)
    console.notice("hello")
    count(4, 4)
    before, after = terminal.getvalue().split("hello\n")
    assert "25%" in before
    assert re.search(r"\r *\r[^ ]*note:[^ ]* $", before)
    assert "25%" in after, "drawn again beneath"
    assert re.search(r"\r *\r$", after), "and taken away"


def test_a_bar_is_drawn_a_few_times_a_second_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr("nnfs_cli.cli.bars.REFRESH", 3600.0)
    count = Console().counter("work")
    for done in range(1, 101):
        count(done, 100)
    assert re.findall(r"(\d+)%", terminal.getvalue()) == ["1", "100"]


def test_a_line_of_a_bar_fits_and_shows_the_first_figures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those that fit, in their order: none behind one that does not."""
    figures = {"loss": "0.5", "a_long_name_of_one": "0.25", "x": "1"}
    for width in range(20, 140):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("COLUMNS", str(width))
        bar = Console().bars.start(100, unit="samples")
        bar.move(50, "epoch 1", figures)
        (line,) = [part for part in terminal.getvalue().split("\r") if "epoch 1" in part]
        bar.close()
        assert len(line.rstrip()) < width or width < 40
        shown = [name for name in figures if f"  {name} " in line]
        assert shown == [*figures][: len(shown)]
        assert shown or width < 70
