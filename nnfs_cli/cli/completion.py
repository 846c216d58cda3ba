"""Completion: what the shell offers behind Tab, found without NumPy, without opening a run."""

from __future__ import annotations

import os
import re
from pathlib import Path

import typer

from nnfs_cli.home import from_home

REGISTERING = re.compile(r'^@(?!family)\w+\(("\w+"(?:, "\w+")*)\)$', re.MULTILINE)
"""The decorator above a component, with its words."""


def recipe_names(incomplete: str) -> list[str]:
    """The recipes that begin so."""
    from nnfs_cli.config.recipes import recipes

    return [name for name in recipes() if name.startswith(incomplete)]


def component_words(incomplete: str) -> list[str]:
    """The components that begin so, read from their files' text: importing them takes long."""
    from importlib.resources import files

    from nnfs_cli.components.registry import FOLDERS

    found: set[str] = set()
    for folder in (folder for folders in FOLDERS.values() for folder in folders):
        for file in files(folder).iterdir():
            if file.name.endswith(".py"):
                for words in REGISTERING.findall(file.read_text("utf-8")):
                    found |= {word.strip('" ') for word in words.split(",")}
    return sorted(word for word in found if word.startswith(incomplete))


def run_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """``latest``, ``best`` and the runs that begin so, newest first."""
    chosen = ctx.params.get("runs_dir") or os.environ.get("NNFS_RUNS") or "runs"
    try:
        folder = from_home(chosen)
        there = [p.name for p in folder.iterdir() if not p.is_symlink() and _is_run(p)]
    except Exception:  # nothing to offer is no error
        there = []
    names = ["latest", "best", *sorted(there, reverse=True)]
    return [name for name in names if name.startswith(incomplete)]


def _is_run(path: Path) -> bool:
    return os.path.isfile(path / "run.json")
