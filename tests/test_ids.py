"""A test is called the same whatever else was imported before it, so that it can be named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REVERSED = """\
from importlib import import_module
from pkgutil import iter_modules
from nnfs_cli.components.registry import FOLDERS
for folders in reversed(FOLDERS.values()):
    for folder in reversed(folders):
        for module in reversed(list(iter_modules(import_module(folder).__path__))):
            import_module(f"{folder}.{module.name}")
"""


def collected(folder: Path, *plugin: str) -> list[str]:
    """The ids of all tests, without the line that says how many there are."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-o", "addopts="]
    command += ["--import-mode=importlib", "-o", f"pythonpath=. {folder}", *plugin]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.slow
def test_ids_do_not_depend_on_the_order_of_imports(tmp_path: Path) -> None:
    (tmp_path / "imports_reversed.py").write_text(REVERSED)
    usual = collected(tmp_path)
    assert len(usual) > 1000
    assert collected(tmp_path, "-p", "imports_reversed") == usual
