"""A training of several processes: signals to all of them, stops, and deaths of any."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from .conftest import Nnfs, latest, record, state
from .faults.effort import EFFORT

Start = Callable[..., "subprocess.Popen[str]"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers and /proc of Linux")

GROUP = """\
name: group
data: {type: digits, limit: 500, validation: 0.2}
layers:
  - flatten
  - {type: dense, units: 24}
  - batch_norm
  - relu
  - {type: dropout, rate: 0.2}
  - {type: dense, units: 10}
loss: cross_entropy
optimizer: {type: adam, lr: 0.002}
metrics: [accuracy]
train: {epochs: 60, batch_size: 32, checkpoint: {every_seconds: 1}}
"""
ASKED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGXCPU)


@pytest.fixture
def group(folder: Path) -> Path:
    path = folder / "group.yaml"
    path.write_text(GROUP)
    return path


def workers_of(process: subprocess.Popen[str], count: int = 2) -> list[int]:
    """The processes that a training forked, once there are as many as that."""
    found = workers_or_end(process, count)
    assert found, f"no workers: {process.communicate()}"
    return found


def workers_or_end(process: subprocess.Popen[str], count: int) -> list[int]:
    """None where it ended before."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None:
        with suppress(OSError):
            found = [int(pid) for pid in children.read_text().split()]
            if len(found) == count:
                return found
        time.sleep(0.005)
    return []


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def ended(process: subprocess.Popen[str], workers: list[int]) -> str:
    """What a training said that ended, and left no process behind."""
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err, err
    deadline = time.monotonic() + 5  # the system ends workers of a process that was killed
    while not all(gone(pid) for pid in workers):
        assert time.monotonic() < deadline, "a worker lives on"
        time.sleep(0.01)
    return err


@pytest.mark.parametrize(
    "number", [ASKED[0], *(pytest.param(number, marks=pytest.mark.slow) for number in ASKED[1:])]
)
def test_a_signal_to_all_processes_saves(start: Start, group: Path, number: int) -> None:
    """As `timeout 1h nnfs train` and batch systems send it."""
    process = start("train", group, "train.workers=3", "train.epochs=9999", start_new_session=True)
    workers = workers_of(process)
    time.sleep(0.3)
    os.killpg(process.pid, number)
    err = ended(process, workers)
    assert process.returncode == 128 + number, err
    assert "everything is saved" in err
    assert record(latest())["status"] == "interrupted"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_worker_does_not_keep_a_training_from_ending(
    start: Start, group: Path, number: int
) -> None:
    process = start("train", group, "train.workers=3", "train.epochs=9999")
    workers = workers_of(process)
    os.kill(workers[1], signal.SIGSTOP)
    time.sleep(0.7)
    process.send_signal(number)
    signalled = time.monotonic()
    err = ended(process, workers)
    assert time.monotonic() - signalled < 5
    assert process.returncode == 128 + number, err


def test_a_training_ends_with_any_of_its_workers(start: Start, group: Path) -> None:
    process = start("train", group, "train.workers=3", "train.epochs=9999")
    workers = workers_of(process)
    time.sleep(0.3)
    os.kill(workers[1], signal.SIGKILL)
    err = ended(process, workers)
    assert process.returncode == 5
    assert "worker 2 of 3 failed: it ended with -9" in err
    assert record(latest())["status"] == "interrupted"


@pytest.mark.slow
def test_nohup_and_background_jobs_go_on(start: Start, group: Path) -> None:
    def ignore() -> None:
        for number in (signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)

    process = start("train", group, "train.workers=2", "train.epochs=30", preexec_fn=ignore)
    workers = workers_of(process, 1)
    for number in (signal.SIGHUP, signal.SIGINT):
        process.send_signal(number)
    err = ended(process, workers)
    assert process.returncode == 0, err


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4 * EFFORT))
def test_whatever_happens_to_whichever_process(
    start: Start, nnfs_process: Nnfs, group: Path, seed: int
) -> None:
    """Killed, stopped for a while, asked to end, at random; on one processor in every other trial.

    Resumed to its end, the training is the same as one that nothing happened to.
    """
    chance = random.Random(seed)
    size = chance.choice([2, 3, 5])
    options = ("train", group, f"train.workers={size}", f"seed={seed}")
    assert nnfs_process(*options, "--run-dir", "whole", "-q").code == 0
    prefix = ["taskset", "-c", "0"] if seed % 2 else []
    process = start(*options, "--run-dir", "broken", prefix=prefix, start_new_session=True)
    for _ in range(6):
        workers = workers_or_end(process, size - 1)
        happen(chance, process, workers)
        err = ended(process, workers)
        if process.returncode == 0:
            break
        assert process.returncode in (5, -9, *(128 + number for number in ASKED)), err
        if not Path("broken/checkpoints/last.npz").exists():
            pytest.skip("it was killed before it began")
        process = start("resume", "broken", prefix=prefix, start_new_session=True)
    if process.poll() is None:
        ended(process, [])
    assert process.returncode == 0 or nnfs_process("resume", "broken").code == 0
    assert state(Path("broken")) == state(Path("whole"))


def happen(chance: random.Random, process: subprocess.Popen[str], workers: list[int]) -> None:
    """One of the things that happen to processes, some time after they began."""
    time.sleep(chance.uniform(0.0, 1.5))
    pid = chance.choice([process.pid, *workers])
    what = chance.choice(["kill", "stop", "ask all", "stop and ask"])
    with suppress(ProcessLookupError):
        if what == "kill":
            os.kill(pid, signal.SIGKILL)
        elif what == "ask all":
            os.killpg(process.pid, chance.choice(ASKED))
        else:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(chance.uniform(0.1, 1.2))
            if what == "stop and ask":
                os.kill(process.pid, chance.choice(ASKED))
            if pid == process.pid or what == "stop":
                os.kill(pid, signal.SIGCONT)
