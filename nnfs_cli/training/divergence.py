"""What to say of a training whose numbers are no longer finite."""

from __future__ import annotations

from nnfs_cli.errors import DivergedError

LOWER = "lower optimizer.lr, add `schedule: {warmup: 0.05}` or set train.clip_norm"
SMALLER = "no step was taken: inputs or weights are too large; set data.normalize: standard"


def diverged(what: str, epoch: int, step: int, lr: float) -> DivergedError:
    """The error behind so many finished epochs and steps; before the first no rate is at fault."""
    where = f"step {step + 1} (epoch {epoch + 1}, learning rate {lr:.3g})"
    return DivergedError(f"diverged: {what} at {where}", LOWER if step else SMALLER)
