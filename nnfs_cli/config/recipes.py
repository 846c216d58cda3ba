"""The recipes: configs that come with the package, ready to train."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

TEXTBOOKS = "textbooks"


def recipes(group: str = "") -> dict[str, Traversable]:
    """Every recipe file by name, from the installed package or the source tree.

    The group ``textbooks`` has the networks of well-known books, some of which overfit on purpose.
    """
    package = files("nnfs_cli")
    installed = package / "recipes"
    folder = installed if installed.is_dir() else package / ".." / "configs"
    folder = folder / group if group else folder
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return {
        entry.name.removesuffix(".yaml"): entry for entry in sorted(found, key=lambda e: e.name)
    }
