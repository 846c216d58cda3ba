"""Limits on the gradient, so that one steep place does not throw the weights away."""

from __future__ import annotations

import math

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.team import Team


def clip(grads: Array, norm: float | None, value: float | None, team: Team) -> None:
    """Limit each entry of the gradient to ±``value``, then its Euclidean length to ``norm``.

    ``grads`` is this worker's shard of the whole team's gradient.
    Pascanu et al., "On the difficulty of training recurrent neural networks", 2012,
    arXiv:1211.5063.
    """
    if value is not None:
        np.clip(grads, -value, value, out=grads)
    if norm is not None:
        length = math.sqrt(team.all_reduce(float(np.vdot(grads, grads))))
        if length > norm:
            grads *= norm / length
