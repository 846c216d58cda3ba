"""Locks, and disks that have none: what they answer comes from flock(2) of network disks."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nnfs_cli.runs import holder
from nnfs_cli.runs.holder import clear_holder, holder_lives, write_holder
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
    other = Lock(tmp_path / "l")
    assert other.is_taken(), "it is this process"
    with pytest.raises(TimeoutError):
        other.acquire(0.01)
    lock.release()
    assert other.is_taken() is False
    (tmp_path / "l").write_bytes(b"")
    assert other.is_taken() is None, "nobody can know"
    other.acquire()
    assert os.listdir(tmp_path) == ["l"], "no lock of another kind stands in"


HOLD_WITHOUT = """
import sys
from pathlib import Path
from nnfs_cli.runs.holder import write_holder
write_holder(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_without_locks_a_killed_process_holds_nothing(
    tmp_path: Path, without_locks: Callable[[str], None]
) -> None:
    without_locks("ENOLCK")
    lock, pipe = Lock(tmp_path / "l"), subprocess.PIPE
    command = [sys.executable, "-c", HOLD_WITHOUT, str(tmp_path / "l")]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(TimeoutError):
            lock.acquire(0.01)
        process.send_signal(signal.SIGSTOP)
        assert lock.is_taken(), "it may go on"
        process.kill()
        while lock.is_taken():  # until it is dead, though nobody has collected it yet
            time.sleep(0.01)
        assert lock.is_taken() is False
        process.wait()
    assert lock.is_taken() is False
    lock.acquire(0.01)


@pytest.mark.parametrize(
    ("key", "value", "lives"),
    [
        ("pid", 2**22 + 1, False),
        ("pid", 2**80, True),
        ("pid", -1, None),
        ("pid", "1", None),
        ("begun", 1, False),
        ("boot", "00000000-0000-0000-0000-000000000000", None),
        ("boot", "", None),
        ("pids", "pid:[1]", None),
    ],
)
def test_holders(tmp_path: Path, key: str, value: object, lives: bool | None) -> None:
    """Another start of the system, another container, another process of the same number."""
    path = tmp_path / "l"
    write_holder(path)
    assert holder_lives(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    assert holder_lives(path) is lives
    before = path.read_bytes()
    clear_holder(path)
    assert path.read_bytes() == before, "what is not ours stays"


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b"{" * 2000, b'{"pid": 1}', b"null"])
def test_what_names_no_holder(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "l").write_bytes(content)
    assert holder_lives(tmp_path / "l") is None


def test_where_linux_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder, "BOOT", tmp_path / "nothing")
    write_holder(tmp_path / "l")
    assert holder_lives(tmp_path / "l") is None
    clear_holder(tmp_path / "l")
    assert holder_lives(tmp_path / "l") is False


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        Lock(tmp_path / "l").acquire()
    assert Lock(tmp_path / "l").is_taken() is None
    assert not (tmp_path / "elsewhere").exists()


def test_who_waited_in_vain_frees_nothing(
    tmp_path: Path, without_locks: Callable[[str], None]
) -> None:
    without_locks("ENOLCK")
    one, other = Lock(tmp_path / "l"), Lock(tmp_path / "l")
    one.acquire()
    with pytest.raises(TimeoutError):
        other.acquire(0.01)
    other.release()
    assert Lock(tmp_path / "l").is_taken()


def test_a_disk_that_fails_is_no_disk_without_locks(
    tmp_path: Path, without_locks: Callable[[str], None]
) -> None:
    (tmp_path / "l").touch()
    without_locks("EIO")
    with pytest.raises(OSError, match="EIO"):
        Lock(tmp_path / "l").is_taken()
    with pytest.raises(OSError, match="EIO"):
        Lock(tmp_path / "l").acquire()


def test_a_file_that_cannot_be_opened_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to(tmp_path / "elsewhere")
    assert Lock(tmp_path / "l").is_taken() is None
    assert not (tmp_path / "elsewhere").exists()


def test_where_python_has_no_flock_trying_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnfs_cli.runs.lock.fcntl", None)
    monkeypatch.setattr("nnfs_cli.runs.lock.PATIENCE", 0.01)
    one, other = Lock(tmp_path / "l"), Lock(tmp_path / "l")
    assert other.is_taken() is False
    one.acquire()
    assert one.promised
    assert other.is_taken() is True
    one.release()
    assert other.is_taken() is False
    assert not other.held, "it looked, and keeps nothing"
    one.acquire(0.01)
    there = tmp_path / "a file"
    there.touch()
    assert Lock(there / "l").is_taken() is None


def test_where_the_system_tells_nothing_of_itself_nobody_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert holder_lives(tmp_path / "l") is None, "there is no file"
    write_holder(tmp_path / "l")
    monkeypatch.setattr(holder, "NAMESPACE", str(tmp_path / "none"))
    assert holder_lives(tmp_path / "l") is None, "it may be another container's"
    write_holder(tmp_path / "l")
    assert json.loads((tmp_path / "l").read_text())["pids"] == ""
    assert holder_lives(tmp_path / "l") is True
    monkeypatch.setattr(holder, "BOOT", tmp_path / "none")
    write_holder(tmp_path / "l")
    assert holder_lives(tmp_path / "l") is None
