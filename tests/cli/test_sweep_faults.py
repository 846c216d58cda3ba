"""What the system refuses a sweep in the middle: it ends, says why, and goes on later."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from .conftest import Nnfs
from .sweeping import rows


@pytest.mark.skipif(sys.platform != "linux", reason="trials are forked on Linux")
def test_no_more_processes(nnfs: Nnfs, xor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial that never began is not waited for."""
    fork, calls = os.fork, 0

    def scarce() -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    monkeypatch.setattr(os, "fork", scarce)
    line = nnfs("sweep", xor, "seed=0..3", "train.epochs=2", "--jobs", "2").refused(5)
    assert "no process can be started for trial 2 (Resource temporarily unavailable)" in line
    assert "lower --jobs; then go on with `nnfs sweep --resume" in line
    assert nnfs("sweep", "--resume", "--jobs", "2").code == 0
    assert [row["status"] for row in rows()] == ["finished"] * 4


@pytest.mark.parametrize("command", ["check", "sweep"])
@pytest.mark.parametrize("key", ["config", "runs", "init_from"])
def test_a_path_that_is_none(nnfs: Nnfs, xor: Path, command: str, key: str) -> None:
    keys = {"config": "xor.yaml", "changes": "[seed=0]", key: r'"a\0b"'}
    Path("s.yaml").write_text("".join(f"{name}: {value}\n" for name, value in keys.items()))
    line = nnfs(command, "s.yaml").refused(2)
    assert "s.yaml names 'a\\x00b', which is no path" in line
