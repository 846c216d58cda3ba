"""Options that many commands have do their work in each of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from nnfs_cli.cli.commands import command_line

from .conftest import TOY, Nnfs, latest

RUN = "elsewhere/mine"
LINES: dict[str, tuple[str, ...]] = {
    "train": ("c.yaml",),
    "sweep": ("c.yaml", "seed=0", "--jobs", "1"),
    "check": ("c.yaml", "init_from=mine"),
    "gradcheck": ("c.yaml",),
    "lr-find": ("c.yaml", "init_from=mine"),
    "data info": ("c.yaml",),
    "data show": ("c.yaml", "--output", "shown.png"),
    "predict": ("x.npy", "--run", "mine"),
    "init": ("moons",),
    "explain": ("dense",),
    "schema": (),
    "runs list": (),
    "runs rm": ("mine", "--yes"),
    "data list": (),
    "data get": ("mnist",),
}
"""What a command is given beside the option; ``mine``, a run, where nothing stands here."""


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Every command with its options."""
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))
    if not hasattr(group, "commands"):
        yield " ".join(path), {option for each in group.params for option in each.opts}


OPTIONS = dict(commands(typer.main.get_command(command_line())))


def those_with(option: str) -> list[str]:
    found = [name for name, options in OPTIONS.items() if option in options]
    assert len(found) > 3
    return found


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and a run of it, which is not where runs are looked for."""
    from nnfs_cli.cli.app import run

    folder = tmp_path_factory.mktemp("trained")
    (folder / "c.yaml").write_text(TOY.replace("epochs: 3", "epochs: 1"))
    np.save(folder / "x.npy", np.zeros((1, 2), np.float32))
    assert run(["train", f"{folder}/c.yaml", "--run-dir", f"{folder}/{RUN}", "-q"]) == 0
    return folder


@pytest.fixture
def here(folder: Path, trained: Path) -> None:
    shutil.copytree(trained, folder, dirs_exist_ok=True, symlinks=True)


def line(command: str) -> tuple[str, ...]:
    return (*command.split(), *LINES.get(command, ("mine",)))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", those_with("--plugin"))
def test_plugins_are_read(nnfs: Nnfs, command: str) -> None:
    Path("mine.py").write_text("1/0")
    told = nnfs(*line(command), "--plugin", "mine.py").refused(2)
    assert "mine.py" in told
    assert "ZeroDivisionError" in told


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, marks=[pytest.mark.slow] * (command == "plot"))
        for command in those_with("--runs-dir")
        if command != "runs list"
    ],
)
def test_runs_are_looked_for_where_it_is_said(nnfs: Nnfs, command: str) -> None:
    """In ``runs`` there is none of this name; what trains a new run makes it there."""
    if command in ("train", "sweep"):
        assert nnfs(*line(command), "-q", "--runs-dir", "there").code == 0
        assert [*Path("there").glob("*/config.yaml")]
        assert not Path("runs").exists()
        return
    assert "mine" in nnfs(*line(command)).refused(3)
    options = ["--epochs", "2"] if command == "resume" else []
    result = nnfs(*line(command), *options, "--runs-dir", "elsewhere")
    assert result.code == 0, result.err
    assert not Path("runs").exists()
    assert Path(RUN).exists() == (command != "runs rm")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("words", ["trace", "train --dry-run", "diagnose"])
def test_the_run_that_a_config_begins_from_too(nnfs: Nnfs, words: str) -> None:
    command = (*words.split(), "c.yaml", "init_from=mine")
    told = nnfs(*command).refused(3)
    assert "init_from: there is no run" in told
    assert "--runs-dir" in told
    assert nnfs(*command, "--runs-dir", "elsewhere").code == 0


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", those_with("--checkpoint"))
def test_the_checkpoint_that_is_asked_for(nnfs: Nnfs, command: str) -> None:
    where = ("--runs-dir", "elsewhere")
    Path(RUN, "checkpoints/last.npz").write_bytes(b"")
    assert "last.npz" in nnfs(*line(command), *where, "--checkpoint", "last").refused(3)
    assert nnfs(*line(command), *where, "--checkpoint", "best").code == 0
    nnfs(*line(command), *where, "--checkpoint", "worst").refused(3)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", those_with("--data-dir"))
def test_data_is_looked_for_where_it_is_said(
    nnfs: Nnfs, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens data asks for the folder; what needs none of it does not mind."""
    asked: list[Path | None] = []
    from nnfs_cli.data.source import Source

    real = Source.from_environment.__func__  # type: ignore[attr-defined]

    def noted(cls: type[Source], data_dir: Path | None, *rest: Any) -> Source:
        asked.append(data_dir)
        source: Source = real(cls, data_dir, *rest)
        return source

    monkeypatch.setattr(Source, "from_environment", classmethod(noted))
    where = ["--runs-dir", "elsewhere"] if "--runs-dir" in OPTIONS[command] else []
    more = ["--epochs", "2"] if command == "resume" else []
    nnfs(*line(command), *where, *more, "--data-dir", "of-data")
    assert asked
    assert {str(path) for path in asked} == {"of-data"}


def test_a_plugin_that_has_changed_since_is_said(nnfs: Nnfs, toy: Path) -> None:
    Path("own.py").write_text("# nothing\n")
    assert nnfs("train", toy, "-q", "--epochs", 1, "--plugin", "own.py").code == 0
    assert nnfs("eval", "--plugin", "own.py").err.count("note: ") == 0
    Path("own.py").write_text("# nothing more\n")
    told = f"note: own.py is not what it was when run {latest().name} was trained"
    assert told in nnfs("eval", "--plugin", "own.py").err


@pytest.mark.parametrize("line", ["train c.yaml --dry-run", "check c.yaml", "trace c.yaml"])
def test_what_is_odd_in_the_data_is_said_whatever_is_done_with_it(nnfs: Nnfs, line: str) -> None:
    rows = "".join(f"{n / 4},7,{n % 2}\n" for n in range(40))
    Path("t.csv").write_text(f"a,b,y\n{rows}")
    data = "data: {type: csv, path: t.csv}"
    Path("c.yaml").write_text(re.sub(r"data: .*", data, TOY))
    result = nnfs(*line.split())
    assert result.code == 0
    assert "note: these columns never change in training: 'b'" in result.err
    assert not Path("runs").exists()
