"""Train neural networks written from scratch in NumPy, from a YAML file or from Python.

``from nnfs_cli import Adam, CrossEntropy, Dense, Sequential, load_run, train``: every component
has its class here, imported when it is first asked for. ``__init__.pyi`` spells all of them out
for editors and type checkers; the two components called ``Constant`` are ``ConstantInitializer``
(``Constant`` for short) and ``ConstantSchedule``.
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
_OTHER_NAMES = {
    "ConstantInitializer": ("nnfs_cli.nn.initializers.constant", "Constant"),
    "ConstantSchedule": ("nnfs_cli.nn.schedules.constant", "Constant"),
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _OTHER_NAMES:
        module, own = _OTHER_NAMES[name]
        return getattr(import_module(module), own)
    if name.startswith("_"):
        raise AttributeError(f"module 'nnfs_cli' has no attribute {name!r}")
    for members in import_module("nnfs_cli.components.registry").registry().values():
        for member in members.values():
            if member.__name__ == name:
                return member
    raise AttributeError(f"module 'nnfs_cli' has no attribute {name!r}")


def __dir__() -> list[str]:
    from importlib import import_module

    families = import_module("nnfs_cli.components.registry").registry().values()
    own = (cls for members in families for cls in members.values())
    components = {cls.__name__ for cls in own if cls.__module__.startswith("nnfs_cli.")}
    return sorted(components | {*_HOMES} | {*_OTHER_NAMES} | {*globals()})
