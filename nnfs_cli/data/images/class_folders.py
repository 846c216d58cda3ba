"""Finding the images of classes: a folder for each class, perhaps inside train/, val/, test/.

The layout is that of torchvision's ImageFolder and Keras's image_dataset_from_directory: every
sub-folder is a class, and all images in it, or deeper inside it, are samples of that class.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nnfs_cli.data.images.image_file import SUFFIXES, remedy
from nnfs_cli.data.images.split_folders import alike, find_splits, unwrapped
from nnfs_cli.data.tables.cells import in_order
from nnfs_cli.errors import DataError

MOST = 5
"""Faults are named one by one up to so many."""
SKIPPED = "__MACOSX"
"""What macOS adds to its archives: a folder of images that are none."""
SYSTEM = frozenset(
    {SKIPPED, "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__pycache__"}
)
"""Folders that operating systems make, which are no data."""
SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Found:
    """The images of each split by class, images in the order of their names.

    Classes are in the order of their names, or of their numbers if all are numbers. ``divided``
    says that the folder has a training split; ``left_out`` names the folders beside it that
    belong to no split; ``notices`` say what else was not used.
    """

    train: dict[str, list[Path]]
    validation: dict[str, list[Path]]
    test: dict[str, list[Path]]
    divided: bool
    left_out: list[str]
    notices: list[str] = field(default_factory=list)


def find_images(root: Path) -> Found:
    """Every image under ``root``, without opening any.

    The folder is divided if it has a training split (see ``split_folders.py``) with sub-folders;
    a class that is called train has only images. Raises DataError if there are no classes, if a
    class has no image, or if validation or test have a class that training has not.
    """
    folders = _folders(root)
    splits = find_splits(folders, _folders)
    if not splits:
        root = unwrapped(root, _folders)
        notices = [alike({folder.name: folder for folder in _folders(root)}, _folders)]
        classes = _classes(root, notices)
        return Found(classes, {}, {}, False, [], _said(notices))
    notices = []
    train = _classes(splits["training"], notices)
    others = {split: _known(splits.get(split), train, notices) for split in ("validation", "test")}
    used = [*splits.values(), *(folder.parent for folder in splits.values())]
    left_out = [folder.name for folder in folders if folder not in used]
    return Found(train, others["validation"], others["test"], True, left_out, _said(notices))


def with_split(found: Found, split: str, folder: Path) -> Found:
    """The images with those of a folder of its own as validation or test. Raises DataError."""
    if getattr(found, split):
        raise DataError(
            f"the folder has {split} images, and data.{split} names a folder",
            "leave one of them out",
        )
    notices = [*found.notices]
    classes = _known(folder, found.train, notices)
    if not classes:
        raise DataError(f"{folder} has no class folders", f"data.{split} names a folder of them")
    parts: dict[str, Any] = {split: classes, "notices": _said(notices)}
    return replace(found, **parts)


def _said(notices: list[str]) -> list[str]:
    return [notice for notice in notices if notice]


def _known(
    folder: Path | None, known: dict[str, list[Path]], notices: list[str]
) -> dict[str, list[Path]]:
    """The classes of validation or test, which training has to have, too."""
    if folder is None:
        return {}
    if not _folders(folder):
        images = sum(1 for _ in images_below(folder))
        notices.append(
            f"{folder} has {images:,} images without classes, which are not used: "
            f"`nnfs predict {folder}` answers them"
            if images
            else f"{folder} is empty"
        )
        return {}
    classes = _classes(folder, notices)
    unknown = [name for name in classes if name not in known]
    if unknown:
        forms = {unicodedata.normalize("NFC", name) for name in known}
        same = unicodedata.normalize("NFC", unknown[0]) in forms
        raise DataError(
            f"{folder} has the class {', '.join(map(repr, unknown[:MOST]))}, which training has "
            f"not{', but for its Unicode form' * same}",
            "give both the same class folders",
        )
    return classes


def _folders(folder: Path) -> list[Path]:
    """Sub-folders in the order of their names, hidden ones left out; links to folders count."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"cannot read {folder}: {error.strerror}") from error
    return [
        entry
        for entry in entries
        if not entry.name.startswith(".") and entry.name not in SYSTEM and entry.is_dir()
    ]


