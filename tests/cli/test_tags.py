"""Tags, notes, conditions and columns of `nnfs runs`, as people use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnfs_cli.cli.app import run as nnfs_run
from nnfs_cli.config.yaml_reader import read_file
from nnfs_cli.runs.annotations import FILE

from .conftest import Nnfs, contents, latest, record


@pytest.fixture
def two(toy: Path) -> None:
    for lr, words in (("0.01", ("--tag", "baseline")), ("0.1", ("--note", "too hot?"))):
        line = ("train", "toy.yaml", f"optimizer.lr={lr}", "--epochs", "1", "-q")
        assert nnfs_run([*line, "--run-dir", f"runs/lr{lr}", *words]) == 0


def ids(nnfs: Nnfs, *words: str) -> list[str]:
    return [each["id"] for each in nnfs("runs", *words, "--json").document["runs"]]


@pytest.mark.usefixtures("two")
def test_conditions_choose_runs(nnfs: Nnfs) -> None:
    assert ids(nnfs) == ["lr0.01", "lr0.1"]
    assert ids(nnfs, "--where", "optimizer.lr>0.05") == ["lr0.1"]
    assert ids(nnfs, "--where", "tags=baseline", "--where", "status=finished") == ["lr0.01"]
    assert ids(nnfs, "--where", "val_loss>=0", "--where", "epochs=1") == ["lr0.01", "lr0.1"]
    assert ids(nnfs, "--where", "layers.0.activation.type=tanh") == []
    assert "no run in runs is so" in nnfs("runs", "--where", "epochs>5").out
    assert "optimizer.lr" in nnfs("runs", "--where", "optimizer.l>1").refused(2)
    assert "--where" in nnfs("runs", "--where", "status").refused(2)


@pytest.mark.usefixtures("two")
def test_columns_may_be_keys_of_the_config(nnfs: Nnfs) -> None:
    out = nnfs("runs", "--columns", "run,optimizer.lr,note", "--sort", "optimizer.lr").out
    rows = [line.split() for line in out.splitlines() if "lr0" in line]
    assert rows == [["lr0.01", "0.0100"], ["lr0.1", "0.1000", "too", "hot?"]]
    assert "tags" in nnfs("runs").out.splitlines()[1].split()
    assert "unit" in nnfs("runs", "--columns", "layers.0.unit").refused(2)


@pytest.mark.usefixtures("two")
def test_tags_afterwards(nnfs: Nnfs) -> None:
    """Nothing else of the run changes, nor what its record says to programs."""
    before = {name: contents(Path(f"runs/{name}")) for name in ("lr0.01", "lr0.1")}
    told = nnfs("runs", "tag", "lr*", "--tag", "seen", "--untag", "baseline", "--json").document
    assert [each["tags"] for each in told["runs"]] == [["seen"], ["seen"]]
    after = {name: contents(Path(f"runs/{name}")) for name in before}
    for name, files in after.items():
        assert {**files, FILE: b""} == {**before[name], FILE: b""}
    shown = nnfs("runs", "show", "lr0.1")
    assert "too hot?" in shown.out
    assert nnfs("runs", "show", "lr0.1", "--json").document["tags"] == ["seen"]
    assert nnfs("reproduce", "lr0.1", "-q").code == 0
    assert "is no tag" in nnfs("runs", "tag", "lr0.1", "--tag", "two words").refused(2)
    assert nnfs("runs", "rm", "lr0.1", "--yes").code == 0


def test_a_tag_is_no_part_of_the_training(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "--epochs", "1", "-q", "--tag", "one").code == 0
    run = latest()
    skipped = nnfs("train", toy, "--epochs", "1", "--skip-done", "--tag", "two", "--json").document
    assert skipped["skipped"]
    assert nnfs("runs", "show", "--json").document["tags"] == ["one", "two"]
    assert "tags" not in record(run)
    assert "tags" not in read_file(run / "config.yaml").value
    assert nnfs("train", toy, "--epochs", "1", "-q", "--tag", "a,b").refused(2)
    assert len([*Path("runs").glob("2*")]) == 1
    (run / FILE).write_text("[]")
    result = nnfs("runs")
    assert result.code == 0
    assert "has no tags and note" in result.err


def test_the_trials_of_a_sweep_have_them_too(nnfs: Nnfs, toy: Path) -> None:
    words = ("--tag", "wide", "--note", "two words", "--runs-dir", "there")
    printed = nnfs("sweep", toy, "seed=0,1", *words, "--print-commands", "--json").document
    line = printed["commands"][1]
    assert {"--tag", "wide", "--note", "two words"} <= {*line}
    assert nnfs(*line[1:], "--epochs", "1").code == 0
    (told,) = nnfs("runs", "--runs-dir", "there", "--json").document["runs"]
    assert (told["tags"], told["note"]) == (["wide"], "two words")
    assert "is no tag" in nnfs("sweep", toy, "seed=0,1", "--tag", "a b").refused(2)
    assert "no logger" in nnfs("sweep", toy, "seed=0,1", "--log", "absent").refused(2)
    assert not Path("sweeps").exists()


@pytest.mark.slow
def test_forked_trials_have_them_too(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "--seeds", "2", "--epochs", "1", "--tag", "s", "-q").code == 0
    assert nnfs("sweep", toy, "seed=5,6", "--tag", "t", "-q").code == 0
    tags = [each["tags"] for each in nnfs("runs", "--json").document["runs"]]
    assert tags == [["s"], ["s"], ["t"], ["t"]]
