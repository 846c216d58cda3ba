"""stdout is the answer, stderr is progress; terminals of every kind, and none."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.display import Display
from nnfs_cli.cli.tables import table_text
from nnfs_cli.cli.terminal import encodable, reflowed, wrapped, write_drawn, write_exact
from nnfs_cli.errors import MachineError

from .conftest import Nnfs, latest, record

Start = Callable[..., "subprocess.Popen[str]"]
PLAIN = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "COLUMNS": "20"}
linux_only = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def test_the_run_folder_alone_for_scripts(nnfs: Nnfs, toy: Path) -> None:
    result = nnfs("train", toy, "--print-run-dir")
    assert result.out == f"runs/{latest().name}\n"
    assert nnfs("train", toy, "--print-run-dir", "--skip-done").out == result.out
    assert "\n  3/3 " in result.err
    assert "\r" not in result.err


def test_quiet_says_nothing_on_stderr(nnfs: Nnfs, toy: Path) -> None:
    result = nnfs("train", toy, "-q")
    assert result.err == ""
    assert "test" in result.out


def test_no_color(nnfs_process: Nnfs, toy: Path) -> None:
    nnfs_process("train", toy, "-q")
    result = nnfs_process("runs", env={"NO_COLOR": "1", "FORCE_COLOR": ""})
    assert "\x1b[3" not in result.out


@linux_only
def test_a_full_stderr_does_not_stop_a_training(nnfs_process: Nnfs, toy: Path) -> None:
    with open("/dev/full", "w") as full:
        assert nnfs_process("train", toy, stderr=full).code == 0
    assert record(latest())["status"] == "finished"


def test_closed_pipes_are_no_error(start: Start, toy: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    process = start("train", toy, stdout=write, stderr=write)
    os.close(write)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in (err or "")
    assert record(latest())["status"] == "finished"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_shows_a_bar(start: Start, toy: Path) -> None:
    import pty
    import termios

    toy.write_text(toy.read_text().replace("epochs: 3", "epochs: 400"))
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    process = start("train", toy, stderr=slave, env={"TERM": "xterm"})
    os.close(slave)
    seen = b""
    while chunk := _read(master):
        seen += chunk
    process.communicate(timeout=60)
    os.close(master)
    assert process.returncode == 0
    assert b" left" in seen
    assert b"100% " in seen
    assert b"\n400/400 " in seen.replace(b"\r", b"\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("short", "short"),
        ("error: there is no file with that name", "error: there is no file\n  with that name"),
        ("test   loss 0.1436, accuracy 96.06 %", "test   loss 0.1436,\n       accuracy 96.06 %"),
        (
            "       as it is indented so it goes on",
            "       as it is indented\n       so it goes on",
        ),
        (
            "see /a/path/that/is/longer/than/the/terminal",
            "see\n  /a/path/that/is/longer/than/the/terminal",
        ),
    ],
)
def test_a_long_line_is_divided_between_words(line: str, shown: str) -> None:
    assert wrapped(line, 25) == shown


def test_prose_is_as_wide_as_the_terminal_and_formulas_stay() -> None:
    text = "Some words of a\nparagraph here.\n\n    y = x W + b        # stays\n\nLast."
    shown = "Some words\nof a\nparagraph\nhere.\n\n    y = x W + b        # stays\n\nLast."
    assert reflowed(text, 10) == shown


@pytest.mark.parametrize("width", [57, 60, 70, 99])
def test_a_table_is_no_wider_than_it_need_be(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    rows = [
        ("normalize_targets", "'auto' or 'classification'", "required", "in the data's own units"),
        ("task", "text", "null", "regression, or classification, and some more words"),
    ]
    lines = table_text(["key", "expects", "default", "meaning"], rows, sys.stdout).splitlines()
    words = "17 normalize_targets, 16 'classification', 8 required, 15 classification,"
    narrowest = sum(int(n) for n in words.split() if n.isdecimal()) + 3
    assert max(map(len, lines)) <= max(width, narrowest)
    assert all("normalize_targets" in line for line in lines if "normalize" in line)
    shown = " ".join(" ".join(lines).split())
    assert all(word in shown for row in rows for cell in row for word in cell.split())


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", "5 \\xb5m \\u2500"), ("latin-1", "5 µm \\u2500"), ("utf-8", "5 µm ─")],
)
def test_what_an_encoding_lacks_is_spelled_out(encoding: str, shown: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert encodable("5 µm ─", stream) == shown
    assert encodable("5 µm ─", io.StringIO()) == "5 µm ─"


class Refusing(io.StringIO):
    """A stream, a buffer too, that writes nothing."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    @property
    def buffer(self) -> Refusing:
        return self

    def write(self, text: Any) -> int:
        raise self.error


FULL = OSError(28, "No space left on device")


@pytest.mark.parametrize("write", [write_drawn, write_exact])
def test_an_answer_that_cannot_be_written_is_an_error(
    write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Refusing(FULL))
    with pytest.raises(MachineError, match="cannot write to stdout: No space left on device"):
        write("a/b", sys.stdout)
    monkeypatch.setattr(sys, "stdout", Refusing(BrokenPipeError(32, "Broken pipe")))
    write("a/b", sys.stdout)
    write_drawn("on stderr, which is no answer", Refusing(FULL))


def test_a_path_has_its_bytes_but_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8")
    stream.write("before\n")
    write_exact("a\udcff\n", stream)
    assert raw.getvalue() == b"before\na\xff\n\n"
    text = io.StringIO()
    write_exact("a\x1b[2Jb", text)
    assert text.getvalue() == "a\\x1b[2Jb\n"
    monkeypatch.setattr(stream, "isatty", lambda: True)
    write_exact("a\x1bb", stream)
    assert raw.getvalue().endswith(b"\na\\x1bb\n")


def test_more_is_said_to_who_asks_for_more(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.detail("nothing")
    console.obey("train", json=False, quiet=False, verbose=True, debug=False)
    console.detail("one worker: why")
    assert capsys.readouterr().err == "one worker: why\n"


def test_a_training_that_ends_without_saying_how_is_a_bug() -> None:
    with pytest.raises(RuntimeError, match="ended without saying how"):
        Display(Console(quiet=True)).follow(iter([]))
