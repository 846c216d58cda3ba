"""However the workers are delayed, and wherever, a training gives the same bytes.

Each worker sleeps at random between any two lines of the package, on one processor or on all.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import nnfs_cli
from nnfs_cli.compute.process_team import can_fork
from nnfs_cli.compute.team import Team
from nnfs_cli.training.loop import Training

from ..cli.faults.effort import EFFORT
from ..compute.test_process_team import training

pytestmark = pytest.mark.skipif(not can_fork(), reason="only Linux forks workers")

PACKAGE = str(Path(nnfs_cli.__file__).parent)
LONGEST = 0.002
"""Seconds of a delay."""
LAGGARD, OTHERS = 0.1, 0.002
"""How probable a delay is before a line, of the one worker that is slow, and of the others."""
DIGITS = {"type": "digits", "limit": 103}
DENSE = {"type": "dense", "units": 10}
QUICK = {("classes", 3)}
"""What the default suite delays; the slow tests delay all."""
KINDS: dict[str, dict[str, Any]] = {
    "classes": {},
    "dropout": {
        "layers": ["flatten", {"type": "dropout", "rate": 0.3}, DENSE],
        "schedule": "cosine",
    },
    "values": {
        "data": {"type": "sine", "samples": 83, "validation": 0.2},
        "layers": [
            {"type": "dense", "units": 7},
            "batch_norm",
            "tanh",
            {"type": "dense", "units": 1},
        ],
        "loss": "huber",
        "optimizer": "adam",
        "metrics": ["mae", "rmse", "r2"],
    },
    "augmented": {
        "data": DIGITS | {"augment": [{"type": "shift", "pixels": 1}]},
        "layers": [{"type": "conv2d", "filters": 3, "kernel_size": 3}, "relu", "flatten", DENSE],
        "loss": "cross_entropy",
        "optimizer": "lion",
        "metrics": ["accuracy", "top_k"],
    },
}


def small(kind: str, workers: int) -> Training:
    """A training of two epochs, in few steps."""
    train = {"epochs": 2, "batch_size": 25, "clip_norm": 0.5}
    return training(workers, **{"data": DIGITS, "train": train} | KINDS[kind])


@contextmanager
def delays(team: Team, seed: int) -> Iterator[None]:
    """Within it, every worker sleeps at random before lines of the package, one of them often."""
    numbers = [random.Random(f"{seed} {rank}") for rank in range(team.size)]
    chances = [LAGGARD if rank == seed % team.size else OTHERS for rank in range(team.size)]

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        draw = numbers[team.rank]
        if draw.random() < chances[team.rank]:
            time.sleep(draw.random() * LONGEST)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


@contextmanager
def processors(count: int) -> Iterator[None]:
    """Run on so many processors, if there are as many."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:count]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def outcome(ours: Training) -> dict[str, bytes]:
    """All that a training leaves, by name, as bytes."""
    progress = ours.snapshot()
    arrays = {"values": ours.model.flat.all_values} | ours.optimizer.memory
    arrays |= {path: buffer.value for path, buffer in ours.model.named_buffers().items()}
    texts = {name: repr(value).encode() for name, value in vars(progress).items()}
    return {name: array.tobytes() for name, array in arrays.items()} | texts


def trained(kind: str, workers: int) -> dict[str, bytes]:
    ours = small(kind, workers)
    for _ in ours:
        pass
    return outcome(ours)


def delayed(kind: str, workers: int, seed: int) -> dict[str, bytes]:
    ours = small(kind, workers)
    with delays(ours.team, seed):
        for _ in ours:
            pass
    return outcome(ours)


def differences(kind: str, workers: int, seeds: range) -> list[str]:
    expected = trained(kind, workers)
    found = []
    for seed in seeds:
        with processors(1 + seed % 2):
            other = delayed(kind, workers, seed)
        found += [f"seed {seed}: {name}" for name in expected if expected[name] != other[name]]
    return found


@pytest.mark.parametrize(
    ("kind", "workers"),
    [
        pytest.param(kind, workers, marks=[] if (kind, workers) in QUICK else pytest.mark.slow)
        for kind in KINDS
        for workers in (2, 3)
    ],
)
def test_delays_change_nothing(kind: str, workers: int) -> None:
    assert differences(kind, workers, range(min(workers, 2))) == []


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 3, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_many_delays_change_nothing(kind: str, workers: int) -> None:
    assert differences(kind, workers, range(10, 10 + 5 * EFFORT)) == []
