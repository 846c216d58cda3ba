"""CSV files that grow while a training runs: rows are added, and made durable before they count."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nnfs_cli.atomic import disk_error
from nnfs_cli.csv_text import csv_text


def append_rows(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Add rows, with the header if they are the first. Raises MachineError."""
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(csv_text(rows if file.tell() else [header, *rows]))
    except OSError as error:
        raise disk_error(path, error) from error


def make_durable(path: Path) -> None:
    """Return when the rows so far, if there are any, are on the disk. Raises MachineError."""
    if not path.is_file():
        return
    try:
        with path.open("a") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise disk_error(path, error) from error
