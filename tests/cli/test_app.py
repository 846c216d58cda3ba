"""However a command ends, it is one line and a documented code; a bug alone is a traceback."""

from __future__ import annotations

import errno
import signal
import sys
from typing import Any, NoReturn

import pytest
import typer

from nnfs_cli.cli import app, interrupts
from nnfs_cli.errors import DataError, NnfsError


def few_files() -> NnfsError:
    """A file that could not be opened, told as one that is damaged."""
    error = DataError("a.png is damaged", "save it again")
    error.__context__ = ValueError("no image")
    error.__context__.__cause__ = OSError(errno.EMFILE, "Too many open files")
    return error


def made_of_an_interrupt() -> ValueError:
    """What an archive says that cannot close itself in the middle of a member."""
    error = ValueError("Can't close the ZIP file")
    error.__context__ = KeyboardInterrupt()
    return error


ENDS: list[tuple[BaseException, int, str]] = [
    (KeyboardInterrupt(), 130, "interrupted"),
    (interrupts.Stopped(signal.SIGTERM), 143, "interrupted"),
    (typer.Abort(), 130, "aborted"),
    (made_of_an_interrupt(), 130, "interrupted"),
    (DataError("a.png is damaged", "save it again"), 3, "a.png is damaged; save it again"),
    (few_files(), 5, "a.png is damaged (too many open files); raise the limit (ulimit)"),
    (MemoryError(), 5, "out of memory; lower train.batch_size or the layers' sizes"),
    (PermissionError(13, "Permission denied", "x.csv"), 5, "x.csv: Permission denied"),
    (OSError(5, "Input/output error"), 5, "the system: Input/output error"),
    (OSError("odd"), 5, "the system: odd"),
    (ImportError("no module x"), 5, "cannot load a module: no module x; install nnfs-cli again"),
    (RuntimeError("Could not determine home directory."), 5, "no home folder is known here; set"),
]


def ends_by(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def end(*_: Any, **__: Any) -> NoReturn:
        raise error

    monkeypatch.setattr(app, "command_line", lambda *_: end)


@pytest.mark.parametrize(("error", "code", "line"), ENDS, ids=lambda value: str(value)[:20])
def test_how_a_command_ends(
    error: BaseException,
    code: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ends_by(monkeypatch, error)
    assert app.run(["check"]) == code
    streams = capsys.readouterr()
    assert streams.err.startswith(f"error: {line}")
    assert streams.err.count("\n") == 1
    assert streams.out == ""


def test_a_reader_that_has_gone_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone: list[object] = []
    monkeypatch.setattr("nnfs_cli.cli.console.detach", gone.append)
    ends_by(monkeypatch, BrokenPipeError())
    assert app.run(["check"]) == 0
    assert capsys.readouterr().err == ""
    assert gone == [sys.stdout]


def test_what_other_code_makes_of_an_interruption_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends_by(monkeypatch, RuntimeError("the work was cut short"))
    monkeypatch.setattr(interrupts, "_seen", signal.SIGTERM)
    assert app.run(["check"]) == 143
    assert capsys.readouterr().err == "error: interrupted\n"


def test_a_bug_is_a_traceback_and_says_that_it_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends_by(monkeypatch, RuntimeError("of ours"))
    with pytest.raises(RuntimeError, match="of ours"):
        app.run(["check"])
    monkeypatch.setattr(sys, "argv", ["nnfs", "check"])
    for variable in app.BLAS_THREADS:
        monkeypatch.setenv(variable, "1")
    with pytest.raises(SystemExit) as end:
        app.main()
    assert end.value.code == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback (most recent call last)")
    assert err.endswith("error: this is a bug in nnfs; please report it with the lines above\n")


def test_a_second_interruption_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    def leave(number: int) -> NoReturn:
        raise SystemExit(128 + number)

    monkeypatch.setattr(app, "run", interrupted)
    monkeypatch.setattr(interrupts, "leave", leave)
    for variable in app.BLAS_THREADS:
        monkeypatch.setenv(variable, "1")
    with pytest.raises(SystemExit) as end:
        app.main()
    assert end.value.code == 130
