"""The recipes: configs that come with the package, ready to train."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def recipes() -> dict[str, Traversable]:
    """Every recipe file by name, from the installed package or the source tree."""
    package = files("nnfs_cli")
    installed = package / "recipes"
    folder = installed if installed.is_dir() else package / ".." / "configs"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return {
        entry.name.removesuffix(".yaml"): entry for entry in sorted(found, key=lambda e: e.name)
    }