def _classes(folder: Path, notices: list[str]) -> dict[str, list[Path]]:
    """The images of each class folder; what else lies there is added to ``notices``."""
    subs = {sub.name: sub for sub in _folders(folder)}
    if not subs:
        raise DataError(
            f"{folder} has no class folders",
            "put the images of each class into a sub-folder that has the class's name; a training "
            "takes data.labels, too",
        )
    others: Counter[str] = Counter()
    classes = {name: sorted(_of_class(subs[name], others)) for name in in_order(subs)}
    empty = [repr(name) for name, images in classes.items() if not images]
    kinds = _listed(others)
    if empty:
        there = f", but files of other kinds: {kinds}" if others else ""
        raise DataError(
            f"{folder} has no image for {', '.join(empty[:MOST])}{', ...' * (len(empty) > MOST)}"
            f"{there}",
            remedy(
                kinds,
                "add some or remove the folder; nnfs reads png, jpg, bmp, webp, tif and others",
            ),
        )
    odd = [name for name in classes if not name.isprintable()]
    if odd:
        raise DataError(f"{folder} has the class {odd[0]!r}, which cannot be printed", "rename it")
    loose = sum(_is_image(entry.name) for entry in folder.iterdir() if entry.is_file())
    if others:
        notices.append(f"not used in {folder}, since they are called no image: {kinds}")
    if loose:
        notices.append(f"not used in {folder}, since they are in no class folder: {loose:,}")
    return classes


def _of_class(folder: Path, others: Counter[str]) -> Iterator[Path]:
    """All images of a class; of links to folders only its own folder may be one.

    ``others`` counts the files that are called something else, by suffix.
    """
    if folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{folder} is a link to a folder that it is in", "remove it")
    for path in _files_below(folder):
        if _is_image(path.name):
            yield path
        elif path.name.lower() not in SYSTEM_FILES:
            others[path.suffix.lower() or "none"] += 1


def _is_image(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES and not name.startswith(".")


def kinds_left_out(root: Path) -> str:
    """The suffixes of files below a folder that are called no image, with how many; or empty."""
    others = Counter(
        path.suffix.lower() or "none"
        for path in _files_below(root, links=True)
        if not _is_image(path.name) and path.name.lower() not in SYSTEM_FILES
    )
    return _listed(others)


def _listed(others: Counter[str]) -> str:
    return ", ".join(f"{suffix} ({count:,})" for suffix, count in others.most_common(MOST))


def images_below(root: Path, links: bool = False) -> Iterator[Path]:
    """All files in and below a folder that are called images, but what is hidden.

    ``links`` follows links to other folders, unless they lead back in a circle.
    """
    return (path for path in _files_below(root, links) if _is_image(path.name))


def _files_below(root: Path, links: bool = False) -> Iterator[Path]:
    """All files in and below a folder, but what is hidden or the system's."""

    def refuse(error: OSError) -> None:
        raise DataError(f"cannot read {error.filename}: {error.strerror}") from error

    for where, folders, files in os.walk(root, onerror=refuse, followlinks=links):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name not in SYSTEM
            and not (links and _leads_back(root, Path(where, name)))
        ]
        for name in files:
            if not name.startswith("."):
                yield Path(where, name)


def _leads_back(root: Path, folder: Path) -> bool:
    """Whether it is a link to a folder that is being walked, or above one."""
    if not folder.is_symlink():
        return False
    target = folder.resolve()
    above = [root / parent for parent in folder.relative_to(root).parents]
    return any(path.resolve().is_relative_to(target) for path in above)
