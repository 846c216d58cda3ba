"""What Tab offers in bash, zsh and fish: recipes, words, runs; nothing heavy is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnfs_cli.cli.completion import component_words, recipe_names
from nnfs_cli.components.registry import registry

from .conftest import ROOT, Nnfs, latest

SHELLS = ("bash", "zsh", "fish")
PROGRAM = """
import sys
from nnfs_cli.cli.app import main
sys.argv = ["nnfs"]
try:
    main()
finally:
    heavy = {"numpy", "PIL", "yaml", "rich"} & {*sys.modules}
    assert not heavy, heavy
"""


def offered(line: str, shell: str = "bash", **variables: str) -> list[str]:
    """The words that are offered at the end of a command line."""
    asked = {
        "_NNFS_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(line.count(" ")),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", PROGRAM]
    env = os.environ | asked | variables
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.stderr == "", done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("shell", SHELLS)
def test_words(shell: str) -> None:
    told = " ".join(offered("nnfs explain adam", shell))
    assert "adam" in told
    assert "adamw" in told
    assert "dense" not in told


def test_recipes() -> None:
    assert offered("nnfs init spi") == ["spirals"]
    assert recipe_names("") == sorted(path.stem for path in (ROOT / "configs").glob("*.yaml"))


def test_every_word_of_the_registry() -> None:
    words = {word for members in registry().values() for word in members}
    assert {*component_words("")} == words


def test_runs(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q")
    nnfs("train", toy, "-q", "seed=1")
    (Path("runs") / "other").mkdir()
    newest = latest().name
    ids = sorted((p.name for p in Path("runs").glob("2*")), reverse=True)
    assert offered("nnfs eval ") == ["latest", "best", *ids]
    assert offered(f"nnfs resume {newest[:-1]}") == [newest]
    assert offered("nnfs runs rm 2") == ids
    assert offered("nnfs predict x.png --run la") == ["latest"]
    Path("runs").rename("elsewhere")
    assert offered("nnfs eval 2") == []
    assert offered("nnfs eval 2", NNFS_RUNS="elsewhere") == ids
    assert offered("nnfs eval --runs-dir elsewhere 2") == ids
