"""Naming the file that a fault is in, where the code that finds it knows only the cells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnfs_cli.errors import DataError


@contextmanager
def inside(path: Path) -> Iterator[None]:
    """Put the file's name in front of every DataError raised within."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{path}: {error.message}", error.hint) from error
