"""Disks that cannot lock or cannot sync folders: everything works, and one note says so.

The answers are those of NFS without lockd, of FUSE, CIFS, virtiofs and Ceph.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nnfs_cli.runs import waiting
from nnfs_cli.runs.holder import BOOT

from .conftest import ROOT, Nnfs, latest, record, state, table
from .test_outcome import Start, until_an_epoch

fcntl = pytest.importorskip("fcntl")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="disks as on Linux")
LONG = "train.epochs=100000"
NOTE = "note: the disk of "
Refuse = Callable[[str], None]


def refusal(code: str) -> OSError:
    number = getattr(errno, code)
    return OSError(number, os.strerror(number))


@pytest.fixture
def refuse_locks(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    def refuse(code: str) -> None:
        def flock(file: int, operation: int) -> None:
            raise refusal(code)

        monkeypatch.setattr(fcntl, "flock", flock)

    return refuse


@pytest.fixture
def refuse_syncs(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    real = os.fsync

    def refuse(code: str) -> None:
        def fsync(file: int) -> None:
            if stat.S_ISDIR(os.fstat(file).st_mode):
                raise refusal(code)
            real(file)

        monkeypatch.setattr(os, "fsync", fsync)

    return refuse


@pytest.mark.parametrize("code", ["ENOLCK", "ENOSYS", "EOPNOTSUPP", "EINVAL"])
def test_a_disk_without_locks(nnfs: Nnfs, toy: Path, refuse_locks: Refuse, code: str) -> None:
    nnfs("train", toy, "-q")
    expected = state(latest())
    refuse_locks(code)
    done = nnfs("train", toy, "-q")
    assert done.code == 0
    assert done.err.count(NOTE) == done.err.count("\n") == 1
    assert "two processes may train one run" in done.err
    assert state(latest()) == expected


@pytest.mark.parametrize("code", ["EINVAL", "ENOTSUP", "EBADF", "EIO"])
def test_folders_that_are_not_synced(
    nnfs: Nnfs, toy: Path, refuse_syncs: Refuse, code: str
) -> None:
    refuse_syncs(code)
    done = nnfs("train", toy, "-q")
    assert done.code == 0
    assert done.err.count(NOTE) == done.err.count("\n") == 1
    assert "power loss" in done.err


def test_all_that_follows(
    nnfs: Nnfs, toy: Path, refuse_locks: Refuse, refuse_syncs: Refuse
) -> None:
    refuse_locks("ENOLCK")
    refuse_syncs("EINVAL")
    for line in (
        "train toy.yaml",
        "resume --epochs 5",
        "train toy.yaml --skip-done train.epochs=4",
    ):
        done = nnfs(*line.split(), "-q")
        assert (done.code, done.err.count(NOTE)) == (0, 1), line
    for line in ("eval", "runs", "reproduce latest", "train toy.yaml --skip-done train.epochs=4"):
        done = nnfs(*line.split(), "-q")
        assert (done.code, done.err.count(NOTE)) == (0, 0), line
    assert nnfs("runs", "rm", "-y", "latest").code == 0


def test_a_killed_run_that_no_lock_tells_of(
    nnfs: Nnfs, start: Start, toy: Path, refuse_locks: Refuse
) -> None:
    """Another machine may be training it: nothing happens to it without a command."""
    process = start("train", toy, "-q", LONG)
    until_an_epoch(Path("runs/latest"))
    process.kill()
    process.wait()
    refuse_locks("ENOLCK")
    line = nnfs("train", toy, "-q", LONG, "--skip-done").refused(7)
    assert "if it was killed (here no lock tells): `nnfs resume" in line
    assert record(latest())["status"] == "running"


@pytest.mark.slow
def test_waiting_for_a_run_that_no_lock_tells_of_ends(
    nnfs: Nnfs, start: Start, toy: Path, refuse_locks: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MAX_SILENCE_SECONDS", 0.6)
    monkeypatch.setattr(waiting, "SAVES_MISSED", 0)
    process = start("train", toy, "-q", LONG)
    until_an_epoch(Path("runs/latest"))
    process.kill()
    process.wait()
    refuse_locks("ENOLCK")
    line = nnfs("train", toy, "-q", LONG, "--skip-done", "--wait").refused(7)
    assert "nothing of it changed in 0 minutes" in line
    assert "if it was killed (here no lock tells): `nnfs resume" in line


WITHOUT_LOCKS = """\
import errno, fcntl

def refuse(*_):
    raise OSError(errno.ENOLCK, "No locks available")

fcntl.flock = refuse
"""


@pytest.mark.slow
@pytest.mark.skipif(not BOOT.exists(), reason="nothing tells this start of the system from others")
def test_who_waits_without_locks_goes_on_where_the_other_was_killed(
    start: Start, toy: Path
) -> None:
    Path("sitecustomize.py").write_text(WITHOUT_LOCKS)
    env = {"PYTHONPATH": f"{ROOT}{os.pathsep}{Path.cwd()}"}
    first = start("train", toy, "-q", LONG, env=env)
    until_an_epoch(Path("runs/latest"))
    run = latest()
    second = start("train", toy, "-q", LONG, "--skip-done", "--wait", env=env)
    assert second.stderr is not None
    assert f"note: waiting for run {run.name}" in second.stderr.readline()
    refused = start("resume", env=env)
    assert refused.wait(timeout=60) == 7
    first.kill()
    assert f"note: going on with run {run.name}" in second.stderr.readline()
    until_an_epoch(run, number=len(table(run)) + 1)
    second.terminate()
    assert second.wait(timeout=30) == 143
    assert record(run)["status"] == "interrupted"
