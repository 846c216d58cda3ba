"""Configs to start from: the package's recipes, or one made for a table or a folder of images."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nnfs_cli.atomic import require_place_for_file, write_text_atomically
from nnfs_cli.components.component import nearest
from nnfs_cli.config.proposal import Proposal
from nnfs_cli.config.propose_images import propose_folder_config
from nnfs_cli.config.propose_table import propose_config
from nnfs_cli.config.recipes import TEXTBOOKS, recipes
from nnfs_cli.data.tables.table import is_table
from nnfs_cli.errors import UsageError

CONFIGS = (".yaml", ".yml")
TAKES = "init takes a recipe's name, a CSV file or a folder of images"
REMEDIES = {
    ".gz .zip .bz2 .xz .tar .7z": "unpack it",
    ".xlsx .xls .ods .parquet .feather .json .jsonl .arff": "save it as CSV",
    ".npz .npy": "take a recipe, and write `data: {type: npz, path: FILE}` in it",
}
"""What to do with files of other kinds, by the end of their names."""


def presets(group: str = "") -> dict[str, str]:
    """The names of the recipes, or of a group of them, and the comment each begins with."""
    return {name: _summary(recipe.read_text("utf-8")) for name, recipe in recipes(group).items()}


def starting_config(preset: str, target: str | None = None, ignore: Sequence[str] = ()) -> Proposal:
    """A config to start from: a recipe's, or one proposed for a table or a folder.

    Raises UsageError for an unknown preset, DataError for a table or folder that cannot be read.
    """
    path = Path(preset)
    if is_table(path):
        return propose_config(path, target, ignore)
    for option, given in (("--target", target), ("--ignore", ignore)):
        if given:
            raise UsageError(f"{option} goes with a CSV file")
    found = recipes() | recipes(TEXTBOOKS)
    if preset in found:
        return Proposal(preset, found[preset].read_text("utf-8"))
    if os.path.isdir(path):
        return propose_folder_config(path)
    if path.suffix not in CONFIGS:
        if os.path.exists(path):
            remedy = next((r for ends, r in REMEDIES.items() if _ends(path, ends)), TAKES)
            raise UsageError(f"{preset!r} is no folder and no CSV file", remedy)
        if (os.sep in preset or path.suffix) and path.name not in found:
            raise UsageError(f"there is no folder {preset!r}", TAKES)
    raise UsageError(f"there is no preset {preset!r}", nearest(path.stem, found))


def _ends(path: Path, ends: str) -> bool:
    return path.suffix.lower() in ends.split()


def write_config(path: Path, text: str, force: bool) -> None:
    """Write a new file. Raises UsageError if there is one already."""
    require_place_for_file(path)
    if path.exists() and not force:
        raise UsageError(f"{path} exists", "choose another --output, or add --force")
    write_text_atomically(path, text)


def _summary(text: str) -> str:
    first = text.splitlines()[0] if text else ""
    return first.removeprefix("#").strip()
