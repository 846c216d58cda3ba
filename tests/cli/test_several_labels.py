"""Several labels or values a sample, from the config to the answers."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.cli.app import run

from .conftest import document

CONFIG = """
data: {type: csv, path: t.csv, target: tags, task: multilabel}
layers: [{type: dense, units: 8, activation: relu}, {type: dense, units: 3}, sigmoid]
loss: binary_cross_entropy
optimizer: {type: adam, lr: 0.05}
metrics: [f1, {type: f1, average: micro}, average_precision]
train: {epochs: 12, batch_size: 16, workers: 1}
"""
NAMES = ['a "b", c', "d\x1b[31m", "é"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).normal(size=(160, 3))
    has = [[name for name, value in zip(NAMES, row, strict=True) if value > 0] for row in x]
    with Path("t.csv").open("w", newline="", encoding="utf-8") as file:
        rows = ([*row, "|".join(names)] for row, names in zip(x, has, strict=True))
        csv.writer(file).writerows([["p", "q", "r", "tags"], *rows])
    Path("c.yaml").write_text(CONFIG)


def test_names_go_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    end = document(capsys, "train", "c.yaml", "--run-dir", "R")
    wanted = {"loss", "f1", "f1_micro", "average_precision", "subset_accuracy", "hamming_loss"}
    assert end["test"].keys() == wanted
    assert end["test"]["f1"] > 0.8
    assert run(["check", "c.yaml"]) == 0
    assert "\ntargets     3, in this order: " in capsys.readouterr().out
    found = document(capsys, "eval", "R", "--fail-under", "subset_accuracy=0.5")
    assert found["metrics"] == pytest.approx(end["test"])
    with Path("R/eval/test/labels.csv").open(newline="", encoding="utf-8") as file:
        assert [row["label"] for row in csv.DictReader(file)] == sorted(NAMES)
    with Path("R/eval/test/predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    for row in rows:
        answered = [name for name in sorted(NAMES) if float(row[name]) >= 0.5]
        assert row["predicted"] == "|".join(answered)
    assert any(row["true"] == "" for row in rows)
    given = document(capsys, "predict", "t.csv", "-o", "o.csv", "--proba", "--run", "R")
    with Path("o.csv").open(newline="", encoding="utf-8") as file:
        table = [*csv.DictReader(file)]
    for row, entry in zip(table, given["predictions"], strict=True):
        assert {*row["labels"].split("|")} - {""} == {*entry["labels"]}
        yes = {name for name, p in entry["probabilities"].items() if p >= 0.5}
        assert yes == {*entry["labels"]}
        assert float(row["p_é"]) == pytest.approx(entry["probabilities"]["é"])


@pytest.mark.slow
def test_no_command_falls_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "c.yaml", "--run-dir", "R", "--epochs", "2"]) == 0
    for words in (
        ["check", "c.yaml"],
        ["data", "info", "c.yaml"],
        ["trace", "R"],
        ["inspect", "R", "--sample", "0"],
        ["inspect", "R", "--worst", "3"],
        ["diagnose", "R"],
        ["plot", "R", "-o", "plots"],
        ["predict", "t.csv", "--run", "R"],
        ["eval", "R", "--data", "t.csv"],
    ):
        capsys.readouterr()
        assert run(words) == 0, (words, capsys.readouterr())
        assert "\x1b[31m" not in capsys.readouterr().out


def test_a_threshold_a_label_decides(capsys: pytest.CaptureFixture[str]) -> None:
    document(capsys, "train", "c.yaml", "data.threshold={é: 1.0}", "--run-dir", "R")
    given = document(capsys, "predict", "t.csv", "--run", "R")
    for entry in given["predictions"]:
        assert ("é" in entry["labels"]) == (np.float32(entry["probabilities"]["é"]) >= 1)


def test_workers_and_a_resumed_run_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    whole = document(capsys, "train", "c.yaml", "--run-dir", "R")["test"]
    two = document(capsys, "train", "c.yaml", "train.workers=2", "--run-dir", "W")["test"]
    assert two == pytest.approx(whole, rel=1e-3)
    document(capsys, "train", "c.yaml", "--epochs", "5", "--run-dir", "S")
    assert document(capsys, "resume", "S", "--epochs", "12")["test"] == whole


def test_metrics_of_other_targets_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "c.yaml", "metrics=[accuracy]", "--run-dir", "R"]) == 2
    said = capsys.readouterr().err
    assert "the data's targets are several labels a sample" in said
    assert "subset_accuracy" in said


def test_values_have_a_figure_each(capsys: pytest.CaptureFixture[str]) -> None:
    x = np.random.default_rng(1).normal(size=(80, 2))
    table = np.column_stack([x, x[:, 0] - x[:, 1], 3 * x[:, 1]])
    np.savetxt("v.csv", table, delimiter=",", header="p,q,u,v", comments="")
    words = ["data={type: csv, path: v.csv, target: [u, v]}", "layers=[{type: dense, units: 2}]"]
    words += ["loss=mse", "metrics=[mae]"]
    end = document(capsys, "train", "c.yaml", *words, "--run-dir", "R")
    assert end["test"].keys() == {"loss", "mae", "r2"}
    found = document(capsys, "eval", "R")
    with Path("R/eval/test/targets.csv").open() as file:
        rows = [*csv.DictReader(file)]
    assert [row["target"] for row in rows] == ["u", "v"]
    for key in ("mae", "r2"):
        mean = np.mean([float(row[key]) for row in rows])
        assert found["metrics"][key] == pytest.approx(mean, rel=1e-5)
    entry = document(capsys, "predict", "v.csv", "--run", "R")["predictions"][0]
    assert [*entry["named"]] == ["u", "v"]


def test_one_hot_sigmoids_are_a_classifier(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["data=digits", "layers=[flatten, {type: dense, units: 10}, sigmoid]"]
    words += ["metrics=[]", "data.limit=400", "train.epochs=3"]
    assert document(capsys, "train", "c.yaml", *words, "--run-dir", "R")["test"]["accuracy"] > 0.7


def test_labels_that_look_the_same_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("t.csv").read_text("utf-8").splitlines()
    text[5] = text[5].rpartition(",")[0] + ",e\u0301"
    Path("t.csv").write_text("\n".join(text), encoding="utf-8")
    assert run(["train", "c.yaml", "layers.1.units=4"]) == 3
    assert "the labels 'e\\u0301' and '\\xe9' look the same" in capsys.readouterr().err


@pytest.mark.parametrize(("sign", "told"), [(";", True), ("|", False), (" ", False)])
def test_another_sign_between_labels_is_said(
    sign: str, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{i},{'a' + sign + 'b' if i % 2 else 'c'}\n" for i in range(40))
    Path("t.csv").write_text("p,tags\n" + rows)
    units = 3 if sign == "|" else 2
    assert run(["train", "c.yaml", f"layers.1.units={units}", "--epochs", "1"]) == 0
    said = "have ';', which data.label_separator may name" in capsys.readouterr().err
    assert said == told


def test_several_targets_are_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.csv").write_text("a,b,c\n" + "".join(f"{i},{i % 2},cat\n" for i in range(30)))
    assert run(["train", "c.yaml", "data={type: csv, path: t.csv, target: [b, c]}"]) == 3
    assert "'cat' is not a number; several targets have numbers" in capsys.readouterr().err


def test_a_look_at_a_sample_says_what_predict_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The labels it has, the others in brackets, and which label what mattered is for."""
    document(capsys, "train", "c.yaml", "--run-dir", "R", "data.threshold=[0.3, 0.5, 0.7]")
    document(capsys, "eval", "R")
    with Path("R/eval/test/predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    counts = set()
    for place, row in enumerate(rows):
        found = document(capsys, "inspect", "R", "--sample", str(place))
        has = set(filter(None, row["predicted"].split("|")))
        by_size = sorted(NAMES, key=lambda name: (name not in has, -float(row[name])))
        assert [each["label"] for each in found["top"]] == by_size
        assert found["labels"] == by_size[: len(has)]
        assert found["explained"] == by_size[0]
        counts.add(len(has))
    assert counts >= {0, 1, 2}
    wrong = sum(row["true"] != row["predicted"] for row in rows)
    worst = document(capsys, "inspect", "R", "--worst", "100")
    assert worst["wrong"] == len(worst["worst"]) == wrong < len(rows)
    none = next(n for n, row in enumerate(rows) if not row["predicted"])
    assert run(["inspect", "R", "--sample", str(none)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"test sample {none}  no label  (")
    assert lines[1].startswith("explained: ")
