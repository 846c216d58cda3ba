"""What Tab offers in bash, zsh and fish: recipes, words, runs; nothing heavy is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from nnfs_cli.cli.completion import component_words, config_keys, recipe_names, run_names
from nnfs_cli.components.registry import registry
from nnfs_cli.config.reference import listing

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
    recipes = sorted(path.stem for path in (ROOT / "configs").glob("*.yaml"))
    textbooks = sorted(path.stem for path in (ROOT / "configs/textbooks").glob("*.yaml"))
    assert recipe_names("") == [*recipes, *textbooks]


def test_every_word_of_the_registry() -> None:
    words = {word for members in registry().values() for word in members}
    assert {*component_words("")} == words


def test_every_key_of_the_config(nnfs: Nnfs) -> None:
    assert "train.epochs" in offered("nnfs explain train.")
    assert offered("nnfs explain train.early_stopping.p") == ["train.early_stopping.patience"]
    assert "learning_rate" in offered("nnfs explain learn")
    keys = config_keys("")
    for key in keys:
        assert nnfs("explain", key).code == 0, key
    assert {*keys} == {*listing()["key"]}


@pytest.mark.slow
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


@pytest.mark.slow
def test_sweeps(nnfs: Nnfs, toy: Path) -> None:
    for name in ("one", "two"):
        assert nnfs("sweep", toy, "train.epochs=1", "--name", name, "-q").code == 0
    (Path("sweeps") / "2099-none").mkdir()
    ids = sorted((p.parent.name for p in Path("sweeps").glob("*/sweep.yaml")), reverse=True)
    assert offered("nnfs sweep --resume 2") == ids
    assert offered("nnfs sweep --resume --runs-dir elsewhere/runs 2") == []
    assert offered("nnfs sweep 2") == []


def shown(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("option", ["--install-completion", "--show-completion"])
def test_a_program_of_several_words_has_none(option: str, tmp_path: Path) -> None:
    done = shown(sys.executable, "-m", "nnfs_cli", option, HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"nnfs {option}" in done.stderr
    assert not list(tmp_path.iterdir()), "nothing is installed under a name that nobody types"


NAMED = """
import pathlib, shellingham, sys
from nnfs_cli.cli.app import main
_, shell, home = sys.argv
shellingham.detect_shell = lambda: (shell, shell)

def unknown():
    raise RuntimeError("Could not determine home directory.")

if home == "unknown":
    pathlib.Path.home = unknown
sys.argv = ["nnfs", "--install-completion"]
main()
"""


@pytest.mark.parametrize(
    ("shell", "home", "words"),
    [("bash", "unknown", "no home folder is known"), ("csh", "known", "shell has no completion")],
)
def test_where_it_cannot_be_installed(shell: str, home: str, words: str, tmp_path: Path) -> None:
    pytest.importorskip("shellingham")
    done = shown(sys.executable, "-c", NAMED, shell, home, HOME=str(tmp_path))
    assert done.returncode == 5, done.stderr
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_runs_that_begin_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offers(begun: str, folder: Path | None = None) -> list[str]:
        return run_names(SimpleNamespace(params={"runs_dir": folder}), begun)  # type: ignore[arg-type]

    assert offers("") == ["latest", "best"], "there is no folder"
    for place in ("runs", "other", "elsewhere"):
        for name in (f"2026-{place}", f"2025-{place}"):
            (tmp_path / place / name).mkdir(parents=True)
            (tmp_path / place / name / "run.json").touch()
        (tmp_path / place / "2027-none").mkdir()
        (tmp_path / place / "2028-link").symlink_to(f"2025-{place}")
    assert offers("") == ["latest", "best", "2026-runs", "2025-runs"]
    assert offers("2") == ["2026-runs", "2025-runs"]
    assert offers("la") == ["latest"]
    monkeypatch.setenv("NNFS_RUNS", "other")
    assert offers("2") == ["2026-other", "2025-other"]
    assert offers("2025", tmp_path / "elsewhere") == ["2025-elsewhere"]
