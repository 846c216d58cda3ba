"""Answers that can be joined: the column that names the rows goes through predict and eval."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from .conftest import Nnfs, latest

CONFIG = """\
data: {type: csv, path: d.csv, target: kind, id: customer, validation: 0.2}
layers: [{type: dense, units: 6, activation: tanh}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.05}
train: {epochs: 2, batch_size: 8}
"""
NAMES = ["007", "7", "=1+1", "\x1b[31m", "a,b", 'say "hi"', "ünï", "1e3", "@x", ""]


@pytest.fixture
def names(folder: Path, nnfs: Nnfs) -> list[str]:
    """A trained run on a table of 40 named rows; those names."""
    x = np.random.default_rng(3).normal(size=(40, 2)).round(3).tolist()
    names = [*NAMES, *(f"c{n}" for n in range(30))]
    rows = [[name, *pair, "ab"[n % 2]] for n, (name, pair) in enumerate(zip(names, x, strict=True))]
    with Path("d.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([["customer", "width", "height", "kind"], *rows])
    Path("c.yaml").write_text(CONFIG)
    assert nnfs("train", "c.yaml", "-q").code == 0
    return names


def read(path: str | Path) -> list[dict[str, str]]:
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_split_can_be_joined(names: list[str], nnfs: Nnfs) -> None:
    table = {row["customer"]: row for row in read_own()}
    seen: list[str] = []
    for split in ("train", "validation", "test"):
        assert nnfs("eval", "--split", split).code == 0
        found = read(latest() / "eval" / split / "predictions.csv")
        assert list(found[0])[-2:] == ["sample", "customer"]
        assert all(row["true"] == table[row["customer"]]["kind"] for row in found)
        seen += [row["customer"] for row in found]
    assert sorted(seen) == sorted(names)


def read_own() -> list[dict[str, str]]:
    with Path("d.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_predict_names_rows_in_order_whatever_stands_in_the_target(
    names: list[str], nnfs: Nnfs
) -> None:
    rows = [[name, 0.5, -0.5, "?"] for name in names]
    rows[3][1] = "wide"
    with Path("new.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["customer", "width", "height", "kind"], *rows])
    assert nnfs("predict", "new.csv", "-o", "a.csv").code == 3
    answers = read("a.csv")
    assert [row["customer"] for row in answers] == names
    assert [bool(row["error"]) for row in answers] == [n == 3 for n in range(40)]
    done = nnfs("predict", "new.csv", "-o", "a.json", "--json")
    entries = json.loads(Path("a.json").read_text("utf-8"))["predictions"]
    assert [entry["id"] for entry in entries] == names
    assert [entry["id"] for entry in done.document["errors"]] == [names[3]]
    assert nnfs("predict", "new.csv", "-o", "s.csv", "--submission", "customer,kind").code == 3
    assert [row["customer"] for row in read("s.csv")] == names


def test_the_column_is_not_learnt_from_and_may_be_absent(names: list[str], nnfs: Nnfs) -> None:
    Path("new.csv").write_text("height,width\n1,2\n")
    done = nnfs("predict", "new.csv", "-o", "a.csv")
    assert done.code == 0
    assert "there is no column 'customer', so the rows have no id" in done.out + done.err
    assert read("a.csv")[0]["customer"] == ""


def test_names_that_do_not_tell_rows_apart_are_said(folder: Path, nnfs: Nnfs) -> None:
    Path("d.csv").write_text(
        "customer,x,kind\n" + "".join(f"{n // 2},{n},{n % 2}\n" for n in range(20))
    )
    Path("c.yaml").write_text(CONFIG)
    done = nnfs("train", "c.yaml")
    assert done.code == 0
    assert "of the ids 10 name several rows, such as '0'" in done.err
    assert "id names the target 'kind'" in nnfs("train", "c.yaml", "data.id=kind").refused(3)
    assert "did you mean 'customer'" in nnfs("train", "c.yaml", "data.id=customr").refused(3)


def test_a_name_that_others_have_is_told_apart(folder: Path, nnfs: Nnfs) -> None:
    Path("d.csv").write_text("error,x,kind\n" + "".join(f"r{n},{n},{n % 2}\n" for n in range(20)))
    Path("c.yaml").write_text(CONFIG.replace("customer", "error"))
    assert nnfs("train", "c.yaml", "-q").code == 0
    assert nnfs("predict", "d.csv", "-o", "a.csv").code == 0
    assert [row["id_error"] for row in read("a.csv")] == [f"r{n}" for n in range(20)]
    assert nnfs("predict", "d.csv", "-o", "a.csv").code == 0, "its own file may be replaced"
