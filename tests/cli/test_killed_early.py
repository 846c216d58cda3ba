"""What a training leaves that is killed before its first checkpoint: named, and easily removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnfs_cli.cli.app import run as nnfs_run
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder

from .conftest import Nnfs


@pytest.fixture
def killed(toy: Path) -> Path:
    """A folder as it is before anything is written into it, beside a run that has finished."""
    assert nnfs_run(["train", str(toy), "-q", "--run-dir", "runs/whole"]) == 0
    run = RunsFolder(Path("runs")).create("killed", "7f3a")
    run.unlock()
    return run.path


def test_it_is_no_run_and_every_command_says_what_it_is(nnfs: Nnfs, killed: Path) -> None:
    for name in (".lock", "config.orig.yaml", "config.yaml", "run.json.7.tmp"):
        (killed / name).touch()
        told = f"{killed} is what a training left that was killed before it began; "
        told += f"`nnfs runs rm {killed.name}` removes it"
        assert f"note: {told}\n" in nnfs("runs").err
        for line in (["resume"], ["runs", "show"], ["eval"], ["compare"], ["watch", "--once"]):
            assert nnfs(*line, killed.name).refused(3) == f"error: {told}"
        assert nnfs("resume", killed.name[:-4]).refused(3) == f"error: {told}"
    assert nnfs("train", "toy.yaml", "--skip-done", "-q").out.startswith("skipped: run whole")
    assert nnfs("runs", "rm", killed.name, "--yes").code == 0
    assert nnfs("runs").err == ""


def test_a_run_that_another_process_is_making_is_not_taken_for_killed(
    nnfs: Nnfs, killed: Path
) -> None:
    making = Run(killed)
    making.lock()
    try:
        assert f"{killed} is a run that another process is about to begin" in nnfs("runs").err
    finally:
        making.unlock()


def test_a_record_without_a_checkpoint(nnfs: Nnfs, killed: Path) -> None:
    (killed / "run.json").write_text(Path("runs/whole/run.json").read_text())
    Run(killed).update(id=killed.name, number=2, status="running")
    assert "interrupted" in nnfs("runs").out
    line = nnfs("resume", killed.name).refused(3)
    assert "has no checkpoint 'last'; train again; `nnfs runs rm" in line


def test_what_else_is_no_run_is_not_offered_for_removal(nnfs: Nnfs, killed: Path) -> None:
    (killed / "mine.txt").touch()
    assert f"note: {killed} is not a run: it has no run.json\n" in nnfs("runs").err
    Path("runs/empty").mkdir()
    assert "note: runs/empty is not a run: it has no run.json\n" in nnfs("runs").err
