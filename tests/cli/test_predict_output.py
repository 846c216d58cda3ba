"""Answers in files: every class's probability, JSON, arrays, and what a competition takes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.errors import UsageError
from nnfs_cli.predict.answers_file import AnswersFile

from .conftest import Nnfs

CONFIG = """\
data: {type: csv, path: d.csv, target: kind, validation: 0, test: 0.2}
layers: [{type: dense, units: 6, activation: tanh}, {type: dense, units: 3}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.05}
train: {epochs: 5, batch_size: 8}
"""


@pytest.fixture
def rows(folder: Path, nnfs: Nnfs) -> list[str]:
    """A trained run on a table of three kinds, and the file new.csv with five further rows."""
    x = np.random.default_rng(3).normal(size=(60, 2)).round(3).tolist()
    lines = [f"{a},{b},{('ant', 'bee', 'cat')[n % 3]}" for n, (a, b) in enumerate(x)]
    Path("d.csv").write_text("width,height,kind\n" + "\n".join(lines) + "\n")
    Path("c.yaml").write_text(CONFIG)
    assert nnfs("train", "c.yaml", "-q").code == 0
    new = [line.rpartition(",")[0] for line in lines[:5]]
    Path("new.csv").write_text("width,height\n" + "\n".join(new) + "\n")
    return new


def test_the_probability_of_every_class(rows: list[str], nnfs: Nnfs) -> None:
    assert nnfs("predict", "new.csv", "--output", "a.csv", "--proba").code == 0
    table = list(csv.DictReader(Path("a.csv").read_text().splitlines()))
    assert list(table[0])[-4:] == ["p_ant", "p_bee", "p_cat", "error"]
    answers = nnfs("predict", "new.csv", "--top", 3, "--json").document["predictions"]
    for row, answer in zip(table, answers, strict=True):
        for each in answer["top"]:
            assert float(row[f"p_{each['label']}"]) == each["probability"]
        assert sum(float(row[name]) for name in ("p_ant", "p_bee", "p_cat")) == pytest.approx(1)


def test_json_and_arrays(rows: list[str], nnfs: Nnfs) -> None:
    assert nnfs("predict", "new.csv", "-o", "a.json", "--proba").code == 0
    document = json.loads(Path("a.json").read_text())
    assert (document["schema"], document["command"]) == (1, "predict")
    assert nnfs("predict", "new.csv", "-o", "a.npy").code == 0
    array = np.load("a.npy")
    assert array.shape == (5, 3)
    for entry, row in zip(document["predictions"], array, strict=True):
        assert list(entry["probabilities"]) == ["ant", "bee", "cat"]
        np.testing.assert_allclose(list(entry["probabilities"].values()), row, rtol=1e-6)
    assert nnfs("predict", "new.csv", "-o", "a.json").code == 0, "its own file may be replaced"
    nnfs("predict", "new.csv", "-o", "a.npy").refused(2)


def test_a_row_without_an_answer_keeps_its_place(rows: list[str], nnfs: Nnfs) -> None:
    Path("new.csv").write_text("width,height\n" + rows[0] + "\n?,1\n" + rows[1] + "\n")
    assert nnfs("predict", "new.csv", "-o", "a.npy").code == 3
    assert np.isnan(np.load("a.npy")).all(axis=1).tolist() == [False, True, False]
    assert nnfs("predict", "new.csv", "-o", "s.csv", "--submission", "Id,Kind").code == 3
    assert [line.partition(",")[0] for line in Path("s.csv").read_text().splitlines()] == [
        "Id",
        "1",
        "2",
        "3",
    ]
    assert Path("s.csv").read_text().splitlines()[2] == "2,"


def test_what_competitions_take(rows: list[str], nnfs: Nnfs) -> None:
    assert nnfs("predict", "new.csv", "-o", "s.csv", "--submission", "Id,Kind").code == 0
    answers = nnfs("predict", "new.csv", "--json").document["predictions"]
    lines = Path("s.csv").read_text().splitlines()
    assert lines == ["Id,Kind", *(f"{n},{a['label']}" for n, a in enumerate(answers, start=1))]
    assert nnfs("predict", "new.csv", "-o", "s.csv", "--submission", "Id,Kind").code == 0
    nnfs("predict", "new.csv", "-o", "s.csv", "--submission", "Other,Kind").refused(2)


def test_files_are_told_by_their_names(folder: Path, nnfs: Nnfs) -> None:
    Path("c.yaml").write_text(
        "data: {type: digits, limit: 100}\nlayers: [flatten, {type: dense, units: 10}]\n"
        "loss: cross_entropy\noptimizer: adam\ntrain: {epochs: 1}\n"
    )
    assert nnfs("train", "c.yaml", "-q").code == 0
    image = np.zeros((28, 28), np.uint8)
    image[5:22, 12:16] = 255
    for name in ("0007.png", "b.c.png"):
        Image.fromarray(image).save(name)
    arguments = ("predict", "0007.png", "b.c.png", "-o", "s.csv", "--submission", "id,label")
    assert nnfs(*arguments).code == 0
    assert [line.split(",")[0] for line in Path("s.csv").read_text().splitlines()] == [
        "id",
        "0007",
        "b.c",
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--proba",), "add --output"),
        (("--submission", "a,b"), "add --output"),
        (("-o", "a.csv", "--submission", "a"), "expects two names"),
        (("-o", "a.csv", "--submission", "a,b", "--proba"), "leave --proba out"),
        (("-o", "a.npy", "--submission", "a,b"), "writes a table"),
        (("-o", "-"), "stdout has the answers"),
        (("-o", "new.csv"), "is what is to be answered"),
        (("-o", "mine.txt"), "is not a table of answers"),
        (("-o", "a.csv", "--submission", "a,a"), "names both columns 'a'"),
        (("-o", "/dev/stdout"), "is no place for a file"),
        (("-o", "a.xlsx"), ".xlsx files are not written"),
    ],
)
def test_what_does_not_go_together(
    rows: list[str], nnfs: Nnfs, options: tuple[str, ...], words: str
) -> None:
    Path("mine.txt").write_text("mine")
    assert words in nnfs("predict", "new.csv", *options).refused(2)


def test_a_missing_folder_is_said_before_the_work(rows: list[str], nnfs: Nnfs) -> None:
    result = nnfs("predict", "new.csv", "-o", "no/such/a.csv")
    assert "cannot write no/such/a.csv: there is no folder no/such" in result.refused(5)
    assert not result.out


def test_scores_are_no_probabilities(rows: list[str], nnfs: Nnfs) -> None:
    assert nnfs("train", "c.yaml", "loss=mse", "-q").code == 0
    for options in (("-o", "a.csv", "--proba"), ("-o", "a.npy")):
        result = nnfs("predict", "new.csv", *options)
        assert "gives no probabilities" in result.refused(2)
        assert not result.out, "said before the work"
        assert not Path(options[1]).exists()


def test_values_have_no_probabilities(rows: list[str], nnfs: Nnfs) -> None:
    changes = ("data.target=height", "data.ignore=[kind]", "loss=mse", "layers.1.units=1")
    assert nnfs("train", "c.yaml", *changes, "-q").code == 0
    refused = nnfs("predict", "new.csv", "-o", "a.csv", "--proba").refused(2)
    assert "no probabilities" in refused


def test_a_link_stays_a_link(rows: list[str], nnfs: Nnfs) -> None:
    Path("a.csv").touch()
    Path("link.csv").symlink_to("a.csv")
    assert nnfs("predict", "new.csv", "-o", "link.csv").code == 0
    assert Path("link.csv").is_symlink()
    assert Path("a.csv").read_text().startswith("file,label")


def test_a_file_called_like_stdin_is_another(folder: Path) -> None:
    """``-`` among the inputs is stdin, not a file of that name."""
    AnswersFile(folder / "-", ["a", "b"]).require_free(["-"])
    with pytest.raises(UsageError, match="is what is to be answered"):
        AnswersFile(folder / "-", ["a", "b"]).require_free(["-", "./-"])
