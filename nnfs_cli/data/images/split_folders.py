"""Which sub-folders of a data set are its splits: train/, seg_test/, Training/, test_set/, ..."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nnfs_cli.errors import DataError

WORDS = {
    "training": ("train", "training"),
    "validation": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}
Folders = Callable[[Path], Sequence[Path]]


def find_splits(folders: Sequence[Path], inside: Folders) -> dict[str, Path]:
    """The folders of the splits; none unless there is a training split with sub-folders.

    A folder called exactly ``train`` is one. One with that word in its name, ``seg_train`` or
    ``train_data``, is one if another folder is named so after validation or test: a class may be
    called steam_train. ``inside`` lists the sub-folders of a folder. Raises DataError if two
    folders may be the same split.
    """
    exact = {
        split: [f for f in folders if f.name.lower() in words] for split, words in WORDS.items()
    }
    if not exact["training"]:
        exact = {
            split: [f for f in folders if _has(f.name, words)] for split, words in WORDS.items()
        }
        if not (exact["validation"] or exact["test"]):
            return {}
    if not any(inside(folder) for folder in exact["training"]):
        return {}
    for split, found in exact.items():
        if len(found) > 1:
            names = " and ".join(folder.name for folder in found[:2])
            raise DataError(
                f"{found[0].parent} has {names}, which may both be the {split} split",
                "rename or move one, or set data.path to a folder of classes",
            )
    return {split: unwrapped(found[0], inside) for split, found in exact.items() if found}


def _has(name: str, words: Sequence[str]) -> bool:
    return any(word in words for word in re.split(r"[^a-z]+", name.lower()))


def unwrapped(folder: Path, inside: Folders) -> Path:
    """The folder, or the only one inside it where the classes are: seg_train/seg_train/."""
    within = inside(folder)
    if len(within) == 1 and len(inside(within[0])) > 1:
        return within[0]
    return folder


def alike(classes: Mapping[str, Path], inside: Folders) -> str:
    """A sentence where all class folders hold folders of the same names, as splits would."""
    inner = [tuple(f.name for f in inside(folder)) for folder in classes.values()]
    if len(inner) < 2 or len(inner[0]) < 2 or len(set(inner)) > 1:
        return ""
    return (
        f"the classes {', '.join(list(classes)[:3])} all hold the folders "
        f"{', '.join(inner[0][:3])}: if these are the classes, set data.path to one of the former, "
        "or name them train and test"
    )
