"""Lock: keeps other processes out, where the disk can; some network disks have no locks at all."""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from nnfs_cli.runs.holder import clear_holder, holder_lives, write_holder

try:
    import fcntl
except ImportError:  # Windows: a lock of another kind, which every disk has
    fcntl = None  # type: ignore[assignment]

UNSUPPORTED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS}
"""What disks answer that have no locks (NFS without lockd, FUSE)."""
HELD = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK}
PATIENCE = 0.3
"""Seconds to try for: looking whether a lock is held takes it for a moment."""
LOOK_AGAIN = 0.05


class Lock:
    """A lock on a file, free again when its process dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held = False
        self.promised = True
        """False once it was found that the disk has no locks.

        Then only processes that can see that the holder lives are kept out.
        """

    @cached_property
    def _lock(self) -> FileLock:
        """Made when it is needed: a list of runs opens thousands and locks none."""
        return FileLock(self.path)

    def acquire(self, seconds: float = PATIENCE) -> None:
        """Hold it. Raises TimeoutError if another process does, OSError if it cannot be written."""
        self.promised = _can_lock(self.path)
        if self.promised:
            try:
                self._lock.acquire(timeout=seconds)
            except Timeout:
                raise TimeoutError from None
        else:
            self._wait_for_holder(seconds)
            write_holder(self.path)
        self.held = True

    def _wait_for_holder(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while holder_lives(self.path):
            if time.monotonic() >= deadline:
                raise TimeoutError
            time.sleep(LOOK_AGAIN)

    def release(self) -> None:
        """Let others in again."""
        if self.promised:
            self._lock.release()
        elif self.held:
            with suppress(OSError):
                clear_holder(self.path)
        self.held = False

    def is_taken(self) -> bool | None:
        """Whether this or another process holds it; None where that cannot be found out.

        Nothing is written: a run that can only be read may be another user's.
        """
        if self.held:
            return True
        if fcntl is None:
            return self._is_taken_elsewhere()
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        except OSError:
            return None
        try:
            taken = _shared(descriptor)
        finally:
            os.close(descriptor)
        return holder_lives(self.path) if taken is None else taken

    def _is_taken_elsewhere(self) -> bool | None:
        try:
            self._lock.acquire(timeout=PATIENCE)
        except Timeout:
            return True
        except OSError:
            return None
        self._lock.release()
        return False


def _can_lock(path: Path) -> bool:
    """Whether the disk has locks; older versions of filelock take a refusal for a held lock."""
    if fcntl is None:
        return True
    flags = os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o644)
    try:
        return _shared(descriptor) is not None
    finally:
        os.close(descriptor)


def _shared(descriptor: int) -> bool | None:
    """Whether another process's lock keeps a shared one out; None if that cannot be told."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            return True
        if error.errno in UNSUPPORTED:
            return None
        raise
    return False
