"""The commit that run.json names: asked of real repositories, and of hostile ones."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from nnfs_cli.runs.git import git_commit

pytestmark = pytest.mark.skipif(os.name == "nt", reason="shell scripts")


def git(*arguments: str) -> str:
    names = ["-c", "user.name=n", "-c", "user.email=e@x"]
    return subprocess.run(
        ["git", *names, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q")
    Path("a.txt").write_text("1")
    git("add", ".")
    git("commit", "-qm", "one")
    return folder


def script(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def test_the_commit_and_whether_it_was_changed(repository: Path) -> None:
    git("tag", "-a", "v1", "-m", "v1")
    commit = git("rev-parse", "--short=12", "HEAD")
    assert git_commit() == commit
    os.utime("a.txt", (1, 1))
    assert git_commit() == commit, "touched, and the same"
    Path("a.txt").write_text("2")
    assert git_commit() == commit + "+"


def test_a_repository_above_or_named_by_a_variable(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = git("rev-parse", "--short=12", "HEAD")
    below = repository / "deep" / "deeper"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert git_commit() == commit
    monkeypatch.chdir(tmp_path)
    assert git_commit() is None
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repository))
    assert git_commit() == commit


def test_in_a_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert git_commit() is None


def test_no_program_is_started_outside_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    called = script(tmp_path / "git", f"touch {tmp_path}/called\n")
    monkeypatch.setenv("PATH", f"{called.parent}{os.pathsep}{os.environ['PATH']}")
    assert git_commit() is None
    assert not (tmp_path / "called").exists()


def test_outside_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_commit() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit() is None


def test_nothing_that_a_repository_brings_is_run(repository: Path, tmp_path: Path) -> None:
    evil = script(tmp_path / "evil", f"touch {tmp_path}/executed; cat")
    for key in ("core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "core.editor"):
        git("config", key, str(evil))
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        script(repository / ".git/hooks" / name, f"touch {tmp_path}/executed")
    git("config", "diff.evil.textconv", str(evil))
    Path(".gitattributes").write_text("* filter=evil diff=evil\n")
    Path("a.txt").write_text("2")
    (tmp_path / "executed").unlink(missing_ok=True)
    commit = git_commit()
    assert commit is not None
    assert commit.endswith("+")
    assert not (tmp_path / "executed").exists()
    git("config", "filter.evil.clean", str(evil))
    (tmp_path / "executed").unlink(missing_ok=True)
    assert git_commit() == commit.replace("+", "?")
    assert not (tmp_path / "executed").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["yes | head -c 100000000", "sleep 60", "sleep 60 & sleep 60", "exec 1>&-; sleep 60"]
)
def test_a_git_that_says_too_much_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    script(tmp_path / "git", text)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    began = time.monotonic()
    assert git_commit() is None
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("last", ["yes", "sleep 60", "exec 1>&-; sleep 60", "kill -9 $$"])
def test_a_git_that_does_not_say_whether_files_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """It names the commit and no filters; then it says too much, nothing, or dies."""
    answers = f"case $* in *rev-parse*) echo abcdef123456;; *get-regexp*) exit 1;; *) {last};; esac"
    script(tmp_path / "git", answers)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("nnfs_cli.runs.git.SECONDS", 1.0)
    assert git_commit() == "abcdef123456?"


@pytest.mark.parametrize("first", ["yes", "sleep 60", "exec 1>&-; sleep 60"])
def test_a_git_that_names_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    script(tmp_path / "git", first)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("nnfs_cli.runs.git.SECONDS", 0.3)
    assert git_commit() is None
