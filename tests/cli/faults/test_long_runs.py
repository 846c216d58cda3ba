"""Long runs take no more memory, files and time per epoch at their end than at their start."""

from __future__ import annotations

import os
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from nnfs_cli.data.source import Source
from nnfs_cli.runs.events import Finished
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.loop import Epoch

from ..conftest import TOY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc of Linux")


def long_run(folder: Path, *overrides: str) -> tuple[list[int], list[int], list[float]]:
    """Allocated bytes, open files, and seconds of the processor, at each epoch's end."""
    path = folder / "long.yaml"
    path.write_text(TOY)
    request = Request(
        path, overrides, runs=RunsFolder(folder / "runs"), source=Source(offline=True)
    )
    memory, files, seconds = [], [], []
    for event in start(request):
        if isinstance(event, Epoch):
            memory.append(tracemalloc.get_traced_memory()[0])
            files.append(len(os.listdir("/proc/self/fd")))
            seconds.append(time.process_time())
        assert not isinstance(event, Finished) or event.record.status == "finished"
    return memory, files, seconds


@pytest.mark.slow
def test_memory_and_files_do_not_grow(folder: Path) -> None:
    """2,000 steps in 50 epochs; the history and the traced losses take what they take."""
    tracemalloc.start()
    try:
        memory, files, _ = long_run(
            folder, "train.epochs=50", "train.batch_size=1", "data.validation=8"
        )
    finally:
        tracemalloc.stop()
    assert len(memory) == 50
    assert max(files[5:]) <= max(files[:5])
    assert memory[-1] - memory[24] < 100_000


@pytest.mark.slow
def test_a_thousand_epochs_take_linear_time(folder: Path) -> None:
    _, _, seconds = long_run(folder, "train.epochs=1000", "train.batch_size=full")
    quarters = [seconds[n + 249] - seconds[n] for n in range(0, 1000, 250)]
    assert quarters[3] < 3 * quarters[0]
