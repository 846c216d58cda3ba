"""More classes than a matrix has room for: what an evaluation keeps then, and what reads it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli import load_run

from .conftest import Nnfs, latest

CLASSES, EACH = 1_001, 4
CONFIG = f"""\
data: {{type: npz, path: many.npz, test: 0.25, validation: 0.25, task: classification}}
layers: [{{type: dense, units: {CLASSES}}}]
loss: cross_entropy
optimizer: {{type: adam, lr: 0.1}}
metrics: [accuracy, f1]
train: {{epochs: 1, batch_size: 256}}
"""


@pytest.fixture
def trained(folder: Path, nnfs: Nnfs) -> Path:
    y = np.arange(CLASSES * EACH) % CLASSES
    angles = 2 * np.pi * y[:, None] * np.array([1, 3, 10, 30, 100]) / CLASSES
    np.savez(folder / "many.npz", x=np.hstack([np.cos(angles), np.sin(angles)]), y=y)
    (folder / "m.yaml").write_text(CONFIG)
    assert nnfs("train", "m.yaml", "-q").code == 0
    return latest()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [*csv.DictReader(file)]


def test_pairs_and_an_array_instead_of_a_cell_for_each_pair_of_classes(
    trained: Path, nnfs: Nnfs
) -> None:
    outdated = trained / "eval/test/confusion.csv"
    outdated.parent.mkdir(parents=True)
    outdated.write_text("of an earlier version")
    (outdated.parent / "metrics.json").write_text("{}")
    told = nnfs("eval").out
    assert "of more than 1,000 classes, confusion_pairs.csv has a row for each pair" in told
    assert {path.name for path in outdated.parent.iterdir()} == {
        "metrics.json", "classes.csv", "confusion_pairs.csv", "outputs.npy", "predictions.csv",
    }  # fmt: skip
    predictions = rows_of(outdated.parent / "predictions.csv")
    counts = Counter((row["true"], row["predicted"]) for row in predictions)
    pairs = rows_of(outdated.parent / "confusion_pairs.csv")
    found = {(row["true"], row["predicted"]): int(row["samples"]) for row in pairs}
    assert found == counts
    assert len(pairs) == len(found)
    outputs = np.load(outdated.parent / "outputs.npy", allow_pickle=False)
    names = [row["class"] for row in rows_of(outdated.parent / "classes.csv")]
    assert outputs.shape == (len(predictions), CLASSES)
    assert [names[column] for column in outputs.argmax(axis=1)] == [
        row["predicted"] for row in predictions
    ]
    for row, each in zip(predictions, outputs.tolist(), strict=True):
        assert float(row["output_of_predicted"]) == max(each)
        assert float(row["output_of_true"]) == each[names.index(row["true"])]
    accuracy = sum(row["true"] == row["predicted"] for row in predictions) / len(predictions)
    assert nnfs("eval", "--json").document["metrics"]["accuracy"] == pytest.approx(accuracy)
    assert 0 < accuracy < 1


def test_outputs_are_those_of_python(trained: Path, nnfs: Nnfs) -> None:
    with np.load("many.npz") as arrays:
        np.savez("two.npz", x=arrays["x"][:2], y=arrays["y"][:2])
    nnfs("eval", "--data", "two.npz")
    outputs = np.load(trained / "eval/two.npz/outputs.npy")
    with np.load("two.npz") as arrays:
        expected = load_run(trained).predict(arrays["x"].astype(np.float32))
    assert outputs.tobytes() == expected.tobytes()


def test_what_reads_evaluations_goes_on(trained: Path, nnfs: Nnfs) -> None:
    plotted = nnfs("plot")
    assert plotted.code == 0
    assert "the confusion matrix of 1,001 classes is not drawn, of up to 1,000 it is" in plotted.err
    assert not [*trained.glob("plots/confusion*")]
    assert nnfs("report").code == 0
    page = (trained / "report.html").read_text()
    assert "the commonest mistakes" in page
    assert "Calibration" in page
    nnfs("eval")
    assert nnfs("train", "m.yaml", "-q", "--seed", "1").code == 0
    anew = nnfs("compare", "latest~1", "latest")
    nnfs("eval", "latest")
    stored = nnfs("compare", "latest~1", "latest")
    assert "McNemar" in anew.out
    assert stored.out == anew.out


def test_files_of_another_evaluation_in_the_same_folder_go(trained: Path, nnfs: Nnfs) -> None:
    few = ["data.path=few.npz", "layers.0.units=3", "-q"]
    values = ["data.path=values.npz", "data.task=regression", "layers.0.units=2", "-q"]
    values += ["loss=mse", "metrics=[mae]"]
    x = np.arange(40.0).reshape(20, 2)
    np.savez("few.npz", x=x, y=np.arange(20) % 3)
    np.savez("values.npz", x=x, y=x)
    folder = Path("kept")
    folder.mkdir()
    (folder / "confusion.csv").write_text("the user's, where no evaluation has been")
    (folder / "labels.csv").write_text("the user's, which no evaluation writes here")
    common = {"metrics.json", "predictions.csv", "labels.csv"}
    many = common | {"classes.csv", "confusion_pairs.csv", "outputs.npy"}

    def kept(*overrides: str) -> set[str]:
        if overrides:
            assert nnfs("train", "m.yaml", *overrides).code == 0
        assert nnfs("eval", "--output", str(folder)).code == 0
        return {path.name for path in folder.iterdir()}

    assert kept() == many | {"confusion.csv"}
    assert nnfs("train", "m.yaml", *few).code == 0
    refused = nnfs("eval", "--output", str(folder))
    assert (refused.code, "confusion.csv is there and of no evaluation" in refused.err) == (2, True)
    (folder / "confusion.csv").unlink()
    facts = Path("other/metrics.json")
    facts.parent.mkdir()
    for content in ("{}", "[]", "no JSON", '{"files": 1}', '{"files": ["predictions.csv", [1]]}'):
        facts.write_text(content)
        assert nnfs("eval", "--output", "other").code == 2
        assert facts.read_text() == content
    assert kept() == common | {"classes.csv", "confusion.csv"}
    assert kept(*values) == common | {"targets.csv"}


def test_folds(trained: Path, nnfs: Nnfs) -> None:
    told = nnfs("train", "m.yaml", "--folds", "2", "-q", "--json", "data.test=0").document
    rows = rows_of(Path(told["out_of_fold"]))
    assert len(rows) == CLASSES * EACH
    assert [*rows[0]] == [
        "fold", "true", "predicted", "output_of_predicted", "output_of_true", "sample",
    ]  # fmt: skip


def test_of_many_values_the_worst_are_told(folder: Path, nnfs: Nnfs) -> None:
    x = np.random.default_rng(0).normal(size=(60, 2))
    np.savez(folder / "many.npz", x=x, y=x @ np.random.default_rng(1).normal(size=(2, 50)))
    (folder / "m.yaml").write_text(CONFIG)
    values = ["data.task=regression", "loss=mse", "metrics=[]", "layers.0.units=50"]
    assert nnfs("train", "m.yaml", "-q", *values).code == 0
    told = nnfs("eval").out
    _, table = told.split("the 20 worst of 50 targets, by r2")
    cells = [line.split() for line in table.splitlines()]
    shown = [row[0] for row in cells if len(row) == 4 and row[0].isdigit()]
    every = rows_of(latest() / "eval/test/targets.csv")
    assert len(every) == 50
    worst = [row["target"] for row in sorted(every, key=lambda row: float(row["r2"]))[:20]]
    assert shown == worst
