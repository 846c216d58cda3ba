"""Train neural networks written from scratch in NumPy, from a YAML file or from Python.

``from nnfs_cli import Adam, CrossEntropy, Dense, Sequential, load_run, train``: every component
has its class here, imported when it is first asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing takes longer than everything else here
    from typing import Any

__version__ = "0.2.0"

_HOMES = {
    "train": "nnfs_cli.library",
    "load_run": "nnfs_cli.loading",
    "data_from_arrays": "nnfs_cli.data.memory",
    "Model": "nnfs_cli.model",
    "Layer": "nnfs_cli.layers.layer",
    "Loss": "nnfs_cli.losses.loss",
    "Optimizer": "nnfs_cli.optimizers.optimizer",
    "Schedule": "nnfs_cli.schedules.schedule",
    "Initializer": "nnfs_cli.initializers.initializer",
    "Metric": "nnfs_cli.metrics.metric",
    "Dataset": "nnfs_cli.data.dataset",
    "Augmentation": "nnfs_cli.augmentations.augmentation",
    "layer": "nnfs_cli.component",
    "loss": "nnfs_cli.component",
    "optimizer": "nnfs_cli.component",
    "schedule": "nnfs_cli.component",
    "initializer": "nnfs_cli.component",
    "metric": "nnfs_cli.component",
    "dataset": "nnfs_cli.component",
    "augmentation": "nnfs_cli.component",
    "NnfsError": "nnfs_cli.errors",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name.startswith("_"):
        raise AttributeError(f"module 'nnfs_cli' has no attribute {name!r}")
    for members in import_module("nnfs_cli.registry").registry().values():
        for member in members.values():
            if member.__name__ == name:
                return member
    raise AttributeError(f"module 'nnfs_cli' has no attribute {name!r}")
