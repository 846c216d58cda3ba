"""What lies in a run folder is opened only through here: the folder may come from anybody.

A link may lead out of it, a pipe or a device may stand where a file is expected and hang or flood
its reader, a file may be of any size.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from nnfs_cli.atomic import TEMPORARY
from nnfs_cli.errors import DataError

OWN_NAMES = {"config.yaml", "config.orig.yaml", "run.json", "metrics.csv", "checkpoints", "eval"}
OWN_NAMES |= {"layers.csv", "plots", "train.log", ".lock", "finished", "annotations.json"}
OWN_NAMES |= {"report.html", "tensorboard"}
AS_IT_IS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW if hasattr(os, "O_NOFOLLOW") else None
"""How to open what may be no file: no link is followed, no pipe waited for. Windows cannot."""


def has_only_own_files(folder: Path) -> bool:
    """Whether a folder has nothing that is not a run's: it is one, or was to become one."""
    names = [entry.name for entry in folder.iterdir()]
    return all(name in OWN_NAMES or name.endswith(TEMPORARY) for name in names)


def no_record(folder: Path, goes_on: bool, is_locked: bool) -> DataError:
    """Why a folder has no run.json: its training ``goes_on`` without, is about to write it, or was
    killed before it could."""
    message = f"{folder} is not a run: it has no run.json"
    if goes_on:
        return DataError(message, f"`nnfs resume {folder}` writes it anew")
    if is_locked:
        return DataError(f"{folder} is a run that another process is about to begin", "wait for it")
    if os.path.lexists(folder / ".lock") and has_only_own_files(folder):
        message = f"{folder} is what a training left that was killed before it began"
        return DataError(message, f"`nnfs runs rm {folder.name}` removes it")
    return DataError(message)


def own_file(folder: Path, path: Path, max_bytes: int | None = None) -> Path:
    """The ``path``, where a regular file of the ``folder``'s own is, or nothing.

    Raises DataError if anything else is there, a larger file, or a link that leads out of it.
    """
    found = _own(folder, path)
    if found is None:
        return path
    if not stat.S_ISREG(found.st_mode):
        raise DataError(f"{path} is no regular file", "remove what is in its place")
    if max_bytes is not None and found.st_size > max_bytes:
        raise DataError(f"{path} has {found.st_size:,} bytes, more than any run writes there")
    return path


def own_bytes(folder: Path, name: str, max_bytes: int) -> bytes | None:
    """What is in a file of the ``folder``'s own; None if there is no such file.

    Raises DataError as :func:`own_file` does, and if it cannot be read.
    """
    if AS_IT_IS is not None:  # quickly: there may be thousands of runs
        with suppress(OSError):
            descriptor = os.open(f"{folder}{os.sep}{name}", AS_IT_IS)
            try:
                found = os.fstat(descriptor)
                if stat.S_ISREG(found.st_mode) and found.st_size <= max_bytes:
                    content = os.read(descriptor, found.st_size)
                    if len(content) == found.st_size:
                        return content
            finally:
                os.close(descriptor)
    path = own_file(folder, folder / name, max_bytes)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None


def own_folder(folder: Path, path: Path) -> Path:
    """The ``path``, where a folder inside the ``folder`` is, or nothing. Raises DataError."""
    found = _own(folder, path)
    if found is not None and not stat.S_ISDIR(found.st_mode):
        raise DataError(f"{path} is no folder", "remove what is in its place")
    return path


def _own(folder: Path, path: Path) -> os.stat_result | None:
    """What is at ``path``; None if nothing is."""
    if path.parent == folder and path.name != os.pardir:  # then only a link leads elsewhere
        with suppress(OSError):
            found = os.lstat(path)
            if not stat.S_ISLNK(found.st_mode):
                return found
    real, root = os.path.realpath(path), os.path.realpath(folder)
    if os.path.commonpath([real, root]) != root:
        raise DataError(f"{path} leads out of the run's folder", "put a file of its own there")
    try:
        return os.stat(path)
    except FileNotFoundError:
        if os.path.islink(path):
            raise DataError(f"{path} is a link that leads nowhere", "remove it") from None
        return None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}", "check the folder") from None
