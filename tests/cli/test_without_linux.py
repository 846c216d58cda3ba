"""What the code does without the calls of Linux, which is what is promised elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, latest, record

BARE = """\
import builtins, io, os, sys, warnings

GONE = ("/proc", "/dev/shm", "/sys/fs/cgroup")

def closed(real):
    def call(path, *rest, **options):
        if isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(GONE):
            raise FileNotFoundError(2, "No such file or directory", os.fspath(path))
        return real(path, *rest, **options)
    return call

for module, name in ((builtins, "open"), (io, "open"), (os, "open"), (os, "listdir"), (os, "stat")):
    setattr(module, name, closed(getattr(module, name)))
for name in ("fork", "forkpty", "sched_getaffinity"):
    delattr(os, name)
for name in ("fcntl", "resource", "_multiprocessing", "_posixshmem", "termios", "pwd", "grp"):
    sys.modules[name] = None
warnings.filterwarnings("ignore", "only soft file lock")  # filelock's, of no system we know

from nnfs_cli.cli.app import run
sys.exit(run(sys.argv[1:]))
"""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="takes Linux's calls away")


def bare(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BARE, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.mark.slow
def test_the_main_job(toy: Path) -> None:
    for command in (
        ("train", "toy.yaml", "-q"),
        ("eval",),
        ("runs",),
        ("check", "toy.yaml"),
        ("resume", "latest", "--epochs", "4", "-q"),
    ):
        done = bare(*command)
        assert (done.returncode, done.stderr) == (0, ""), (command, done.stderr)
    assert record(latest())["epochs"] == 4


def test_several_workers_are_refused(toy: Path) -> None:
    done = bare("train", "toy.yaml", "train.workers=2", "-q")
    assert done.returncode in (2, 5)
    assert done.stderr.count("\n") == 1
    assert "train.workers=1" in done.stderr
