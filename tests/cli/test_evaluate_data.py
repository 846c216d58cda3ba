"""`nnfs eval` of many classes, and of folders of images."""

from __future__ import annotations

import csv
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import Nnfs, latest

CONFIG = """\
data: {{type: {type}, path: {path}, validation: 0}}
layers: [flatten, {{type: dense, units: {units}}}]
loss: cross_entropy
optimizer: {{type: adam, lr: 0.05}}
metrics: [accuracy]
train: {{epochs: {epochs}, batch_size: 64, workers: 1}}
"""


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


@pytest.mark.slow
def test_a_thousand_classes_take_no_pages(nnfs: Nnfs, folder: Path) -> None:
    values = np.random.default_rng(0).normal(size=(4000, 2)).round(3).tolist()
    rows = "".join(f"{a},{b},w{i % 1000:03}\n" for i, (a, b) in enumerate(values))
    Path("t.csv").write_text("a,b,y\n" + rows)
    Path("t.yaml").write_text(CONFIG.format(type="csv", path="t.csv", units=1000, epochs=1))
    assert nnfs("train", "t.yaml", "-q").code == 0
    began = time.perf_counter()
    result = nnfs("eval", "latest")
    assert time.perf_counter() - began < 15  # 1 s; it was minutes
    assert result.code == 0
    assert len(result.out) < 30_000
    kept = latest() / "eval/test"
    predictions = rows_of(kept / "predictions.csv")[1:]
    confusions = Counter((row[1], row[2]) for row in predictions if row[1] != row[2])
    told = result.out.partition("commonest confusions")[2].splitlines()
    words = [line.split() for line in told]
    listed = [row for row in words if len(row) == 3 and row[2].isdecimal()]
    assert len(listed) == 20
    most = sorted(confusions.values(), reverse=True)[:20]
    assert [int(row[2]) for row in listed] == most
    assert all(confusions[row[0], row[1]] == int(row[2]) for row in listed)
    classes = rows_of(kept / "classes.csv")
    assert classes[0] == ["class", "precision", "recall", "f1", "samples"]
    right = Counter(row[1] for row in predictions if row[1] == row[2])
    assert len(classes) == 1001
    for name, _, recall, _, samples in classes[1:]:
        assert recall == (str(right[name] / int(samples)) if int(samples) else "")


def image(path: Path, dark: bool, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 90, (6, 6)) + (0 if dark else 150)
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def test_a_folder_of_class_folders(nnfs: Nnfs, folder: Path) -> None:
    for number in range(12):
        for name in ("dark", "light"):
            image(Path(f"all/{name}/{number}.png"), name == "dark", number)
            if number < 4:  # turned around: every answer is wrong
                image(Path(f"new/{name}/{number}.png"), name == "light", number)
    Path("t.yaml").write_text(CONFIG.format(type="image_folder", path="all", units=2, epochs=30))
    assert nnfs("train", "t.yaml", "-q").code == 0
    same = nnfs("eval", "latest", "--data", "all", "--json").document
    assert (same["metrics"]["accuracy"], same["samples"]) == (1.0, 24)
    turned = nnfs("eval", "latest", "--data", "new", "--json").document
    assert (turned["metrics"]["accuracy"], turned["samples"], turned["data"]) == (0.0, 8, "new")
    rows = rows_of(latest() / "eval/new/predictions.csv")
    assert [row[-1] for row in rows[1:3]] == ["dark/0.png", "dark/1.png"]
    answered = nnfs("predict", "new", "--json").document["predictions"]
    assert [entry["label"] for entry in answered] == [row[2] for row in rows[1:]]

    image(Path("more/grey/0.png"), True, 0)
    assert "the class 'grey', which is not among" in nnfs("eval", "--data", "more").refused(3)
    Path("new/dark/bad.png").write_bytes(b"no image")
    assert "1 of 9 images cannot be used" in nnfs("eval", "--data", "new").refused(3)


def test_a_folder_of_labels_in_the_names(nnfs: Nnfs, folder: Path) -> None:
    """The pattern of the training names the labels of another folder, too."""
    for number in range(12):
        for name in ("dark", "light"):
            image(Path(f"all/{name}_{number}.png"), name == "dark", number)
            image(Path(f"new/{name}_{number}.png"), name == "light", number)
    Path("t.yaml").write_text(CONFIG.format(type="image_folder", path="all", units=2, epochs=30))
    assert "has no class folders" in nnfs("train", "t.yaml").refused(3)
    assert nnfs("train", "t.yaml", "-q", "data.labels='{label}_*'").code == 0
    for given, accuracy in (("all", 1.0), ("new", 0.0)):
        found = nnfs("eval", "latest", "--data", given, "--json").document
        assert (found["metrics"]["accuracy"], found["samples"]) == (accuracy, 24)
    image(Path("new/other.png"), True, 0)
    assert "have no label in their names" in nnfs("eval", "--data", "new").refused(3)


def test_where_a_missing_file_was_is_told(
    nnfs: Nnfs, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The config names it relative to where the run was started, which is on record."""
    (tmp_path / "a").mkdir()
    rows = "".join(f"{i},{i % 7},{i % 2}\n" for i in range(40))
    (tmp_path / "a/table.csv").write_text("a,b,label\n" + rows)
    monkeypatch.chdir(tmp_path / "a")
    run = tmp_path / "a/runs/latest"
    assert nnfs("train", toy, "-q", "data={type: csv, path: table.csv}").code == 0
    monkeypatch.chdir(tmp_path)
    for command in (["eval", run], ["resume", run, "--epochs", 5], ["reproduce", run]):
        line = nnfs(*command).refused(3)
        assert f"the run was started in {tmp_path}/a, where the file was and is still there" in line
        assert nnfs(*command, "--data-dir", "a").code == 0
    (tmp_path / "a/table.csv").rename("elsewhere.csv")
    line = nnfs("eval", run).refused(3)
    assert f"the run was started in {tmp_path}/a, where the file was; " in line
