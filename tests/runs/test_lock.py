"""Locks, and disks that have none: what they answer comes from flock(2) of network disks."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nnfs_cli.runs.lock import Lock

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
NONE = ["ENOLCK", "EOPNOTSUPP", "EINVAL", "ENOSYS"]


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def lose(code: str) -> None:
        def refuse(*_: object) -> None:
            raise OSError(getattr(errno, code), code)

        monkeypatch.setattr(fcntl, "flock", refuse)

    return lose


def test_it_keeps_out_and_lets_in(tmp_path: Path) -> None:
    one, other = Lock(tmp_path / "l"), Lock(tmp_path / "l")
    assert one.is_taken() is False, "there is no file yet"
    one.acquire()
    assert one.is_taken()
    assert other.is_taken()
    with pytest.raises(TimeoutError):
        other.acquire(0.01)
    one.release()
    assert other.is_taken() is False
    other.acquire()
    assert other.promised


def test_another_process_holds_it_until_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "l")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        lock = Lock(tmp_path / "l")
        assert lock.is_taken()
        with pytest.raises(TimeoutError):
            lock.acquire(0.01)
        process.kill()
        process.wait()
    assert lock.is_taken() is False


def test_looking_writes_nothing(tmp_path: Path) -> None:
    assert Lock(tmp_path / "l").is_taken() is False
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("code", NONE)
def test_a_disk_without_locks(
    tmp_path: Path, without_locks: Callable[[str], None], code: str
) -> None:
    without_locks(code)
    lock = Lock(tmp_path / "l")
    lock.acquire()
    assert not lock.promised
    assert Lock(tmp_path / "l").is_taken() is None, "nobody can know"
    lock.release()
    assert os.listdir(tmp_path) == ["l"], "no lock of another kind stands in"


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        Lock(tmp_path / "l").acquire()
    assert Lock(tmp_path / "l").is_taken() is None
    assert not (tmp_path / "elsewhere").exists()
