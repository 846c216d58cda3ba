"""The networks of textbooks: each says where it is from, and reaches what its book prints.

What no single book has reaches what it says itself.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path

import pytest

from nnfs_cli.cli.app import run
from nnfs_cli.config.config import validate
from nnfs_cli.config.presets import presets, starting_config
from nnfs_cli.config.recipes import TEXTBOOKS, recipes
from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.runs.run import Run

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "benchmarks"))
textbooks = importlib.import_module("textbooks")

CONFIGS = sorted((ROOT / "configs" / "textbooks").glob("*.yaml"))
NAMES = [path.stem for path in CONFIGS]
POINT = 1.0
"""How far below its book a network may end, in percent: books have their lucky starts too."""


def here(name: str) -> float:
    """What its comment says that it reaches with seed 0, in percent."""
    text = recipes(TEXTBOOKS)[name].read_text("utf-8").partition("# Here: ")[2]
    return float(text.split()[0])


def test_each_is_listed_and_measured_and_no_recipe_is_called_like_it() -> None:
    assert list(presets(TEXTBOOKS)) == NAMES
    assert {*NAMES} == {*textbooks.FIGURES}
    assert not {*NAMES} & {*recipes()}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_it_says_where_it_is_from_and_what_it_reaches(path: Path) -> None:
    text = path.read_text("utf-8")
    head = [line for line in text.splitlines() if line.startswith("#")]
    parts = [line.split()[1] for line in head if re.match(r"# [A-Z]\w+: ", line)]
    assert parts == ["Source:", "Published:", "Here:"]
    assert presets(TEXTBOOKS)[path.stem].endswith(".")
    assert "seeds 0, 1, 2" in " ".join(head).replace("# ", "")
    assert "of processor time" in " ".join(head).replace(" #", "")
    assert max(map(len, text.splitlines())) <= 100
    start = starting_config(path.stem)
    assert start.text == text
    assert validate(parse(text, "c")).name == path.stem


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_to_be_published_is_what_is_compared(name: str) -> None:
    published = textbooks.FIGURES[name].published
    if published is None:
        pytest.skip("no single book has it")
    text = recipes(TEXTBOOKS)[name].read_text("utf-8")
    line = text.partition("# Published:")[2].partition("# Here:")[0]
    assert f"{published:g}" in line or f"{published:.2f}" in line or "all four" in line


def test_init_lists_them_in_a_group_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init"]) == 0
    out = capsys.readouterr().out
    assert out.index("mnist_best") < out.index("from a textbook") < out.index(NAMES[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in NAMES if not textbooks.FIGURES[n].takes_long])
def test_it_reaches_what_its_book_prints(name: str) -> None:
    """Each takes less than 20 seconds of a processor."""
    if "type: mnist" in recipes(TEXTBOOKS)[name].read_text("utf-8") and not os.environ.get(
        "NNFS_DATA"
    ):
        pytest.skip("NNFS_DATA names no folder with MNIST")
    percent, _ = textbooks.reached(name, seed=0)
    assert percent >= (textbooks.FIGURES[name].published or here(name)) - POINT


@pytest.mark.slow
def test_the_loss_that_cs231n_prints_has_the_penalty(tmp_path: Path) -> None:
    config = ROOT / "configs" / "textbooks" / "cs231n_spiral.yaml"
    folder = tmp_path / "run"
    assert run(["train", str(config), "-q", "--workers", "1", "--run-dir", str(folder)]) == 0
    last = Run(folder).read_metrics()[-1]
    assert last["train_loss"] + last["penalty"] == pytest.approx(0.245, abs=0.01)
