"""Interrupted, terminated, hung up: saved within two seconds. More of it is in faults/."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Nnfs, latest, record, state

Start = Callable[..., "subprocess.Popen[str]"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

SLOW = """\
name: slow
data: {type: digits}
layers:
  - flatten
  - {type: dense, units: 512}
  - batch_norm
  - relu
  - {type: dropout, rate: 0.2}
  - {type: dense, units: 512, activation: relu}
  - {type: dropout, rate: 0.2}
  - {type: dense, units: 10}
loss: cross_entropy
optimizer: {type: sgd, lr: 0.0002, momentum: 0.9}
schedule: {type: plateau, patience: 1, gamma: 0.5}
metrics: [accuracy]
train:
  epochs: 20
  batch_size: 2
  clip_norm: 5.0
  early_stopping: {patience: 2, min_delta: 0.05}
  checkpoint: {monitor: val_accuracy, every_seconds: 1}
"""


@pytest.fixture
def slow(folder: Path) -> Path:
    path = folder / "slow.yaml"
    path.write_text(f"{SLOW}  workers: 1\n")
    return path


def wait_until(process: subprocess.Popen[str], reached: Callable[[], bool]) -> None:
    while process.poll() is None and not reached():
        time.sleep(0.01)


def saved_since(began: int) -> bool:
    """Whether the latest run has a checkpoint that was written after a time in ns."""
    last = latest() / "checkpoints/last.npz"
    return last.exists() and last.stat().st_mtime_ns > began


def start_and_save(start: Start, slow: Path) -> subprocess.Popen[str]:
    """A training that has written a checkpoint after the one of step 0."""
    began = time.time_ns()
    process = start("train", slow)
    wait_until(process, lambda: saved_since(began))
    began = time.time_ns()
    wait_until(process, lambda: saved_since(began))
    return process


def resume(start: Start) -> subprocess.Popen[str]:
    began = time.time_ns()
    process = start("resume", "latest")
    wait_until(process, lambda: (latest() / "run.json").stat().st_mtime_ns > began)
    return process


def interrupt(process: subprocess.Popen[str], number: int) -> str:
    """Send a signal to a training; return what it said, once it has saved within 2 seconds."""
    time.sleep(0.15)
    assert process.poll() is None, "it was over before the signal"
    process.send_signal(number)
    signalled = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - signalled < 2.0
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number), err
    return err


def finish(nnfs_process: Nnfs) -> None:
    result = nnfs_process("resume", "latest")
    assert result.code == 0, result.err
    assert record(latest())["status"] == "finished"


@pytest.mark.slow
def test_a_resumed_training_is_exact(start: Start, nnfs_process: Nnfs, slow: Path) -> None:
    assert nnfs_process("train", slow, "-q").code == 0
    whole = latest()
    assert record(whole)["epochs"] < 20, "it should have stopped early"
    interrupt(start_and_save(start, slow), signal.SIGKILL)
    assert latest() != whole
    assert "interrupted" in nnfs_process("runs").out
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        err = interrupt(resume(start), number)
        assert f"go on with `nnfs resume runs/{latest().name}`" in err
        assert err.count("error: ") == 1
        assert record(latest())["status"] == "interrupted"
    finish(nnfs_process)
    assert state(latest()) == state(whole)
    assert record(latest())["test"] == record(whole)["test"]


def test_a_second_interruption_stops_at_once(start: Start, slow: Path) -> None:
    process = start_and_save(start, slow)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err
