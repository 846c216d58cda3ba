"""``nnfs train --folds``: a run for each fold, what they say together, and the predictions."""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

import pytest

from .conftest import Nnfs, document, record

TABLE = """\
data: {type: csv, path: t.csv, target: y, id: name, groups: by}
layers: [{type: dense, units: 3, activation: tanh}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.05}
metrics: [accuracy]
train: {epochs: 2, batch_size: 16}
"""


@pytest.fixture
def config(folder: Path) -> Path:
    rows = [f"r{n},g{n // 2},{n * 37 % 11},{['no', 'yes'][n * 37 % 11 > 5]}" for n in range(60)]
    (folder / "t.csv").write_text("name,by,x,y\n" + "\n".join(rows) + "\n")
    path = folder / "t.yaml"
    path.write_text(TABLE)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return [*csv.DictReader(file)]


def test_folds(nnfs: Nnfs, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = nnfs("train", config, "--folds", "3", "-q", "--json")
    assert told.code == 0, told.err
    answer = told.document
    runs = [Path(trial["run"]) for trial in answer["trials"]]
    (group,) = answer["groups"]
    assert {*group["figures"]} == {"val_loss", "val_accuracy", "test_loss", "test_accuracy"}
    accuracies = [record(run)["metrics"]["val_accuracy"] for run in runs]
    figure = group["figures"]["val_accuracy"]
    assert figure["mean"] == pytest.approx(statistics.mean(accuracies))
    assert figure["std"] == pytest.approx(statistics.stdev(accuracies))

    found = rows_of(Path(answer["out_of_fold"]))
    trained = [*rows_of(Path("t.csv"))]
    truth = {row["name"]: row["y"] for row in trained}
    assert len({row["name"] for row in found}) == len(found)
    assert all(truth[row["name"]] == row["true"] for row in found)
    assert all(row["sample"] == f"t.csv:{int(row['name'][1:]) + 2}" for row in found)
    expected = []
    for run in sorted(runs, key=lambda run: record(run)["overrides"]):
        own = document(capsys, "eval", str(run), "--split", "validation")
        expected += [
            {k: v for k, v in row.items() if k != "index"}
            for row in rows_of(Path(own["folder"]) / "predictions.csv")
        ]
    test = {row["name"] for row in rows_of(_tested(nnfs, runs[0]))}
    assert test | {row["name"] for row in found} == {*truth}
    ours = [{k: v for k, v in row.items() if k != "fold"} for row in found]
    assert [*map(_words, ours)] == [*map(_words, expected)]
    for mine, other in zip(ours, expected, strict=True):
        assert float(mine["yes"]) == pytest.approx(float(other["yes"]), abs=1e-6)

    sweep = Path(answer["sweep"]).name
    compared = nnfs("compare", sweep, "--json").document
    (one,) = compared["groups"]
    assert one["figures"]["val_accuracy"] == figure
    assert {*one["folds"]} == {"1/3", "2/3", "3/3"}
    assert "3 folds of one config" in compared["verdict"][0]

    again = nnfs("train", config, "--folds", "3")
    assert again.err.count(", found") == 3
    assert "over folds" in again.out
    assert "60" not in again.out.splitlines()[-1]


def _words(row: dict[str, str]) -> tuple[str, ...]:
    return row["true"], row["predicted"], row["sample"], row["name"]


def _tested(nnfs: Nnfs, run: Path) -> Path:
    assert nnfs("eval", run, "-q").code == 0
    return run / "eval/test/predictions.csv"


def test_folds_make_several_runs(nnfs: Nnfs, config: Path) -> None:
    for words, told in (
        (["--folds", "3", "--run-dir", "x"], "--run-dir is for one run, and --folds makes several"),
        (["--folds", "3", "--seeds", "2"], "each repeat a training"),
        (["--folds", "1"], "--folds"),
        (["--folds", "3", "data.fold=2/3"], "data.fold=2/3 names one fold"),
        (["--folds", "3", "seed=1,2"], "seed has 2 values, and --folds varies data.fold alone"),
        (["data.fold=4/3"], "such as 2/5"),
    ):
        assert told in nnfs("train", config, *words).refused(2)
    assert "too few different groups" in nnfs("train", config, "--folds", "40").refused(3)
    assert not Path("runs").exists()


def test_a_fold_that_fails_leaves_no_table(nnfs: Nnfs, config: Path) -> None:
    words = (
        "layers=[{type: dense, units: 2}]",
        "loss=mse",
        "train.epochs=5",
        "optimizer={type: sgd, lr: 1e6}",
        "data.groups=null",
        "--folds",
        "2",
        "-q",
    )
    assert nnfs("train", config, *words).code == 4
    assert not [*Path("sweeps").glob("*/out_of_fold.csv")]


@pytest.mark.slow
def test_a_sweep_of_all_folds_keeps_what_was_predicted(nnfs: Nnfs, config: Path) -> None:
    """As the one does that goes on with `--folds` after an interruption."""
    assert nnfs("train", config, "--folds", "2", "-q").code == 0
    (whole,) = Path("sweeps").glob("*/out_of_fold.csv")
    expected = whole.read_bytes()
    whole.unlink()
    assert str(whole) in nnfs("sweep", "--resume", whole.parent).out
    assert whole.read_bytes() == expected

    told = nnfs("sweep", config, "data.fold=2/2,1/2", "--name", "own", "--json").document
    kept = [row["sample"] for row in rows_of(Path(told["out_of_fold"]))]
    assert sorted(kept) == sorted(row["sample"] for row in rows_of(whole))
    for words in (["data.fold=1/2"], ["data.fold=1/2,2/2", "seed=0,1"], ["data.fold=1/3,2/3"]):
        assert "out_of_fold" not in nnfs("sweep", config, *words, "--json").document
