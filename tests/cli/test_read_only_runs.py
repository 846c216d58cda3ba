"""Runs that can only be read, a colleague's or on a read-only disk: every answer is given."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.runs.run import Run

from .conftest import Nnfs, Result, contents, latest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="permissions as on Linux")
UNPRIVILEGED = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
"""Root may write everywhere, unless it has no capabilities."""


@pytest.fixture
def read_only(nnfs: Nnfs, toy: Path) -> Iterator[Path]:
    """A finished run in a folder of runs in which nothing can be written."""
    assert nnfs("train", toy, "-q").code == 0
    np.save("x.npy", np.zeros((2, 2), np.float32))
    folders = [Path("runs"), *(path for path in Path("runs").rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    yield latest()
    for path in folders:
        path.chmod(0o755)


@pytest.fixture
def reader(nnfs_process: Nnfs) -> Callable[..., Result]:
    """Run a command as a user who may not write everywhere."""
    if os.geteuid() != 0:
        return nnfs_process
    if shutil.which(UNPRIVILEGED[0]) is None:
        pytest.skip("no setpriv")
    return lambda *arguments: nnfs_process(*arguments, prefix=UNPRIVILEGED)


def test_an_evaluation_is_told(reader: Nnfs, nnfs: Nnfs, read_only: Path) -> None:
    before = contents(Path("runs"))
    told = reader("eval")
    assert told.code == 0
    assert "accuracy" in told.out
    assert "written to" not in told.out
    assert told.err.count("note: this is not kept (cannot write") == 1
    assert "--output DIR" in told.err
    document = reader("eval", "--json").document
    assert document["folder"] is None
    assert contents(Path("runs")) == before
    read_only.chmod(0o755)
    assert nnfs("eval", "--json").document["metrics"] == document["metrics"]


def test_an_evaluation_is_kept_elsewhere(reader: Nnfs, nnfs: Nnfs, read_only: Path) -> None:
    told = reader("eval", "--output", "found/here", "--json")
    assert (told.code, told.err) == (0, "")
    assert told.document["folder"] == "found/here"
    read_only.chmod(0o755)
    nnfs("eval")
    assert contents(Path("found/here")) == contents(read_only / "eval/test")
    metrics = json.loads(Path("found/here/metrics.json").read_text())["metrics"]
    assert metrics == told.document["metrics"]


def test_an_output_that_was_asked_for_is_not_left_out(reader: Nnfs, read_only: Path) -> None:
    assert "cannot write runs/here" in reader("eval", "--output", "runs/here").refused(5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "predict x.npy", "runs", "runs show", "reproduce latest", "train toy.yaml --skip-done",
        "resume", "resume --epochs 3", "compare latest", "report --output page.html",
    ],
)  # fmt: skip
def test_what_only_reads(reader: Nnfs, read_only: Path, line: str) -> None:
    before = contents(Path("runs"))
    told = reader(*line.split())
    assert told.code == 0, told.err
    assert "error" not in told.err
    assert contents(Path("runs")) == before


@pytest.mark.slow
def test_a_colleague_trains_it(reader: Nnfs, nnfs: Nnfs, read_only: Path) -> None:
    run = Run(read_only)
    run.lock()
    (read_only / ".lock").chmod(0o444)
    line = reader("resume", "--epochs", "9").refused(7)
    assert "is being trained by another process" in line
    run.unlock()
    assert "cannot write" in reader("resume", "--epochs", "9").refused(5)


@pytest.mark.slow
def test_a_report_is_written_elsewhere(reader: Nnfs, read_only: Path) -> None:
    assert "--output FILE" in reader("report").refused(5)
    assert "another user's" in reader("runs", "tag", "latest", "--tag", "a").refused(5)


@pytest.mark.slow
def test_plots_are_drawn_elsewhere(reader: Nnfs, read_only: Path) -> None:
    pytest.importorskip("matplotlib")
    assert "--output DIR" in reader("plot").refused(5)
    assert reader("plot", "--output", "plots", "-q").code == 0
    assert Path("plots/loss.svg").is_file()


def test_what_has_to_write_says_where(reader: Nnfs, read_only: Path) -> None:
    assert "--runs-dir" in reader("train", "toy.yaml", "seed=1", "--skip-done").refused(5)
    assert "cannot write" in reader("resume", "--epochs", "4").refused(5)


@pytest.mark.parametrize("in_the_way", ["eval", "eval/test"])
def test_a_file_in_the_way(nnfs: Nnfs, toy: Path, in_the_way: str) -> None:
    nnfs("train", toy, "-q")
    path = latest() / in_the_way
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    told = nnfs("eval")
    assert told.code == 0
    assert "accuracy" in told.out
    assert "is no folder" in told.err
    assert path.read_text() == "mine"
