"""A trial of epochs that are too short for their steps alone to say how long they take."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from nnfs_cli.errors import InterruptedRun, NnfsError
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.loop import Epoch

SHORT = 0.05
"""Seconds of an epoch, below which what else it costs is much beside its steps."""
TRIAL_EPOCHS = 80
TRIAL_SECONDS = 0.5


def seconds_of_epoch(request: Request, steps: float) -> float:
    """What an epoch takes whose steps and validation take ``steps`` seconds."""
    return steps if steps >= SHORT else seconds_per_short_epoch(request) or steps


def seconds_per_short_epoch(request: Request) -> float | None:
    """What an epoch takes, all told: its steps, validation, rows and checkpoints.

    The training begins in a temporary folder, and is left after some epochs, of which the later
    half counts: of the first ones more is measured. None if that cannot be: without a place for
    such a folder, or if the training fails, which is for the training itself to say.
    """
    times: list[float] = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            trial = replace(request, runs=RunsFolder(Path(folder)), run_dir=None, skip_done=False)
            with closing(start(trial)) as events:
                for event in events:
                    if isinstance(event, Epoch):
                        times.append(time.perf_counter())
                        if len(times) > TRIAL_EPOCHS or times[-1] - times[0] > TRIAL_SECONDS:
                            break
    except InterruptedRun:
        raise KeyboardInterrupt from None
    except (NnfsError, OSError):
        return None
    half = len(times) // 2
    return (times[-1] - times[half]) / (len(times) - 1 - half) if len(times) > 2 else None
