"""The registry: every component by its family and its word, imported when it is asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

FOLDERS: dict[str, tuple[str, ...]] = {
    "layer": ("nnfs_cli.nn.layers", "nnfs_cli.nn.activations"),
    "initializer": ("nnfs_cli.nn.initializers",),
    "loss": ("nnfs_cli.nn.losses",),
    "optimizer": ("nnfs_cli.nn.optimizers",),
    "schedule": ("nnfs_cli.nn.schedules",),
    "metric": ("nnfs_cli.nn.metrics",),
    "dataset": ("nnfs_cli.data.datasets",),
    "augmentation": ("nnfs_cli.data.augmentations",),
}
"""Where the members of each family are; a new file there needs no entry anywhere."""

Member = type[Any]
"""A class of :mod:`nnfs_cli.components.component`, which registers its members here."""

IMPORTED: dict[str, dict[str, Member]] = {family: {} for family in FOLDERS}
"""What has registered itself so far, by family and by word."""


def registry() -> dict[str, dict[str, Member]]:
    """Every component that there is, by family and by word."""
    for family in FOLDERS:
        import_family(family)
    return IMPORTED


def registered(family: str, word: str) -> Member | None:
    """The component called ``word``; None if there is none.

    Only what may register it is imported, since all files take a tenth of a second: the one that
    is called like the word or its first part (``he_normal`` is in he.py), else those that quote it.
    """
    if word not in IMPORTED[family] and word.isidentifier():
        for folder in FOLDERS[family]:
            for file in (word, word.partition("_")[0]):
                if find_spec(f"{folder}.{file}"):
                    import_module(f"{folder}.{file}")
    if word not in IMPORTED[family]:
        for module, text in texts(family).items():
            if f'"{word}"' in text:
                import_module(module)
    if word not in IMPORTED[family]:
        import_family(family)
    return IMPORTED[family].get(word)


@cache
def texts(family: str) -> dict[str, str]:
    """The source of the family's files by module; none where a package is not made of files."""
    return {
        f"{folder}.{path.stem}": path.read_text("utf-8")
        for folder in FOLDERS[family]
        for base in import_module(folder).__path__
        for path in Path(base).glob("*.py")
    }


@cache
def import_family(family: str) -> None:
    """Import every file of the family's folders: each registers the components in it."""
    for folder in FOLDERS[family]:
        for module in iter_modules(import_module(folder).__path__):
            import_module(f"{folder}.{module.name}")
