"""Files that are complete or absent, whatever happens while they are written."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from nnfs_cli.errors import MachineError, NotWritableError, UsageError

TEMPORARY = ".tmp"
NO_FOLDER_SYNC = {
    errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF, errno.EIO, errno.EISDIR,
    errno.ENOSYS, errno.EACCES, errno.EPERM,
}  # fmt: skip
"""What disks answer that cannot sync a folder: CIFS, virtiofs, DrvFs, Ceph."""
HEAD_BYTES = 4000
"""Within which a file says who wrote it."""
NO_ROOM = "no room to write"
"""How the message begins where a disk, or what one may have of it, is full."""


def write_atomically(path: Path, write: Callable[[BinaryIO], None], size: int = 0) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then put it in ``path``'s place.

    File contents reach the disk before the name does (fsync, replace, fsync of the folder), so a
    crash or power loss leaves the old file or the new one. ``size`` is about how many bytes there
    will be, for the error if they do not fit. Raises MachineError.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        _remove(temporary)  # not written through: it may be a link of the user's
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        _remove(temporary)
        raise disk_error(path, error, size) from error
    except BaseException:
        _remove(temporary)
        raise


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Write these bytes the same way."""
    write_atomically(path, lambda file: _write_all(file, content), len(content))


def write_text_atomically(path: Path, text: str) -> None:
    """Write UTF-8 text the same way."""
    write_bytes_atomically(path, text.encode())


def require_place_for_file(path: Path) -> None:
    """Raise UsageError for - and for devices and open streams, such as /dev/stdout.

    A file put in their place would take them from every other program.
    """
    folder = os.path.realpath(path.parent)
    if str(path) == "-" or folder == "/dev" or folder.split(os.sep)[1:2] == ["proc"]:
        raise UsageError(f"{path} is no place for a file", "name one in a folder of yours")


def require_folder_for_file(path: Path) -> None:
    """Raise MachineError, before the work begins, if the file's folder is not there."""
    if not os.path.isdir(path.parent):
        raise MachineError(f"cannot write {path}: there is no folder {path.parent}", "make it")


def require_own_file(path: Path, mark: str, what: str, force: bool) -> None:
    """See that a file may be written: nothing is there, or a file with ``mark`` in its head.

    ``what`` such a file is; with ``force`` any file is replaced. Raises UsageError, MachineError.
    """
    require_place_for_file(path)
    if path.is_dir():
        raise UsageError(f"{path} is a folder", f"name a file such as page{path.suffix or '.html'}")
    if os.path.lexists(path) and not (force and path.is_file()) and not _has(path, mark):
        raise UsageError(f"{path} exists and is not {what}", "choose another file, or add --force")
    require_folder_for_file(path)


def _has(path: Path, mark: str) -> bool:
    with suppress(OSError):
        if path.is_file():  # a pipe would be waited for
            with path.open("rb") as file:
                return mark.encode() in file.read(HEAD_BYTES)
    return False


def make_folder(path: Path) -> Path:
    """The folder, made if it is not there, with those above it. Raises MachineError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(path, error) from error
    return path


def sync_folder(folder: Path) -> bool:
    """Make the folder's entries durable; False where the system or its disk cannot.

    The files themselves were synced, so that power loss may then cost the newest names alone.
    """
    if os.name == "nt":
        return False
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in NO_FOLDER_SYNC:
            raise
        return False
    return True


def sweep_temporaries(folder: Path) -> None:
    """Remove what a killed process left half written."""
    for stale in folder.glob(f"*{TEMPORARY}"):
        _remove(stale)


def disk_error(path: Path, error: OSError, size: int = 0) -> MachineError:
    """What the system refused, in one line."""
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        free = shutil.disk_usage(path.parent).free
        needed = f"{size:,} bytes needed, " if size else ""
        return MachineError(
            f"{NO_ROOM} {path} ({error.strerror}; {needed}{free:,} bytes free on the disk)",
            "free some space or raise the limit; what was saved before is intact",
        )
    refused = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    kind = NotWritableError if refused else MachineError
    return kind(f"cannot write {path}: {error.strerror or error}", "check the folder")


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _write_all(file: BinaryIO, content: bytes) -> None:
    file.write(content)
