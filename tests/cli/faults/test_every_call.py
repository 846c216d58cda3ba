"""A crash, or an error of the disk, at every single write, fsync and rename of a training.

After each of them a run is there that resumes, and ends as if nothing had happened, or there is
none at all.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from nnfs_cli.cli.app import run
from nnfs_cli.runs.runs_folder import RunsFolder

from ..conftest import state
from .disk import Disk
from .effort import EFFORT
from .forked import call, forked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc of Linux")
slow = pytest.mark.slow
long = pytest.mark.skipif(EFFORT == 1, reason="NNFS_EFFORT=10 takes some minutes more")

CONFIG = """\
name: hard
data: {type: moons, samples: 40, test_samples: 10, validation: 0.25}
layers: [{type: dropout, rate: 0.2}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: sgd, lr: 0.05, momentum: 0.9}
schedule: {type: plateau, patience: 1, gamma: 0.5}
metrics: [accuracy]
train: {epochs: 3, batch_size: 10, early_stopping: {patience: 2}}
"""


@dataclass(frozen=True)
class Training:
    """A training of so many workers, and what it leaves where nothing interrupts it."""

    command: tuple[str, ...]
    left: dict[str, object]

    def expect_exactness(self) -> None:
        """The run there is ends as it should; where there is none, the next one does."""
        there = os.path.lexists("runs/latest")
        done = forked(*(("resume", "latest") if there else self.command)).result
        assert (done.code, done.errors) == (0, []), done
        newest = RunsFolder(Path("runs")).latest().path
        assert state(newest) == self.left
        assert not list(newest.rglob("*.tmp"))
        shutil.rmtree("runs")


@pytest.fixture(params=["1"])
def training(folder: Path, request: pytest.FixtureRequest) -> Training:
    Path("hard.yaml").write_text(CONFIG)
    command = ("train", "hard.yaml", "-q", "--workers", request.param)
    assert forked(*command, "--run-dir", "whole").result.code == 0
    return Training(command, state(Path("whole")))


def calls_of(*arguments: str, pause: float) -> list[str]:
    """What a training asks of the disk, in order, saving after ``pause`` seconds at least."""

    def work() -> int:
        disk = Disk()
        disk.install(pause)
        code = run(list(arguments))
        with disk.open("calls.txt", "w") as file:
            file.write("\n".join(disk.calls))
        return code

    assert call(work).result.code == 0
    shutil.rmtree("runs")
    return Path("calls.txt").read_text().splitlines()


def codes_after(action: str, name: str) -> set[int]:
    """What a training may end with after an action at a call of this name."""
    if action == "SIGKILL":
        return {-9}
    if name in ("symlink .latest", "replace latest") or (
        action == "EINTR" and name.startswith("write")
    ):
        return {0}  # latest is a text file then; Python writes again
    return {0, 5} if name.startswith("mkdir") else {5}


@pytest.mark.parametrize(
    ("action", "pause", "training"),
    [
        pytest.param("SIGKILL", 9.0, "1", marks=slow),
        pytest.param("ENOSPC", 9.0, "1", marks=slow),
        pytest.param("EINTR", 9.0, "1", marks=slow),
        pytest.param("EIO", 0.0, "1", marks=[slow, long]),
        pytest.param("EDQUOT", 9.0, "2", marks=[slow, long]),
        pytest.param("SIGKILL", 0.0, "2", marks=[slow, long]),
    ],
    indirect=["training"],
)
def test_a_fault_at_every_call(training: Training, action: str, pause: float) -> None:
    calls = calls_of(*training.command, pause=pause)
    assert len(calls) > 50
    for nth, name in enumerate(calls, 1):
        disk = Disk(action, nth=nth)
        result = forked(*training.command, prepare=lambda d=disk: d.install(pause)).result
        assert result.code in codes_after(action, name), (nth, name, result)
        assert len(result.errors) == (result.code > 0), (nth, name, result)
        training.expect_exactness()


@pytest.mark.parametrize(
    "thirteenths", [pytest.param(n, marks=() if n % 4 == 1 else slow) for n in range(1, 13)]
)
def test_a_limit_of_file_sizes(training: Training, thirteenths: int) -> None:
    size = Path("whole/checkpoints/last.npz").stat().st_size * thirteenths // 13

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    result = forked(*training.command, prepare=limit).result
    assert "no room to write runs" in result.refused(5)
    training.expect_exactness()
