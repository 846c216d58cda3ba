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
    "train": "nnfs_cli.training.train",
    "load_run": "nnfs_cli.runs.load",
    "data_from_arrays": "nnfs_cli.data.from_arrays",
    "Model": "nnfs_cli.nn.model",
    "Layer": "nnfs_cli.nn.layer",
    "Loss": "nnfs_cli.nn.loss",
    "Optimizer": "nnfs_cli.nn.optimizer",
    "Schedule": "nnfs_cli.nn.schedule",
    "Initializer": "nnfs_cli.nn.initializer",
    "Metric": "nnfs_cli.nn.metric",
    "Dataset": "nnfs_cli.data.dataset",
    "Augmentation": "nnfs_cli.data.augmentation",
    "layer": "nnfs_cli.components.component",
    "loss": "nnfs_cli.components.component",
    "optimizer": "nnfs_cli.components.component",
    "schedule": "nnfs_cli.components.component",
    "initializer": "nnfs_cli.components.component",
    "metric": "nnfs_cli.components.component",
    "dataset": "nnfs_cli.components.component",
    "augmentation": "nnfs_cli.components.component",
    "NnfsError": "nnfs_cli.errors",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name.startswith("_"):
        raise AttributeError(f"module 'nnfs_cli' has no attribute {name!r}")
    for members in import_module("nnfs_cli.components.registry").registry().values():
        for member in members.values():
            if member.__name__ == name:
                return member
    raise AttributeError(f"module 'nnfs_cli' has no attribute {name!r}")
