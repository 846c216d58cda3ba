"""Writing a page of HTML: one that nnfs wrote is replaced, any other file only when asked to."""

from __future__ import annotations

import os
from pathlib import Path

from nnfs_cli.atomic import (
    require_folder_for_file,
    require_place_for_file,
    write_text_atomically,
)
from nnfs_cli.errors import UsageError

GENERATOR = '<meta name="generator" content="nnfs">'
HEAD_BYTES = 1000


def require_free(path: Path, force: bool) -> None:
    """Raise UsageError if something is at the path that is no page of nnfs's."""
    require_place_for_file(path)
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "name a file such as page.html")
    if os.path.lexists(path) and not (force and path.is_file()) and not _is_page(path):
        raise UsageError(
            f"{path} exists and is not a page of nnfs's",
            "choose another file, or add --force",
        )
    require_folder_for_file(path)


def write_page(path: Path, text: str) -> None:
    """Write the page whole, or not at all; where a link leads, if the path is one."""
    write_text_atomically(Path(os.path.realpath(path)), text)


def _is_page(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return GENERATOR.encode() in file.read(HEAD_BYTES)
