"""Tables as people have them, from the command line: init, train, predict, eval."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from .conftest import Nnfs, latest

CONFIG = """\
data: {type: csv, path: t.csv, validation: 0}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.1}
metrics: [accuracy]
train: {epochs: 5, batch_size: 8}
"""
ROWS = "".join(
    f"{i % 9},{'red' if i % 3 else 'blue'},{'yes' if i % 9 > 4 else 'no'}\n" for i in range(60)
)


@pytest.fixture
def table(nnfs: Nnfs, folder: Path) -> Path:
    Path("t.csv").write_text("age,kind,bought\n" + ROWS)
    Path("t.yaml").write_text(CONFIG)
    assert nnfs("train", "t.yaml", "-q").code == 0
    return folder


def answers(nnfs: Nnfs, text: str, *options: str) -> dict[str, str]:
    """The label of each row that was answered, by its line."""
    Path("new.csv").write_text(text)
    result = nnfs("predict", "new.csv", "--json", *options)
    found = result.document["predictions"]
    return {entry["file"].rpartition(":")[2]: entry["label"] for entry in found}


def test_predict_needs_no_labels(nnfs: Nnfs, table: Path) -> None:
    without = answers(nnfs, "age,kind\n1,red\n8,blue\n")
    assert without == {"2": "no", "3": "yes"}
    for cell in ("", "?", "maybe", "no"):
        assert answers(nnfs, f"age,kind,bought\n1,red,{cell}\n8,blue,{cell}\n") == without


def test_a_bad_row_costs_only_its_own_answer(nnfs: Nnfs, table: Path) -> None:
    Path("new.csv").write_text("age,kind\n1,red\n60,green\n,blue\n8,blue\n")
    result = nnfs("predict", "new.csv", "--output", "out.csv")
    assert result.code == 3
    assert [line.split()[0] for line in result.out.splitlines()] == ["new.csv:2", "new.csv:5"]
    assert len(result.errors) == 2
    with Path("out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [f"new.csv:{line}" for line in (2, 3, 4, 5)]
    assert [bool(row["error"]) for row in rows] == [False, True, True, False]


def test_the_samples_of_an_evaluation_can_be_found_again(nnfs: Nnfs, table: Path) -> None:
    assert nnfs("eval", "latest").code == 0
    with (latest() / "eval/test/predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = Path("t.csv").read_text().splitlines()
    for row in rows:
        name, _, line = row["sample"].rpartition(":")
        assert name == "t.csv"
        assert lines[int(line) - 1].endswith(f",{row['true']}")
    assert len({row["sample"] for row in rows}) == len(rows) == 12


def test_init_says_what_it_took(nnfs: Nnfs, folder: Path) -> None:
    rows = "".join(f"n{i},{i % 7},{'02134' if i % 2 else '2134'}\n" for i in range(40))
    Path("t.csv").write_text("who,a,zip\n" + rows)
    result = nnfs("init", "t.csv")
    assert "rows      40\n" in result.out
    assert "target    zip: 2 classes (02134, 2134)\n" in result.out
    assert "columns   1 to learn from\n" in result.out
    assert "left out  who: hardly two rows are alike\n" in result.out
    assert result.err == ""
    assert nnfs("check", "t.yaml").code == 0
    Path("same.csv").write_text("a,y\n" + "1,5\n2,5\n" * 9)
    assert "name another with --target" in nnfs("init", "same.csv").refused(3)


def test_an_old_run_keeps_its_names(nnfs: Nnfs, folder: Path) -> None:
    """Labels such as 1.0 are written so today; a run on record calls them 1."""
    Path("t.csv").write_text("a,y\n" + "".join(f"{i % 9}.5,{i % 9 > 4:d}.0\n" for i in range(60)))
    Path("t.yaml").write_text(CONFIG)
    assert nnfs("train", "t.yaml", "-q").code == 0
    record = json.loads((latest() / "run.json").read_text())
    Path("t.csv").write_text(Path("t.csv").read_text().replace(".0\n", "\n"))
    assert nnfs("train", "t.yaml", "-q").code == 0
    assert json.loads((latest() / "run.json").read_text())["data"]["hash"] == record["data"]["hash"]


TICKETS = "".join(
    f"{i % 9},{'PC ' if i % 5 == 0 else ''}{349_000 + 7 * i},{'yes' if i % 9 > 4 else 'no'}\n"
    for i in range(60)
)


def test_init_leaves_out_words_among_numbers_that_tell_rows_apart(nnfs: Nnfs, folder: Path) -> None:
    Path("t.csv").write_text("age,ticket,bought\n" + TICKETS)
    result = nnfs("init", "t.csv")
    assert result.code == 0, result.err
    assert "left out  ticket: hardly two rows are alike\n" in result.out
    assert nnfs("train", "t.yaml", "-q", "train.epochs=1").code == 0
    assert answers(nnfs, "age,ticket\n1,A/5 21171\n") != {}


@pytest.mark.parametrize("wrong", ["349o07", "n.a. yet", "1,234.5"])
def test_a_number_written_wrongly_is_refused_with_what_mends_it(
    nnfs: Nnfs, folder: Path, wrong: str
) -> None:
    rows = ROWS.replace("\n3,", f'\n"{wrong}",', 1)
    Path("t.csv").write_text("my age,kind,bought\n" + rows)
    line = nnfs("init", "t.csv").refused(3)
    assert f"column 'my age': {wrong!r} is not a number" in line
    assert "data.ignore; `nnfs init --ignore 'my age'`" in line
    assert nnfs("init", "t.csv", "--ignore", "my age").code == 0


def test_init_says_which_column_it_takes_where_there_is_no_header(nnfs: Nnfs, folder: Path) -> None:
    """As in tables of images, in which the label is often the first."""
    Path("t.csv").write_text("".join(f"{i % 3},{i * 7 % 11},{i % 5}\n" for i in range(60)))
    told = "there is no header: init takes the last column, 2, as the target; --target 0 takes"
    assert told in nnfs("init", "t.csv").err
    assert "header" not in nnfs("init", "t.csv", "--force", "--target", 0).err


def test_a_comma_behind_every_row(nnfs: Nnfs, folder: Path) -> None:
    text = "age,kind,bought\n" + ROWS
    Path("t.csv").write_text(text.replace("\n", ",\n"))
    assert "`nnfs init --ignore ''`" in nnfs("init", "t.csv").refused(3)
    result = nnfs("init", "t.csv", "--ignore", "")
    assert "left out  '': as asked\n" in result.out
    assert nnfs("train", "t.yaml", "-q", "train.epochs=1").code == 0


def test_a_missing_target_among_words_is_counted(nnfs: Nnfs, folder: Path) -> None:
    Path("t.csv").write_text("age,kind,bought\n" + ROWS.replace(",yes", ",", 3))
    Path("t.yaml").write_text(CONFIG)
    line = nnfs("train", "t.yaml").refused(3)
    assert "column 'bought': the value is missing (in 60 rows: 3 of 'bought')" in line
