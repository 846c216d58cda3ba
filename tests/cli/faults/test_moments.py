"""Killed within an epoch, or interrupted at random moments: resumed, nothing is different."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nnfs_cli.runs.checkpointing import Checkpointer

from ..conftest import Nnfs, latest, state
from .disk import Disk
from .effort import EFFORT
from .forked import forked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers and /proc of Linux")
KILLS = 6 * EFFORT
"""For each number of workers."""
SIGNALS = [*[signal.SIGKILL] * 3, signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
CONFIG = """\
name: hard
data:
  type: digits
  limit: {samples}
  validation: 0.25
  augment: [{{type: rotate, degrees: 10}}, {{type: shift, pixels: 1}}, {{type: noise}}]
layers:
  - {{type: conv2d, filters: 4, kernel_size: 3}}
  - batch_norm
  - relu
  - flatten
  - {{type: dropout, rate: 0.2}}
  - {{type: dense, units: 10}}
loss: cross_entropy
optimizer: {{type: adam, lr: 0.002}}
schedule: {{type: plateau, patience: 1, gamma: 0.5}}
metrics: [accuracy]
train:
  epochs: {epochs}
  batch_size: 4
  early_stopping: {{patience: 3, min_delta: 0.01}}
  checkpoint: {{every_seconds: 1}}
  workers: {workers}
"""
Start = Callable[..., "subprocess.Popen[str]"]


def save_at_every_step(self: Checkpointer) -> None:
    """The 20th of these is in the third epoch."""
    self.save()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_within_epochs(folder: Path, workers: int) -> None:
    Path("hard.yaml").write_text(CONFIG.format(samples=64, epochs=4, workers=workers))
    assert forked("train", "hard.yaml", "--run-dir", "whole").result.code == 0

    def prepare() -> None:
        Checkpointer.after_step = save_at_every_step  # type: ignore[method-assign]
        Disk("SIGKILL", "replace last.npz", 4).install()

    command, kills = ("train", "hard.yaml"), 0
    while (done := forked(*command, prepare=prepare).result).code == -signal.SIGKILL:
        command, kills = ("resume", "latest"), kills + 1
    assert (done.code, done.errors) == (0, [])
    assert kills > 5
    assert state(latest()) == state(Path("whole"))


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_interrupted_at_random_moments(
    start: Start, nnfs_process: Nnfs, folder: Path, workers: int
) -> None:
    moments, kills, seed = random.Random(workers), 0, 0
    Path("hard.yaml").write_text(CONFIG.format(samples=1400, epochs=20, workers=workers))
    while kills < KILLS:
        seed += 1
        train = ("train", "hard.yaml", f"seed={seed}")
        assert nnfs_process(*train, "-q", "--run-dir", f"whole-{seed}").code == 0
        kills += train_with_interruptions(start, train, moments, KILLS - kills)
        assert state(latest()) == state(Path(f"whole-{seed}"))
    print(f"{kills} interruptions of {seed} trainings")


def train_with_interruptions(
    start: Start, train: tuple[str, ...], moments: random.Random, most: int
) -> int:
    """Train to the end, interrupted again and again, but at ``most`` so often; how often."""
    before = set(Path("runs").glob("2*"))
    process, kills = start(*train), 0
    while True:
        number = moments.choice(SIGNALS)
        if kills < most:
            time.sleep(moments.uniform(0.2, 2.5))
            process.send_signal(number)
        _, err = process.communicate(timeout=120)
        assert err.count("Traceback") == 0, err
        if process.returncode == 0:
            return kills
        assert process.returncode in (-number, 128 + number), err
        kills += 1
        there = Path("runs/latest").exists() and latest() not in {p.resolve() for p in before}
        process = start(*(("resume", "latest") if there else train))
