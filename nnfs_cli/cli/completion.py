"""Completion: what the shell offers behind Tab, found without NumPy, without opening a run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import typer

from nnfs_cli.home import from_home

REGISTERING = re.compile(r'^@(?!family)\w+\(("\w+"(?:, "\w+")*)\)$', re.MULTILINE)
"""The decorator above a component, with its words."""


def recipe_names(incomplete: str) -> list[str]:
    """The recipes that begin so, the textbooks' behind the others."""
    from nnfs_cli.config.recipes import TEXTBOOKS, recipes

    return [name for name in (*recipes(), *recipes(TEXTBOOKS)) if name.startswith(incomplete)]


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


def config_keys(incomplete: str) -> list[str]:
    """The keys of the config, ``train.epochs``, that begin so; read from its file's text."""
    import ast
    from importlib.resources import files

    tree = ast.parse(files("nnfs_cli.config").joinpath("config.py").read_text("utf-8"))
    sections = {c.name: c for c in tree.body if isinstance(c, ast.ClassDef)}

    def keys(name: str, path: str) -> Iterator[str]:
        for field in sections[name].body:
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                yield path + field.target.id
                kinds = {n.id for n in ast.walk(field.annotation) if isinstance(n, ast.Name)}
                for kind in sorted(kinds & {*sections}):
                    yield from keys(kind, f"{path}{field.target.id}.")

    return [key for key in keys("Config", "") if key.startswith(incomplete)]


def explained_words(incomplete: str) -> list[str]:
    """What ``nnfs explain`` knows and begins so: components, keys of the config, ideas."""
    from nnfs_cli.config.ideas import ideas

    words = [word for idea in ideas() for word in idea.words if word.startswith(incomplete)]
    return list(dict.fromkeys([*component_words(incomplete), *config_keys(incomplete), *words]))


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


def sweep_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The sweeps that begin so, newest first, where one goes on; files are the shell's to offer."""
    if not ctx.params.get("resume"):
        return []
    chosen = ctx.params.get("runs_dir") or os.environ.get("NNFS_RUNS") or "runs"
    try:
        there = from_home(chosen).parent / "sweeps"
        found = [path.name for path in there.iterdir() if os.path.isfile(path / "sweep.yaml")]
    except Exception:  # nothing to offer is no error
        found = []
    return [name for name in sorted(found, reverse=True) if name.startswith(incomplete)]


def _is_run(path: Path) -> bool:
    return os.path.isfile(path / "run.json")
