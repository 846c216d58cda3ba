"""Files are complete or absent, whichever call the system refuses."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from nnfs_cli import atomic
from nnfs_cli.atomic import sweep_temporaries, sync_folder, write_atomically, write_text_atomically
from nnfs_cli.errors import MachineError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "last.npz"
    path.write_bytes(b"old")
    return path


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir())


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_call_that_fails(
    path: Path, call: str, reason: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(MachineError) as caught:
        write_atomically(path, lambda file: file.write(bytes(8_013)), 8_013)
    assert (path.read_bytes(), names(path)) == (b"old", ["last.npz"])
    assert caught.value.code == 5
    assert str(path) in caught.value.message
    assert os.strerror(reason) in caught.value.message
    if reason != errno.EIO:
        assert "8,013 bytes needed" in caught.value.message
        assert "bytes free" in caught.value.message


@pytest.mark.parametrize("after", [0, 1, 2, 5, 10])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), ValueError()]
)
def test_a_write_that_fails(path: Path, after: int, error: BaseException) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"new" * after)
        raise error

    expected = MachineError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        write_atomically(path, write)
    assert (path.read_bytes(), names(path)) == (b"old", ["last.npz"])


def test_the_name_follows_the_content(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def kind(descriptor: int) -> str:
        return os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))

    def recorded_fsync(descriptor: int) -> None:
        size = os.fstat(descriptor).st_size if "tmp" in kind(descriptor) else ""
        calls.append(f"fsync {kind(descriptor).partition('.npz.')[0]} {size}".strip())
        fsync(descriptor)

    def recorded_replace(source: Path, target: Path) -> None:
        calls.append(f"replace {Path(target).name}")
        replace(source, target)

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("names of descriptors are read from /proc")
    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "replace", recorded_replace)
    folder = path.parent.rename(path.parent.with_name("checkpoints"))
    write_text_atomically(folder / "last.npz", "content")
    assert calls == ["fsync last 7", "replace last.npz", "fsync checkpoints"]
    assert (folder / "last.npz").read_bytes() == b"content"


def test_a_folder_that_is_not_there_or_a_file(path: Path) -> None:
    for target in (path.parent / "none" / "x", path / "x"):
        with pytest.raises(MachineError, match="cannot write"):
            write_text_atomically(target, "text")
    assert names(path) == ["last.npz"]


def test_sweeping_takes_what_was_half_written_alone(path: Path) -> None:
    for name in ("last.npz.123.tmp", "run.json.9.tmp", "notes.txt"):
        (path.parent / name).touch()
    sweep_temporaries(path.parent)
    assert names(path) == ["last.npz", "notes.txt"]


def test_a_killed_write_leaves_what_sweeping_takes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "_remove", lambda _: None)  # a killed process cleans up nothing
    with pytest.raises(ZeroDivisionError):
        write_atomically(path, lambda _: 1 / 0)  # type: ignore[arg-type,return-value]
    assert len(names(path)) == 2
    monkeypatch.undo()
    sweep_temporaries(path.parent)
    assert (path.read_bytes(), names(path)) == (b"old", ["last.npz"])


def test_a_folder_that_cannot_be_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sync_folder(tmp_path) is True
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        assert sync_folder(tmp_path) is False
    for code, told in ((errno.EINVAL, False), (errno.ENOSPC, True)):

        def refuse(descriptor: int, code: int = code) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "fsync", refuse)
        if told:
            with pytest.raises(OSError, match="No space left"):
                sync_folder(tmp_path)
        else:
            assert sync_folder(tmp_path) is False
