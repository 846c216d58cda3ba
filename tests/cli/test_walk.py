"""Every command once, as a newcomer would type it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from .conftest import Nnfs, contents, latest, record, table


@pytest.fixture
def trained(nnfs: Nnfs, toy: Path) -> Path:
    assert nnfs("train", toy, "-q").code == 0
    return latest()


def test_train_leaves_a_complete_run(nnfs: Nnfs, toy: Path) -> None:
    result = nnfs("train", toy, "optimizer.lr=0.02", "--epochs", 2)
    assert result.code == 0
    run = latest()
    assert {"config.yaml", "config.orig.yaml", "run.json", "metrics.csv"} <= {*contents(run)}
    assert {"checkpoints/best.npz", "checkpoints/last.npz"} <= {*contents(run)}
    assert (run / "config.orig.yaml").read_bytes() == toy.read_bytes()
    assert [row["epoch"] for row in table(run)] == ["1", "2"]
    facts = record(run)
    assert facts["status"] == "finished"
    assert facts["overrides"] == ["optimizer.lr=0.02", "train.epochs=2"]
    assert facts["data"] == {
        "name": "moons",
        "hash": facts["data"]["hash"],
        "samples": {"train": 48, "validation": 12, "test": 30},
    }
    assert f"run    runs/{run.name}" in result.out
    assert "(moons, 30 samples)" in result.out
    assert "\n  2/2 " in result.err


def test_eval_measures_and_writes(nnfs: Nnfs, trained: Path) -> None:
    result = nnfs("eval")
    assert result.code == 0
    assert "accuracy" in result.out
    assert "confusion matrix" in result.out
    assert {"metrics.json", "classes.csv", "confusion.csv", "predictions.csv"} == {
        *contents(trained / "eval/test")
    }
    rows = (trained / "eval/test/predictions.csv").read_text().splitlines()
    assert rows[0] == "index,true,predicted,0,1"
    assert len(rows) == 31


def test_eval_of_a_file(nnfs: Nnfs, trained: Path) -> None:
    rows = "".join(f"{i / 10},{-i / 10},{i % 2}\n" for i in range(10))
    Path("test.csv").write_text("a,b,label\n" + rows)
    result = nnfs("eval", "latest", "--data", "test.csv", "--json")
    assert result.code == 0, result.err
    assert result.document["samples"] == 10
    assert not (trained / "eval/test").exists()


@pytest.mark.parametrize(
    ("target", "code"), [("accuracy=0", 0), ("accuracy=1.1", 6), ("loss=0", 6)]
)
def test_fail_under(nnfs: Nnfs, trained: Path, target: str, code: int) -> None:
    result = nnfs("eval", "--fail-under", target)
    assert result.code == code
    assert len(result.errors) == (code != 0)


def test_fail_under_of_what_is_not_measured(nnfs: Nnfs, trained: Path) -> None:
    before = contents(trained)
    assert "there is loss, accuracy" in nnfs("eval", "--fail-under", "recall=1").refused(2)
    assert contents(trained) == before


def test_check_writes_nothing(nnfs: Nnfs, toy: Path) -> None:
    before = contents(Path())
    result = nnfs("check", toy)
    assert result.code == 0
    assert "parameters  42" in result.out
    assert "guessing among 2 classes: 0.6931" in result.out
    assert contents(Path()) == before


def test_dry_run_writes_nothing(nnfs: Nnfs, toy: Path) -> None:
    result = nnfs("train", toy, "--dry-run")
    assert result.code == 0
    assert "nothing was written" in result.out
    assert not Path("runs").exists()


def test_init_then_check(nnfs: Nnfs) -> None:
    assert "moons" in nnfs("init").out
    assert nnfs("init", "moons").code == 0
    assert nnfs("check", "moons.yaml").code == 0
    assert "exists" in nnfs("init", "moons").refused(2)


def test_init_from_a_table_then_train(nnfs: Nnfs) -> None:
    rows = "".join(f"{i},{i % 5},{'yes' if i % 3 else 'no'}\n" for i in range(60))
    Path("answers.csv").write_text("a,b,answer\n" + rows)
    assert nnfs("init", "answers.csv", "--target", "answer").code == 0
    assert nnfs("train", "answers.yaml", "train.epochs=1").code == 0


def test_runs_are_listed_shown_and_removed(nnfs: Nnfs, toy: Path) -> None:
    assert "no runs" in nnfs("runs").out
    nnfs("train", toy, "-q")
    first = latest()
    nnfs("train", toy, "optimizer.lr=0.1", "-q")
    listed = nnfs("runs", "--sort", "val_accuracy").out
    assert first.name in listed
    assert "optimizer.lr=0.1" in listed
    assert "finished" in nnfs("runs", "show", first.name).out
    assert nnfs("runs", "rm", "latest", "--yes").code == 0
    assert latest() == first


@pytest.mark.parametrize(("answer", "left"), [("y\n", False), ("n\n", True), ("", True)])
def test_removing_asks_first(
    nnfs: Nnfs, trained: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: bool
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    result = nnfs("runs", "rm", "latest")
    assert result.code == (0 if answer else 2)
    assert "for ever? [y/N]: \n" in result.err
    assert ("nothing was removed" in result.out) == (answer == "n\n")
    assert trained.exists() == left


def test_explain(nnfs: Nnfs) -> None:
    assert "adam" in nnfs("explain").out
    assert "arXiv:1412.6980" in nnfs("explain", "adam").out
    assert "samples a step" in nnfs("explain", "train.batch_size").out
    assert "did you mean 'adam'" in nnfs("explain", "adm").refused(2)


def test_gradcheck(nnfs: Nnfs, toy: Path) -> None:
    result = nnfs("gradcheck", toy)
    assert result.code == 0
    assert "outputs (cross_entropy)" in result.out
    assert "WRONG" not in result.out


def test_schema_describes_layers(nnfs: Nnfs) -> None:
    result = nnfs("schema", "--json")
    assert "layers" in result.document["json_schema"]["properties"]


@pytest.mark.slow
def test_plot(nnfs: Nnfs, trained: Path) -> None:
    pytest.importorskip("matplotlib")
    nnfs("eval")
    assert nnfs("plot").code == 0
    drawn = {*contents(trained / "plots")}
    assert {"loss.svg", "accuracy.png", "lr.svg", "confusion-test.svg"} <= drawn


def test_data(nnfs: Nnfs, toy: Path) -> None:
    assert "mnist" in nnfs("data", "list").out
    assert "duplicates: none" in nnfs("data", "info", toy).out
    assert "needs no files" in nnfs("data", "get", "digits").out


def test_resume_of_a_finished_run_says_so(nnfs: Nnfs, trained: Path) -> None:
    before = contents(trained)
    result = nnfs("resume", "latest")
    assert result.code == 0
    assert "add --epochs N" in result.out
    assert contents(trained) == before


def test_columns_of_runs_by_name(nnfs: Nnfs, trained: Path) -> None:
    shown = nnfs("runs", "--columns", "status,val_accuracy").out.split()
    assert shown[:2] == ["status", "val_accuracy"]
    line = nnfs("runs", "--columns", "status,val_acuracy").refused(2)
    assert "--columns names 'val_acuracy', which no run has; did you mean 'val_accuracy'?" in line


def test_runs_rm_that_is_not_confirmed(
    nnfs: Nnfs, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    result = nnfs("runs", "rm", "latest", "--json")
    assert (result.code, result.document["removed"]) == (0, [])
    assert trained.is_dir()
