"""What to say of a config that is not there: the recipe or the file that may be meant."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from nnfs_cli.config.recipes import TEXTBOOKS, recipes


def instead_of(path: Path) -> str:
    """A hint at the file that is meant, or at how to write it."""
    if os.path.isfile(f"{path}.yaml"):
        return f"did you mean {path}.yaml?"
    known = recipes() | recipes(TEXTBOOKS)
    if path.stem in known:
        return f"`nnfs init {path.stem}` writes {path.stem}.yaml"
    if not os.path.isdir(path.parent) or os.path.isdir(path):
        return "name a YAML file, or write one with `nnfs init`"
    found = sorted(other.stem for other in path.parent.glob("*.yaml"))
    if not found:
        return "write one with `nnfs init`"
    close = get_close_matches(path.stem, found, n=1)
    if close:
        return f"did you mean {path.parent / close[0]}.yaml?"
    close = get_close_matches(path.stem, known, n=1, cutoff=0.8)
    if close:
        return f"did you mean {close[0]}? `nnfs init {close[0]}` writes {close[0]}.yaml"
    inside = "" if path.parent == Path() else f" in {path.parent}"
    return f"there are {', '.join(f'{stem}.yaml' for stem in found[:12])}{inside}"
