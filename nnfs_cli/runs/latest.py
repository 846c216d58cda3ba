"""``latest``: a link or a line of text beside the runs, and what it leads to."""

from __future__ import annotations

import os
from pathlib import Path

from nnfs_cli.atomic import disk_error
from nnfs_cli.errors import DataError
from nnfs_cli.runs.run import Run

LATEST = "latest"
MAX_POINTER, MAX_NAME = 4096, 255


def follow(pointer: Path) -> Path:
    """The run beside ``pointer`` that it leads to, as a link or as a line of text.

    Only what stands in the same folder: nnfs writes no other, and whatever a command writes into
    its run must not land elsewhere. Raises DataError.
    """
    if pointer.is_symlink():
        target = pointer.parent / os.readlink(pointer)
    elif pointer.is_file():
        target = pointer.parent / _line(pointer)
    else:
        target = _original_of(pointer)
    if not os.path.isfile(target / "run.json"):
        raise DataError(f"{pointer} leads to {target}, which is not a run", "name the run itself")
    if os.path.dirname(os.path.realpath(target)) != os.path.realpath(pointer.parent):
        raise DataError(f"{pointer} leads out of its folder", "name the run itself")
    return target


def move_copy_away(pointer: Path) -> str:
    """Make room for a pointer where zip, Drive or Windows made a folder of it.

    Returns what was moved where, in words; empty if nothing was. Raises MachineError.
    """
    if not pointer.is_dir() or pointer.is_symlink():
        return ""
    number = 1
    while os.path.lexists(place := pointer.with_name(f".{LATEST}-copy-{number}")):
        number += 1
    try:
        os.rename(pointer, place)
    except OSError as error:
        raise disk_error(pointer, error) from error
    return f"{pointer} was a folder, not a link to a run; it is {place} now"


def _line(pointer: Path) -> str:
    """The line that a ``latest`` of text has."""
    try:
        with pointer.open(encoding="utf-8") as file:
            line = file.read(MAX_POINTER).strip()
    except (OSError, ValueError):
        line = ""
    if not line or not line.isprintable() or len(line) > MAX_NAME:
        raise DataError(f"{pointer} does not name a run", "name the run itself")
    return line


def _original_of(copy: Path) -> Path:
    """The run beside it that a folder called ``latest`` is a copy of."""
    try:
        original = Run(copy).read().id or ""
    except DataError:
        original = ""
    if original in ("", LATEST, os.curdir, os.pardir) or os.sep in original:
        raise DataError(f"{copy} is neither a link nor a text", "move it out of the way")
    return copy.parent / original
