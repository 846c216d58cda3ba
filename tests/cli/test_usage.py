"""Wrong command lines: exit 2, one line; with ``--json`` one document."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Nnfs, latest, record

WRONG = [
    (["bogus"], "No such command 'bogus'"),
    (["train"], "Missing argument 'CONFIG'"),
    (["train", "toy.yaml", "--bogus"], "No such option: --bogus"),
    (["train", "toy.yaml", "--lr", "3"], "key of the config: optimizer.lr=VALUE"),
    (["check", "toy.yaml", "--Batch_Size=3"], "key of the config: train.batch_size=VALUE"),
    (["sweep", "toy.yaml", "--epochs", "3"], "key of the config: train.epochs=VALUE"),
    (["eval", "latest", "--lr", "3"], "No such option: --lr"),
    (["train", "toy.yaml", "--epochs", "many"], "valid integer"),
    (["train", "toy.yaml", "--epochs", "0"], "from 1 to"),
    (["train", "toy.yaml", "--seed", "-1"], "seed"),
    (["train", "toy.yaml", "epochs"], "write key=value"),
    (["train", "toy.yaml", "optimizer.lrr=1"], "did you mean"),
    (["resume", "latest", "--epochs", "0"], "Invalid value for '--epochs'"),
    (["eval", "--split", "all"], "train, validation, test"),
    (["eval", "--fail-under", "accuracy"], "METRIC=VALUE"),
    (["eval", "--fail-under", "accuracy=high"], "METRIC=VALUE"),
    (["runs", "--limit", "0"], "Invalid value for '--limit'"),
    (["runs", "--sort", "accuracyy"], "--sort names"),
    (["runs", "--columns", ""], "--columns names none in ''"),
    (["runs", "--columns", "run,"], "--columns names none in 'run,'"),
    (["runs", "bogus"], "No such command 'bogus'"),
    (["runs", "rm"], "Missing argument 'RUN'"),
    (["init", "mnits"], "did you mean 'mnist'"),
    (["init", "moons", "--target", "x"], "CSV"),
    (["explain", "drpout"], "did you mean 'dropout'"),
    (["data", "get", "minst"], "did you mean 'mnist'"),
    (["data", "get", "foo"], "those that can be fetched are cifar10, fashion_mnist, kmnist, mnist"),
    (["check", "toy"], "did you mean toy.yaml?"),
    (["train", "textbok.yaml"], "did you mean textbook? `nnfs init textbook` writes textbook.yaml"),
    (["init", "absent/"], "there is no folder 'absent/'"),
    (["explain", "lstm"], "'lstm'; `nnfs explain` lists all words"),
    (["train", "toy.yaml", "--plugin", "absent.py"], "cannot read plugin"),
]


@pytest.fixture(autouse=True)
def some_run(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "-q", "train.epochs=1").code == 0


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_command_line(nnfs: Nnfs, arguments: list[str], words: str) -> None:
    line = nnfs(*arguments).refused(2)
    assert words in line

    result = nnfs(*arguments, "--json")
    assert result.refused(2) == line
    error = result.document["error"]
    assert error["code"] == 2
    assert error["message"] in line
    assert result.document["command"] == arguments[0] or arguments[0] in ("bogus", "runs", "data")


@pytest.mark.parametrize("group", [[], ["data"]])
def test_no_command_shows_the_help(nnfs: Nnfs, group: list[str]) -> None:
    result = nnfs(*group)
    assert result.refused(2) == "error: no command is given; choose one of those above"
    assert nnfs(*group, "--help").out.strip() in result.err
    assert result.out == ""


def test_every_problem_of_a_config_has_its_line_and_its_place(nnfs: Nnfs, toy: Path) -> None:
    text = toy.read_text().replace("lr: 0.01", "lr: -1").replace("units: 8", "unit: 8")
    toy.write_text(text)
    result = nnfs("check", toy, "--json")
    assert result.code == 2
    assert len(result.errors) == len(result.document["error"]["problems"]) >= 2
    places = [problem["where"] for problem in result.document["error"]["problems"]]
    assert all("toy.yaml:" in place for place in places)


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (["--seed", "1", "seed=2"], "seed"),
        (["--epochs", "1", "train.epochs=2"], "train.epochs"),
        (["--name", "a", "name=b"], "name"),
        (["seed=1", "seed=2"], "seed"),
    ],
)
def test_an_option_and_an_override_that_disagree(
    nnfs: Nnfs, toy: Path, options: list[str], keys: str
) -> None:
    assert f"disagrees with `{keys}=" in nnfs("train", toy, *options).refused(2)


def test_an_option_and_an_override_that_agree(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "--seed", 3, "seed=3", "-q", "--epochs", 1).code == 0
    assert record(latest())["seed"] == 3


@pytest.mark.parametrize("flag", ["--debug", None])
def test_only_debug_shows_a_traceback(nnfs: Nnfs, flag: str | None) -> None:
    result = nnfs("check", "absent.yaml", *([flag] if flag else []))
    assert result.code == 2
    assert ("Traceback" in result.err) == (flag is not None)


def test_a_key_of_several_components_says_whose_each_row_is(nnfs: Nnfs) -> None:
    lines = nnfs("explain", "groups").out.splitlines()
    rows = [line.split() for line in lines]
    assert ["of", "expects", "default", "meaning"] in rows
    assert {"conv2d", "group_norm"} < {row[0] for row in rows if row}
    assert "key padding of layer conv2d" in nnfs("explain", "conv2d.padding").out
