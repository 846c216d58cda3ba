"""Hostile files: a documented code, one line a problem, within a second and little memory.

A corpus made by hostile.py, and mutations drawn from seeds: as many more as NNFS_EFFORT says.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from nnfs_cli.cli.app import run

from ..conftest import Result
from .effort import EFFORT
from .forked import call
from .hostile import KINDS, Kind, corpus, gzip_bomb, mutations

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc of Linux")
CODES = {0, 2, 3, 6}
"""Done; a config, data or a checkpoint that is none; a run that is not what it was."""
SECONDS = 1.0


@pytest.fixture
def workplace(template: Path, folder: Path) -> Path:
    shutil.copytree(template, folder, symlinks=True, dirs_exist_ok=True)
    shutil.copy("runs/whole/checkpoints/best.npz", "whole.npz")
    return folder


def attempt(kind: Kind, content: bytes) -> tuple[Result, float]:
    """Let the kind's command read this file."""
    kind.put(content)
    out, err = io.StringIO(), io.StringIO()
    began = time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([*kind.command])
    return Result(code, out.getvalue(), err.getvalue()), time.process_time() - began


def complaint(kind: Kind, result: Result, seconds: float, expected: Result) -> str:
    """What a command should not have done."""
    errors = result.err.count("error: ")
    too_large = result.code == 5 and "needs about" in result.err
    if result.code not in CODES and not too_large:
        return f"exit code {result.code}"
    if "Traceback" in result.err or (result.code > 0) != (errors > 0):
        return "no error line, or a traceback"
    if result.code and seconds > SECONDS:
        return f"{seconds:.1f} s to refuse it"
    if kind.certain and result.code == 0 and result.out != expected.out:
        return "a silently wrong load"
    return "something was executed" if Path("executed").exists() else ""


def judge(name: str, files: Iterable[tuple[str, bytes]]) -> None:
    """Let a fork read all files of a kind; there must be nothing to complain about."""
    kind = KINDS[name]
    good = kind.content()

    def work() -> int:
        expected, _ = attempt(kind, good)
        if expected.code:
            print("the undamaged file is refused", expected)
        for what, content in files:
            try:
                result, seconds = attempt(kind, content)
                wrong = complaint(kind, result, seconds, expected)
            except BaseException as error:
                result, wrong = Result(1, "", ""), repr(error)
            if wrong:
                print(f"{name}, {what}: {wrong}: {result.err[-300:]!r}")
        return 0

    done = call(work).result
    assert (done.code, done.out, done.err) == (0, "", ""), done.out + done.err


SAMPLE = [name for name in KINDS if "image" not in name or name == "png image"]
"""What the quick tests read."""
KIND = pytest.mark.parametrize(
    "name",
    [name if name in SAMPLE else pytest.param(name, marks=pytest.mark.slow) for name in KINDS],
)


@pytest.mark.slow
@KIND
def test_the_corpus(workplace: Path, name: str) -> None:
    good = KINDS[name].content()
    judge(name, [*corpus(good).items(), ("a bomb", gzip_bomb(good))])


@pytest.mark.slow
@KIND
def test_mutations(workplace: Path, name: str) -> None:
    fuzz(name, 0, 5)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_many_mutations(workplace: Path, name: str) -> None:
    fuzz(name, 1, 50 * EFFORT)


def fuzz(name: str, seed: int, count: int) -> None:
    content = mutations(KINDS[name].content(), seed, count)
    judge(name, ((f"mutation {n} of seed {seed}", each) for n, each in enumerate(content)))
