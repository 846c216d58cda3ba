"""Labels of images that lie in no class folders: from a table of file names, or from the names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from nnfs_cli.data.faults import inside
from nnfs_cli.data.images.class_folders import Found, images_below
from nnfs_cli.data.tables.cells import in_order
from nnfs_cli.data.tables.columns import texts
from nnfs_cli.data.tables.table import Table, read_table
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import some

PLACE = "{label}"
MAX_STARS = 3
"""A pattern with many of them could take for ever to compare."""
FILE_COLUMNS = ("file", "filename", "file_name", "image", "image_id", "path", "name", "id")
LABEL_COLUMNS = ("label", "class", "target", "category", "y")
HELP = (
    "instead of class folders: a table of file names and labels, or a pattern of the names, such "
    "as '{label}_*'"
)


def labelled_by_name(root: Path, pattern: str) -> Found:
    """The images below ``root``, each of the class that stands in its name at ``{label}``.

    ``*`` stands for any text; the pattern is compared with the name, with or without its ending,
    or with the path in the folder if it has a ``/``. Raises DataError for a name that is not so.
    """
    if pattern.count(PLACE) != 1 or pattern.count("*") > MAX_STARS:
        raise DataError(
            f"data.labels cannot be {pattern!r}",
            f"a pattern has {PLACE} once and at most {MAX_STARS} *, such as '{PLACE}_*'",
        )
    parts = re.split(r"(\{label\}|\*)", pattern)
    places = {PLACE: "(.+?)", "*": ".*"}
    form = re.compile("".join(places.get(part, re.escape(part)) for part in parts), re.DOTALL)
    classes: dict[str, list[Path]] = {}
    others = []
    for file in _images(root):
        name = file.relative_to(root) if "/" in pattern else Path(file.name)
        found = form.fullmatch(name.with_suffix("").as_posix()) or form.fullmatch(name.as_posix())
        if found:
            classes.setdefault(found[1], []).append(file)
        else:
            others.append(name.as_posix())
    if others:
        raise DataError(
            f"{len(others):,} images in {root} have no label in their names, which are not like "
            f"{pattern!r}: {some(others)}",
            "rename or move them, or correct data.labels",
        )
    return _found(classes, [])


def labelled_by_table(root: Path, path: Path) -> Found:
    """The images below ``root`` that a table names, each of the class that stands beside it.

    A name may lack its ending, and the folders in ``root``. Raises DataError with the row of a
    name that is no image there, or that stands in two rows.
    """
    by_name = _by_name(root)
    table = read_table(path)
    if any(name in by_name for name in table.names):  # an image is no column's name
        table = read_table(path, table.delimiter, header=False)
    if table.width < 2:
        raise DataError(f"{path} has one column", "give it one for file names and one for labels")
    with inside(path):
        names, labels = (texts(table, column) for column in _columns(table))
    classes: dict[str, list[Path]] = {}
    rows: dict[Path, int] = {}
    for row, (name, label) in enumerate(zip(names, labels, strict=True)):
        where = f"{path}, row {table.where[row]}"
        files = by_name.get(Path(name).as_posix(), [])
        if len(files) != 1:
            there = f"{len(files)} images" if files else "no image"
            raise DataError(f"{where}: there is {there} {name!r} in {root}", "correct the name")
        first = rows.setdefault(files[0], row)
        if first != row:
            raise DataError(
                f"{where}: {name!r} stands in row {table.where[first]} already", "remove one"
            )
        classes.setdefault(label, []).append(files[0])
    unnamed = sum(1 for file in _images(root) if file not in rows)
    told = f"not used in {root}, since {path.name} has no row for them: {unnamed:,} images"
    file, label = (table.title(column) for column in _columns(table))
    columns = f"of {path.name}, column {file!r} names the images and {label!r} their classes"
    return _found(classes, [*([columns] if table.width > 2 else []), *([told] if unnamed else [])])


def _columns(table: Table) -> tuple[int, int]:
    """The positions of the file names and of the labels: by their names, else the first two."""
    lower = [name.lower() for name in table.names]
    file = next((lower.index(name) for name in FILE_COLUMNS if name in lower), 0)
    others = [position for position in range(table.width) if position != file]
    named = (lower.index(n) for n in LABEL_COLUMNS if n in lower and lower.index(n) != file)
    return file, next(named, others[0])


def _by_name(root: Path) -> dict[str, list[Path]]:
    """Every image by its path in the folder and by its name, each with and without its ending."""
    found: dict[str, list[Path]] = {}
    for file in _images(root):
        path = file.relative_to(root)
        for name in {path, path.with_suffix(""), Path(path.name), Path(path.stem)}:
            found.setdefault(name.as_posix(), []).append(file)
    return found


def _images(root: Path) -> Sequence[Path]:
    return sorted(images_below(root))


def _found(classes: dict[str, list[Path]], notices: Iterable[str]) -> Found:
    odd = [name for name in classes if not name.isprintable()]
    if odd:
        raise DataError(f"the label {odd[0]!r} cannot be printed", "correct it")
    ordered = {name: sorted(classes[name]) for name in in_order(classes)}
    return Found(ordered, {}, {}, False, [], [*notices])
