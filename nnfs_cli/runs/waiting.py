"""Waiting for a run that another process trains."""

from __future__ import annotations

import time
from contextlib import suppress

from nnfs_cli.errors import DataError
from nnfs_cli.runs.record import RUNNING
from nnfs_cli.runs.run import Run

LOOK_AGAIN_SECONDS = 0.5
MAX_SILENCE_SECONDS, SAVES_MISSED = 600.0, 3
"""How long, or for how many checkpoints, a run may not change that no lock tells of."""


def wait_for(run: Run, saves_every: float) -> None:
    """Return when no process trains the run any more, or it is gone.

    Raises LockedError where that cannot be known and nothing of it has changed for long; it should
    be saved every so many seconds.
    """
    silence = max(MAX_SILENCE_SECONDS, SAVES_MISSED * saves_every)
    seen, since = _trail(run), time.monotonic()
    try:
        while run.status() == RUNNING:
            time.sleep(LOOK_AGAIN_SECONDS)
            if run.is_locked() or _trail(run) != seen:
                seen, since = _trail(run), time.monotonic()
            elif time.monotonic() - since > silence:
                quiet = f"nothing of it changed in {silence / 60:.0f} minutes"
                raise run.locked(f"run {run.id} says running, but {quiet}")
    except DataError:
        return


def _trail(run: Run) -> list[tuple[int, int]]:
    """When the files that grow last changed, and how large they are."""
    found = []
    for name in ("run.json", "metrics.csv", "train.log", "checkpoints/last.npz"):
        with suppress(OSError):
            now = (run.path / name).stat()
            found.append((now.st_mtime_ns, now.st_size))
    return found
