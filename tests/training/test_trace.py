"""The losses of steps that a checkpoint holds: all of a short training, some of a long one."""

from __future__ import annotations

import pytest

from nnfs_cli.training.loop import MAX_TRACE, Progress


@pytest.mark.parametrize("steps", [1, MAX_TRACE, MAX_TRACE + 1, 12_345])
def test_losses_are_thinned_evenly(steps: int) -> None:
    progress = Progress()
    for step in range(1, steps + 1):
        progress.step = step
        progress.note(step / 2)
    every = progress.trace_every
    assert progress.trace == [[step, step / 2] for step in range(every, steps + 1, every)]
    assert min(steps, MAX_TRACE // 2) <= len(progress.trace) <= MAX_TRACE
    assert every == 1 or steps > MAX_TRACE
