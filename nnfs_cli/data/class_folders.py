"""Finding the pictures of classes: a folder for each class, perhaps inside train/, val/, test/.

The layout is that of torchvision's ImageFolder and Keras's image_dataset_from_directory: every
sub-folder is a class, and all pictures in it, or deeper inside it, are samples of that class.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nnfs_cli.errors import DataError
from nnfs_cli.pictures import SUFFIXES

TRAIN = ("train", "training")
VALIDATION = ("val", "valid", "validation")
TEST = ("test", "testing")
MOST = 5
"""Faults are named one by one up to so many."""
SKIPPED = "__MACOSX"
"""What macOS adds to its archives: a folder of pictures that are none."""


@dataclass(frozen=True)
class Found:
    """The pictures of each part by class, classes and pictures in the order of their names.

    ``divided`` says that the folder has train/; ``left_out`` names the folders beside it that
    are no part.
    """

    train: dict[str, list[Path]]
    validation: dict[str, list[Path]]
    test: dict[str, list[Path]]
    divided: bool
    left_out: list[str]


def find_pictures(root: Path) -> Found:
    """Every picture under ``root``, without opening any.

    The folder is divided if it has a sub-folder train/ which has sub-folders itself; a class that
    is called train has only pictures. Raises DataError if there are no classes, if a class has no
    picture, or if validation or test have a class that training has not.
    """
    folders = {folder.name.lower(): folder for folder in _folders(root)}
    train = _first(folders, TRAIN)
    if train is None or not _folders(train):
        return Found(_classes(root), {}, {}, divided=False, left_out=[])
    validation, test = _first(folders, VALIDATION), _first(folders, TEST)
    known = _classes(train)
    held = [_known(part, known) if part else {} for part in (validation, test)]
    left_out = [f.name for f in folders.values() if f not in (train, validation, test)]
    return Found(known, held[0], held[1], divided=True, left_out=left_out)


def _known(folder: Path, known: dict[str, list[Path]]) -> dict[str, list[Path]]:
    """The classes of a part that is held out, which training has to have, too."""
    classes = _classes(folder)
    unknown = [repr(name) for name in classes if name not in known]
    if unknown:
        raise DataError(
            f"{folder} has the class {', '.join(unknown[:MOST])}, which training has not",
            "give both the same class folders",
        )
    return classes


def _first(folders: dict[str, Path], names: tuple[str, ...]) -> Path | None:
    return next((folders[name] for name in names if name in folders), None)


def _folders(folder: Path) -> list[Path]:
    """Sub-folders in the order of their names, hidden ones left out; links to folders count."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"cannot read {folder}: {error.strerror}") from error
    return [
        entry
        for entry in entries
        if not entry.name.startswith(".") and entry.name != SKIPPED and entry.is_dir()
    ]


def _classes(folder: Path) -> dict[str, list[Path]]:
    """The pictures of each class folder."""
    classes = {sub.name: sorted(_of_class(sub)) for sub in _folders(folder)}
    if not classes:
        raise DataError(
            f"{folder} has no class folders",
            "put the pictures of each class into a sub-folder that has the class's name",
        )
    empty = [repr(name) for name, pictures in classes.items() if not pictures]
    if empty:
        raise DataError(
            f"{folder} has no picture for {', '.join(empty[:MOST])}{', ...' * (len(empty) > MOST)}",
            "add some or remove the folder; nnfs reads png, jpg, gif, bmp, webp, tif and others",
        )
    odd = [name for name in classes if not name.isprintable()]
    if odd:
        raise DataError(f"{folder} has the class {odd[0]!r}, which cannot be printed", "rename it")
    return classes


def _of_class(folder: Path) -> Iterator[Path]:
    """All pictures of a class; of links to folders only its own folder may be one."""
    if folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{folder} is a link to a folder that it is in", "remove it")
    return pictures_below(folder)


def pictures_below(root: Path, links: bool = False) -> Iterator[Path]:
    """All files in and below a folder that are called pictures, but what is hidden.

    ``links`` follows links to other folders, unless they lead back in a circle.
    """

    def refuse(error: OSError) -> None:
        raise DataError(f"cannot read {error.filename}: {error.strerror}") from error

    for where, folders, files in os.walk(root, onerror=refuse, followlinks=links):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and not (links and _leads_back(root, Path(where, name)))
        ]
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES:
                yield Path(where, name)


def _leads_back(root: Path, folder: Path) -> bool:
    """Whether it is a link to a folder that is being walked, or above one."""
    if not folder.is_symlink():
        return False
    target = folder.resolve()
    above = [root / part for part in folder.relative_to(root).parents]
    return any(path.resolve().is_relative_to(target) for path in above)
