"""Data from arrays in memory, for those who use the library from Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nnfs_cli.data.arrays import ChannelOrder
from nnfs_cli.data.dataset import Dataset
from nnfs_cli.data.datasets.npz import Pair, from_arrays
from nnfs_cli.data.prepare import Data, assemble
from nnfs_cli.data.tables.targets import Task


def data_from_arrays(
    inputs: npt.ArrayLike,
    targets: npt.ArrayLike,
    test: tuple[npt.ArrayLike, npt.ArrayLike] | float = 0.2,
    task: Task = "auto",
    channels: ChannelOrder = "auto",
    **settings: Any,
) -> Data:
    """Data for `train` from inputs (N, ...) and targets (N,) or (N, k).

    ``test`` is a pair of test arrays, or the fraction to split off; ``channels`` is where images
    have their channels. The settings are those of every data set: ``validation``, ``split_seed``,
    ``limit``, ``normalize``. Raises DataError if the arrays do not fit together. The arrays
    themselves are never changed.
    """
    train: Pair = np.asarray(inputs), np.asarray(targets)
    if isinstance(test, tuple):
        pair: Pair | None = (np.asarray(test[0]), np.asarray(test[1]))
        fraction = 0.0
    else:
        pair, fraction = None, test
    return assemble(
        from_arrays(train, pair, fraction, task, channels), Dataset(**settings), "arrays"
    )
