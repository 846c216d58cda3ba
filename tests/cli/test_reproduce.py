"""`nnfs reproduce`: identical, or where a repetition first differs and what is different."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.process_team import can_fork
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.runs.checkpoint import read_text, save

from .conftest import Nnfs, contents, latest, record
from .test_resume import HARD


@pytest.fixture
def hard(nnfs: Nnfs, folder: Path) -> Path:
    """A run of three epochs of 7 steps."""
    path = folder / "hard.yaml"
    path.write_text(HARD)
    assert nnfs("train", path, "-q").code == 0
    return path


def different(nnfs: Nnfs) -> str:
    before = contents(latest())
    line = nnfs("reproduce", "latest").refused(6)
    assert contents(latest()) == before
    return line


def test_identical(nnfs: Nnfs, hard: Path) -> None:
    before = contents(Path("runs"))
    result = nnfs("reproduce", "latest", "--json")
    assert (result.code, result.err) == (0, "")
    assert result.document["identical"] is True
    assert (result.document["epochs"], result.document["steps"]) == (3, 21)
    assert contents(Path("runs")) == before


@pytest.mark.parametrize(
    "options",
    [
        ["train.early_stopping={monitor: train_loss, patience: 1, min_delta: 100}"],
        ["schedule={type: plateau, patience: 1}", "train.batch_size=full"],
        ["optimizer={type: sgd, lr: 1e6}", "loss=mse", "layers=[{type: dense, units: 2}]"],
        pytest.param(
            ["--workers", "2", "train.batch_size=12"],
            marks=pytest.mark.skipif(not can_fork(), reason="only Linux forks workers"),
        ),
    ],
    ids=["stopped early", "plateau", "diverged", "two workers"],
)
def test_identical_too(nnfs: Nnfs, hard: Path, options: list[str]) -> None:
    nnfs("train", hard, "-q", *options)
    assert "identical: " in nnfs("reproduce", "latest").out


def test_a_resumed_run(nnfs: Nnfs, hard: Path) -> None:
    nnfs("resume", "latest", "--epochs", 5, "-q")
    assert "identical: 35 steps, 5 epochs" in nnfs("reproduce", "latest").out


def test_a_schedule_that_was_planned_anew(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q", "schedule=cosine")
    nnfs("resume", "latest", "--epochs", 5, "-q")
    assert "identical: 35 steps, 5 epochs" in nnfs("reproduce", "latest").out
    edit_json(latest() / "run.json", as_of_0_1)
    edit_text("last", lambda text: text.pop("resumed_with"))
    line = different(nnfs)
    assert "not identical from step 3 of epoch 1" in line
    assert "the schedule was planned anew when 5 epochs were asked for" in line


def as_of_0_1(facts: dict[str, Any]) -> None:
    """It did not record what the schedule was planned over before."""
    facts["planned_epochs"] = facts.pop("resumed_with")[0]["value"]


def test_a_run_that_starts_from_another(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q", "init_from=latest")
    assert "identical" in nnfs("reproduce").out


def test_the_step_that_differs(nnfs: Nnfs, hard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, steps = CrossEntropy.value_and_grad, []  # one of them is a validation

    def other(self: CrossEntropy, outputs: np.ndarray, targets: np.ndarray) -> object:
        steps.append(1)
        loss, grad = real(self, outputs, targets)
        return loss * (1 + 1e-15) if len(steps) == 12 else loss, grad

    facts = record(latest())
    facts["environment"] |= {"numpy": "1.0.0", "processor": "abacus"}
    (latest() / "run.json").write_text(json.dumps(facts))
    monkeypatch.setattr(CrossEntropy, "value_and_grad", other)
    line = different(nnfs)
    assert "not identical from step 11 of epoch 2: the loss is " in line
    assert f"numpy was 1.0.0 and is {np.__version__}" in line
    assert "processor was abacus and is " in line


def test_a_fact_that_does_not_matter(nnfs: Nnfs, hard: Path) -> None:
    facts = record(latest())
    facts["environment"]["numpy"] = "1.0.0"
    (latest() / "run.json").write_text(json.dumps(facts))
    result = nnfs("reproduce", "latest")
    assert result.code == 0
    assert "note: numpy was 1.0.0 and is" in result.err


def test_a_row_that_differs(nnfs: Nnfs, hard: Path) -> None:
    path = latest() / "metrics.csv"
    header, first, second, *rest = path.read_text().splitlines(keepends=True)
    second = second.rpartition(",")[0] + ",0.123\n"
    path.write_text("".join([header, first, second, *rest]))
    line = different(nnfs)
    assert "not identical from epoch 2: val_accuracy is " in line
    assert "and was 0.123" in line
    assert "no recorded fact does" in line


@pytest.mark.parametrize(("name", "slot"), [("last", "momentum"), ("best", "dense_1.weight")])
def test_an_array_that_differs(nnfs: Nnfs, hard: Path, name: str, slot: str) -> None:
    path = latest() / f"checkpoints/{name}.npz"
    with np.load(path) as found:
        arrays = {key: found[key] for key in found.files if key != "checkpoint.json"}
    changed = next(key for key in arrays if slot in key or key.startswith("optimizer"))
    arrays[changed].flat[0] += 1.0
    save(path, arrays, read_text(path))
    assert f"{changed} differs from {name}.npz" in different(nnfs)


def test_other_data(nnfs: Nnfs, hard: Path) -> None:
    rows = [f"{i},{i % 7},{i % 2}\n" for i in range(40)]
    Path("table.csv").write_text("a,b,label\n" + "".join(rows))
    nnfs("train", hard, "-q", "data={type: csv, path: table.csv}")
    Path("table.csv").write_text("a,b,label\n" + "".join(rows[::-1]))
    line = different(nnfs)
    assert "not identical from the start: the data is not what it was" in line
    assert "data hash was " in line
    assert "the data is not what run " in nnfs("diagnose", "latest").refused(3)


def test_two_trainings_of_one_config_are_the_same_bytes(nnfs: Nnfs, hard: Path) -> None:
    first = latest()
    nnfs("train", hard, "-q")
    for name in ("checkpoints/last.npz", "checkpoints/best.npz", "config.yaml"):
        assert (first / name).read_bytes() == (latest() / name).read_bytes()


def edit_json(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def edit_text(name: str, change: Callable[[Any], None]) -> None:
    """Change the JSON of a checkpoint, whose arrays stay."""
    path = latest() / f"checkpoints/{name}.npz"
    with np.load(path) as found:
        arrays = {key: found[key] for key in found.files if key != "checkpoint.json"}
    text = read_text(path)
    change(text)
    save(path, arrays, text)


def rows(change: Callable[[list[str]], list[str]], name: str = "metrics.csv") -> None:
    path = latest() / name
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))


FORGERIES: dict[str, tuple[Callable[[], object], str]] = {
    "metrics.csv deleted": (lambda: (latest() / "metrics.csv").unlink(), "metrics.csv has no row"),
    "a row cut": (lambda: rows(lambda all_: all_[:-1]), "metrics.csv has no row"),
    "a column cut": (
        lambda: rows(lambda all_: [",".join(row.split(",")[:-1]) + "\n" for row in all_]),
        "metrics.csv has no ",
    ),
    "a figure of a layer": (
        lambda: rows(
            lambda all_: [all_[0], all_[1].replace("weight,", "weight,9"), *all_[2:]], "layers.csv"
        ),
        "of dense_1.weight in layers.csv is",
    ),
    "a row of a layer cut": (
        lambda: rows(lambda all_: [*all_[:2], *all_[3:]], "layers.csv"),
        "layers.csv has no row for dense_1.bias",
    ),
    "best.npz deleted": (lambda: (latest() / "checkpoints/best.npz").unlink(), "no best.npz"),
    "the test figure": (
        lambda: edit_json(latest() / "run.json", lambda record: record["test"].update(loss=0.01)),
        "test.loss is",
    ),
    "no test figure": (
        lambda: edit_json(latest() / "run.json", lambda record: record.update(test=None)),
        "test.loss is",
    ),
    "the best epoch": (
        lambda: edit_json(latest() / "run.json", lambda record: record["best"].update(value=0.0)),
        "best is",
    ),
    "a figure of the best epoch": (
        lambda: edit_json(latest() / "run.json", lambda r: r["metrics"].update(train_loss=0.0)),
        "metrics.train_loss is",
    ),
    "labels": (
        lambda: edit_text("best", lambda text: text["preprocessing"]["labels"].reverse()),
        "best.npz: preprocessing.labels.0 is",
    ),
    "preprocessing": (
        lambda: edit_text("last", lambda text: text["preprocessing"].update(shift=0.125)),
        "last.npz: preprocessing.shift is",
    ),
    "the history": (
        lambda: edit_text("last", lambda t: t["progress"]["history"].update(sha256="0" * 64)),
        "last.npz: progress.history.sha256 is",
    ),
    "a sum": (
        lambda: edit_text("last", lambda text: text["progress"].update(loss_sum=0.5)),
        "last.npz: progress.loss_sum is",
    ),
    "steps of the optimizer": (
        lambda: edit_text("last", lambda text: text.update(optimizer_steps=1)),
        "last.npz: optimizer_steps is",
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_whatever_is_forged_is_found(nnfs: Nnfs, hard: Path, forgery: str) -> None:
    change, words = FORGERIES[forgery]
    change()
    assert words in different(nnfs)


def test_what_cannot_be_compared_is_named(nnfs: Nnfs, hard: Path) -> None:
    nnfs("eval", "latest")
    result = nnfs("reproduce", "latest")
    assert result.code == 0
    assert "not compared: times, train.log, eval/\n" in result.out


def test_a_trace_that_is_cut_is_found(nnfs: Nnfs, hard: Path) -> None:
    edit_text("last", lambda text: text["progress"]["trace"].pop())
    assert "last.npz: progress.trace has 21 entries and had 20" in different(nnfs)


def test_a_best_checkpoint_of_an_earlier_epoch_is_found(nnfs: Nnfs, hard: Path) -> None:
    """What a backup brings back: each is of this training, and no longer the best."""
    falling = ("data.validation=0", "layers=[{type: dense, units: 2}]", "optimizer=sgd")
    assert nnfs("train", hard, "-q", "--epochs", 2, "train.batch_size=full", *falling).code == 0
    best, last = (latest() / f"checkpoints/{name}.npz" for name in ("best", "last"))
    kept, before = best.read_bytes(), last.read_bytes()
    assert nnfs("resume", "latest", "--epochs", 3, "-q").code == 0
    newest = best.read_bytes()
    best.write_bytes(kept)
    assert "epoch 3: best.npz is of epoch 2" in different(nnfs)
    best.write_bytes(newest)
    last.write_bytes(before)
    edit_json(latest() / "run.json", lambda facts: facts.update(status="interrupted"))
    result = nnfs("reproduce", "latest")
    assert "the rows of metrics.csv and layers.csv behind last.npz" in result.out
    assert "best.npz, which is of a later epoch than last.npz" in result.out
