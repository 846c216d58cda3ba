"""stdout is the answer, stderr is progress; terminals of every kind, and none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Nnfs, latest, record

Start = Callable[..., "subprocess.Popen[str]"]
PLAIN = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "COLUMNS": "20"}
linux_only = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def test_the_run_folder_alone_for_scripts(nnfs: Nnfs, toy: Path) -> None:
    result = nnfs("train", toy, "--print-run-dir")
    assert result.out == f"runs/{latest().name}\n"
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
