"""Data from arrays in memory, for those who use the library from Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy.typing as npt

from nnfs_cli.components.component import nearest
from nnfs_cli.compute.arrays import as_array
from nnfs_cli.data.array_targets import Pair
from nnfs_cli.data.arrays import ChannelOrder
from nnfs_cli.data.dataset import Dataset
from nnfs_cli.data.datasets.npz import from_arrays
from nnfs_cli.data.prepare import Data, assemble
from nnfs_cli.data.tables.several_labels import USUAL, Threshold
from nnfs_cli.data.tables.targets import Task
from nnfs_cli.errors import UsageError


def data_from_arrays(
    inputs: npt.ArrayLike,
    targets: npt.ArrayLike,
    test: tuple[npt.ArrayLike, ...] | float = 0.2,
    task: Task = "auto",
    channels: ChannelOrder = "auto",
    threshold: Threshold = USUAL,
    sample_weight: npt.ArrayLike | None = None,
    **settings: Any,
) -> Data:
    """Data for `train` from inputs (N, ...) and targets (N,) or (N, k).

    ``sample_weight`` (N,) is what each sample counts for in the loss and in the metrics. ``test``
    is a pair of test arrays, or three with their weights, or the fraction to split off;
    ``channels`` is where images have their channels; ``threshold`` the probability from which a
    label is answered, where a sample has several. The settings are those of every data set:
    ``validation``, ``split_seed``, ``limit``, ``limit_takes``, ``normalize``. Raises UsageError for
    a setting that cannot be, DataError if the arrays do not fit together. The arrays themselves are
    never changed.
    """
    _require_word("task", task, get_args(Task))
    _require_word("channels", channels, get_args(ChannelOrder))
    train = _pair((inputs, targets), "")
    pair, fraction = None, 0.0
    weights = {} if sample_weight is None else {"train": sample_weight}
    if isinstance(test, tuple | list) and len(test) in (2, 3):
        pair = _pair(test[:2], "test ")
        weights |= {"test": test[2]} if len(test) > 2 else {}
    elif isinstance(test, float | int) and not isinstance(test, bool) and 0.0 <= test < 1.0:
        fraction = test
    else:
        raise UsageError(
            f"test expects a pair of arrays or a fraction from 0 to below 1, received {test!r:.60}"
        )
    loaded = from_arrays(
        train,
        pair,
        fraction,
        task,
        channels,
        threshold=threshold,
        weights={name: as_array(given, "sample_weight") for name, given in weights.items()},
    )
    return assemble(loaded, Dataset(**settings), "arrays")


def _pair(pair: Sequence[npt.ArrayLike], which: str) -> Pair:
    inputs, targets = pair
    return as_array(inputs, f"the {which}inputs"), as_array(targets, f"the {which}targets")


def _require_word(key: str, word: Any, known: Sequence[str]) -> None:
    if not isinstance(word, str) or word not in known:
        hint = nearest(word, known) if isinstance(word, str) else f"known are {', '.join(known)}"
        raise UsageError(f"{key} cannot be {word!r:.60}", hint)
