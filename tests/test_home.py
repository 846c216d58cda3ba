"""``~`` in options and variables, and machines without a home folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnfs_cli.cli.app import run
from nnfs_cli.data.source import Source
from nnfs_cli.errors import MachineError
from nnfs_cli.home import from_home
from nnfs_cli.runs.runs_folder import RunsFolder

CONFIG = """\
data: {type: moons, samples: 20, test_samples: 10}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: sgd
train: {epochs: 1}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "data").mkdir(parents=True)
    Path("c.yaml").write_text(CONFIG)
    return tmp_path / "home"


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user id that the system does not know, without HOME."""

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    for variable in ("HOME", "XDG_CACHE_HOME", "NNFS_DATA"):
        monkeypatch.delenv(variable, raising=False)


def test_a_tilde_alone_at_the_start_is_the_home(home: Path) -> None:
    assert from_home("~") == home
    assert from_home("~/x") == home / "x"
    assert from_home("a/~/x") == Path("a/~/x")
    assert from_home("~x/y") == Path("~x/y")


def test_it_is_so_in_options(home: Path) -> None:
    assert run(["train", "c.yaml", "-q", "--runs-dir=~/r", "--data-dir=~/data"]) == 0
    assert run(["train", "c.yaml", "-q", "--run-dir=~/one"]) == 0
    assert (home / "r/latest/run.json").is_file()
    assert (home / "one/run.json").is_file()
    assert not Path("~").exists()


def test_it_is_so_in_variables(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNFS_RUNS", "~/r")
    monkeypatch.setenv("NNFS_DATA", "~/data")
    assert RunsFolder.chosen(None).path == home / "r"
    assert Source.from_environment().data_dir == home / "data"
    assert run(["train", "c.yaml", "-q"]) == 0
    assert (home / "r/latest/run.json").is_file()


@pytest.mark.usefixtures("nobody")
def test_without_a_home_a_tilde_is_refused() -> None:
    with pytest.raises(MachineError, match="no home folder"):
        from_home("~/x")
    assert from_home("/x") == Path("/x")


@pytest.mark.usefixtures("nobody")
def test_without_a_home_what_needs_no_cache_works(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["data", "list"]) == 0
    assert "needs download" in capsys.readouterr().out
    assert run(["data", "get", "fashion_mnist", "--data-dir", str(data_folder)]) == 0


@pytest.mark.usefixtures("nobody")
def test_without_a_home_a_download_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "get", "mnist"]) == 5
    line = capsys.readouterr().err
    assert line.startswith("error: there is no folder to keep mnist in")
    assert "XDG_CACHE_HOME" in line
