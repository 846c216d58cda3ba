"""Writing a page of HTML: one that nnfs wrote is replaced, any other file only when asked to."""

from __future__ import annotations

import os
from pathlib import Path

from nnfs_cli.atomic import require_own_file, write_text_atomically

GENERATOR = '<meta name="generator" content="nnfs">'


def require_free(path: Path, force: bool) -> None:
    """Raise UsageError if something is at the path that is no page of nnfs's."""
    require_own_file(path, GENERATOR, "a page of nnfs's", force)


def write_page(path: Path, text: str) -> None:
    """Write the page whole, or not at all; where a link leads, if the path is one."""
    write_text_atomically(Path(os.path.realpath(path)), text)
