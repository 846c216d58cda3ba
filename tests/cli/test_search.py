"""``nnfs sweep --search`` and ``--prune``: what is trained, told, kept and found again."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from .conftest import Nnfs, record, table
from .sweeping import Start, rows, run_folders, the_sweep

MOONS = """\
data: {type: moons, samples: 60, test_samples: 20, validation: 0.3}
layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: sgd, lr: 0.1}
train: {epochs: 5}
"""
RANGES = ("optimizer.lr=log(1e-3,10)", "layers.0.units=int(2,9)", "optimizer.type=sgd,adam")
SEARCH = (*RANGES, "--search", "tpe")
posix = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc of Linux")


@pytest.fixture
def moons(folder: Path) -> Path:
    path = folder / "moons.yaml"
    path.write_text(MOONS)
    return path


@pytest.fixture
def optuna() -> None:
    pytest.importorskip("optuna", reason="the extra `search` is not installed")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["seed=1,2", "--trials", "3"], "add --search tpe"),
        ([*SEARCH, "--random", "3"], "keep one of them"),
        (["--search", "tpe"], "there is no range to draw trials from"),
        ([*SEARCH, "layers.0.unit=int(1,2)"], "did you mean"),
        (["optimizer.lr=log(-1,2)", "--search", "tpe"], "has no logarithm"),
        (["layers.0.units=int(0,2)", "--search", "tpe"], "layers.0.units"),
        (["metrics=[accuracy]", "train.checkpoint.monitor=val_loss,val_accuracy",
          "--prune"], "cannot be compared"),
        (["loss=mse,cross_entropy", "--prune"], "so val_loss does not compare them; set train"),
        (["loss.label_smoothing=uniform(0,0.1)", "--search", "tpe"], "does not compare them"),
        ([*SEARCH, "--print-commands"], "each trial is found from those before it"),
        (["seed=1,2", "--prune"], "would keep those that were lucky"),
        (["seed=int(0,5)", "--search", "tpe"], "would keep those that were lucky"),
        ([*SEARCH, "data.fold=1/2,2/2"], "nnfs train --folds N"),
        (["optimizer.lr=1,2", "--prune", "--print-commands"], "leave --prune out"),
    ],
)  # fmt: skip
def test_what_is_refused(nnfs: Nnfs, moons: Path, words: list[str], told: str) -> None:
    assert told in nnfs("sweep", moons, *words).refused(2)
    assert os.listdir() == ["moons.yaml"]


def test_without_optuna(nnfs: Nnfs, moons: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    for words in (SEARCH, ["optimizer.lr=1,2", "--prune"]):
        assert "pip install 'nnfs-cli[search]'" in nnfs("sweep", moons, *words).refused(5)
    assert os.listdir() == ["moons.yaml"]


def test_a_search_in_a_sweep_file(nnfs: Nnfs, moons: Path) -> None:
    text = f"config: moons.yaml\nchanges: {[*RANGES]}\nsearch: tpe\n"
    Path("s.yaml").write_text(text + "trials: 7\nprune: true\n")
    assert nnfs("check", "s.yaml").out == "s.yaml is in order: 7 trials\n"
    assert "cannot" in nnfs("check", "s.yaml", "train.checkpoint.monitor=val_loss,train_loss").err
    for line, told in (
        ("random: 3\n", "keep one of them"),
        ("trials: 0\n", "s.yaml:4:9"),
        ("prune: 3\n", "s.yaml:4:8"),
    ):
        Path("s.yaml").write_text(text + line)
        assert told in nnfs("check", "s.yaml").refused(2)
    Path("s.yaml").write_text(text.replace("tpe", "tep"))
    assert "did you mean 'tpe'" in nnfs("check", "s.yaml").refused(2)


@pytest.mark.slow
@pytest.mark.usefixtures("optuna")
def test_a_search_is_repeatable_and_goes_on(nnfs: Nnfs, moons: Path) -> None:
    line = ("sweep", moons, *SEARCH, "--trials", 11, "--prune", "-j", 1)
    told = nnfs(*line)
    assert told.code == 0, told.err
    first = rows("seconds")
    runs = {row["run"]: record(Path(row["run"])) for row in first}
    assert len(runs) == len(first) == 11
    assert {row["status"] for row in first} == {"finished", "pruned"}
    for row in first:
        run = runs[row["run"]]
        assert (float(row["value"]), int(row["epochs"])) == (run["best"]["value"], run["epochs"])
        if row["status"] == "pruned":
            assert (run["status"], run["stopped"]) == ("interrupted", "pruned")
            assert row["message"] == f"pruned after epoch {row['epochs']}: others did better"
            assert row["message"] in told.err
            assert nnfs("eval", row["run"], "-q").code == 0, "the best checkpoint cannot be used"
    best = min((r for r in first if r["status"] == "finished"), key=lambda r: float(r["value"]))
    assert told.out.rstrip().endswith(best["run"])

    for words in (["--resume"], line[1:]):  # nothing is trained again
        assert nnfs("sweep", *words).err.count(", found") == 11
        assert rows("seconds") == first
    (the_sweep() / "trials.csv").unlink()  # the runs tell it all
    assert nnfs("sweep", "--resume", "-j", 1).code == 0
    assert rows("seconds") == first
    assert len(run_folders()) == 11
    for row in first[8:]:  # as after a kill: what is missing is proposed and trained again
        shutil.rmtree(row["run"])
    (the_sweep() / "trials.csv").unlink()
    assert nnfs("sweep", "--resume", "-j", 1).code == 0
    assert rows("seconds", "run") == [{k: v for k, v in r.items() if k != "run"} for r in first]

    assert nnfs("sweep", "--resume", "--trials", 12, "-j", 1, "-q").code == 0
    assert rows("seconds", "run")[:11] == [{k: r[k] for k in r if k != "run"} for r in first]
    assert "the sweep has 12 trials" in nnfs("sweep", "--resume", "--trials", 5).refused(2)

    (pruned, *_) = (Path(row["run"]) for row in first if row["status"] == "pruned")
    assert nnfs("resume", pruned, "-q").code == 0, "a pruned run goes on like any other"
    assert (record(pruned)["status"], record(pruned)["stopped"]) == ("finished", None)
    assert len(table(pruned)) == 5


@pytest.mark.slow
@pytest.mark.usefixtures("optuna")
def test_trials_that_cannot_be_trained(nnfs: Nnfs, moons: Path) -> None:
    """Faults that only some combinations have: the trial fails, the others go on."""
    moons.write_text(MOONS.replace("tanh}", "tanh}, {type: reshape, shape: [2, 2]}, flatten"))
    told = nnfs("sweep", moons, "layers.0.units=choice(4)", "-q")
    assert told.code == 2
    words = ["layers.0.units=4,6", "layers.1.shape=choice([2,2],[3,2])", "--search", "tpe"]
    told = nnfs("sweep", moons, *words, "--trials", 8, "-q", "-j", 2)
    assert told.code == 2
    assert "layers.1" in told.err


@pytest.mark.slow
@pytest.mark.usefixtures("optuna")
def test_what_is_wrong_with_the_table(nnfs: Nnfs, moons: Path) -> None:
    assert nnfs("sweep", moons, *SEARCH, "--trials", 2, "-q", "-j", 2).code == 0
    trials = the_sweep() / "trials.csv"
    good = trials.read_text()
    for text in (good.replace(",sgd,", ",x,").replace(",adam,", ",x,"), "a,b\n1,2\n", "\0"):
        assert text != good
        trials.write_text(text)
        assert "trials.csv" in nnfs("sweep", "--resume").refused(3)
        assert trials.read_text() == text
    trials.unlink()
    assert nnfs("sweep", "--resume", "-j", 2, "-q").code == 0
    assert len(rows()) == 2


@pytest.mark.slow
@pytest.mark.usefixtures("optuna")
def test_commands_are_pruned_too(nnfs: Nnfs, moons: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    line = ("sweep", moons, "optimizer.lr=1,1e-3", "--prune", "-q", "-j", 1)
    assert nnfs(*line).code == 0
    forked = rows("seconds", "run")
    assert {row["status"] for row in forked} == {"finished", "pruned"}
    for path in ("runs", "sweeps"):
        shutil.rmtree(path)
    monkeypatch.setattr("nnfs_cli.compute.process_team.can_fork", lambda: False)
    assert nnfs(*line).code == 0
    assert rows("seconds", "run") == forked


@posix
@pytest.mark.slow
@pytest.mark.usefixtures("optuna")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_search_that_is_killed_goes_on(
    start: Start, nnfs: Nnfs, moons: Path, number: int
) -> None:
    """Its running trials too, where they were, at the points at which they were."""
    process = start("sweep", moons, *SEARCH, "--trials", 6, "train.epochs=200", "--jobs", 2)
    end = time.monotonic() + 60
    while len(run_folders()) < 4:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(number)
    process.communicate()
    before = {row["number"]: row for row in rows()}
    assert nnfs("sweep", "--resume", "-q").code in (0, 4)
    after = {row["number"]: row for row in rows()}
    assert len(after) == 6
    there = {run.name for run in run_folders() if (run / "checkpoints/last.npz").exists()}
    assert len(there) == 6
    assert there == {Path(row["run"]).name for row in after.values()}, "a run is lost"
    for key in RANGES:
        name = key.partition("=")[0]
        assert all(after[n][name] == before[n][name] for n in before)


@pytest.mark.slow
@pytest.mark.usefixtures("optuna")
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_point_that_is_proposed_again(nnfs: Nnfs, moons: Path, jobs: int) -> None:
    """Is trained once; each trial has its row."""
    line = ("sweep", moons, "layers.0.units=3,4", "--search", "tpe", "--trials", 7)
    told = nnfs(*line, "-q", "-j", jobs)
    assert told.code == 0, told.err
    assert "another process" not in told.err
    assert len(run_folders()) == len({row["layers.0.units"] for row in rows()}) == 2
    assert [row["status"] for row in rows()] == ["finished"] * 7
    assert len({(row["layers.0.units"], row["value"]) for row in rows()}) == 2


@pytest.mark.usefixtures("optuna")
def test_a_search_begins_every_trial_from_one_run(nnfs: Nnfs, moons: Path) -> None:
    """Not from the latest at its turn, which is the trial before."""
    assert nnfs("train", moons).code == 0
    (first,) = run_folders()
    words = (
        "optimizer.lr=log(1e-3,10)",
        "init_from=latest",
        "--search",
        "tpe",
        "--trials",
        "2",
        "-j1",
    )
    assert nnfs("sweep", moons, *words).code == 0
    for row in rows():
        assert f"init_from: ../{first.name}" in (Path(row["run"]) / "config.yaml").read_text()
    assert nnfs("sweep", "--resume").err.count(", found") == 2
