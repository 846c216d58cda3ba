"""The choice of workers: how many share each batch."""

from __future__ import annotations

from nnfs_cli.compute.process_team import Workers, can_fork, require_processes
from nnfs_cli.compute.resources import processors
from nnfs_cli.compute.team import Team
from nnfs_cli.data.batches import Batches
from nnfs_cli.errors import MachineError, UsageError
from nnfs_cli.nn.model import Model

WORTH_SHARING = 20_000_000
"""Floating point operations of a step."""


def team_of(size: int | None, model: Model, batches: Batches) -> Team:
    """A team of so many workers; None for a number that suits the work and can be had here.

    Raises UsageError where they have nothing to do, MachineError where they cannot be had.
    """
    smallest = len(batches.samples) % batches.batch_size or batches.batch_size
    if size is None:
        return _fitting_team(min(fitting_workers(model, batches.batch_size), smallest))
    if size == 1:
        return Team()
    if size > smallest:
        raise UsageError(
            f"{size} workers cannot share a batch of {smallest}, the smallest there is",
            f"set train.workers={smallest}, or another train.batch_size",
        )
    require_processes()
    return Workers(size)


def _fitting_team(size: int) -> Team:
    team = Team()
    if size > 1:
        try:
            require_processes()
            return Workers(size)
        except MachineError as error:
            team.alone_because = error.message
    return team


def fitting_workers(model: Model, batch_size: int) -> int:
    """Two where there are two processors and a step is worth sharing, else one.

    A fixed rule, measured with benchmarks/run.py: a step of 20 million operations takes two
    workers three quarters of the time of one, of 80 million 0.6; smaller ones soon take longer.
    """
    # Backward computes two products for every product of forward.
    operations = 3 * model.flops(model.input_shape) * batch_size
    worth_it = can_fork() and processors() > 1 and operations >= WORTH_SHARING
    return 2 if worth_it else 1
