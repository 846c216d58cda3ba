"""Ideas: half a page each, and the command that shows it works."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from nnfs_cli.cli.app import run
from nnfs_cli.config.ideas import Idea, ideas


@pytest.mark.parametrize("idea", ideas(), ids=lambda idea: idea.word)
def test_an_idea_shows_itself(
    idea: Idea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 100 <= len(idea.text.split()) <= 260
    before, _, command = idea.text.rpartition("\n\n    ")
    assert before.endswith("See it:")
    program, *arguments = shlex.split(command)
    assert program == "nnfs"
    monkeypatch.chdir(tmp_path)
    recipe = next(word for word in arguments if word.endswith(".yaml"))
    assert run(["init", recipe.removesuffix(".yaml"), "-q"]) == 0
    assert run([*arguments, "-q"]) == 0


def test_no_word_has_two_ideas() -> None:
    words = [word for idea in ideas() for word in idea.words]
    assert len(words) == len(set(words))
