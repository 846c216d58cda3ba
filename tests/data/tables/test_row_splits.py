"""Rows divided by a column: each against a recomputation from the table's own text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.prepare import Data, prepare
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, UsageError


def prepared(tmp_path: Path, rows: Sequence[Sequence[object]], **keys: object) -> Data:
    """A table with the columns ``by``, ``x`` (the row's number) and ``y``, prepared."""
    path = tmp_path / "t.csv"
    lines = ["by,x,y", *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return prepare(Csv(path=str(path), target="y", **keys), Source())  # type: ignore[arg-type]


def rows_of(data: Data) -> dict[str, list[int]]:
    return {name: split.inputs[:, 0].astype(int).tolist() for name, split in data.splits.items()}


def test_words_divide_and_are_not_learnt_from(tmp_path: Path) -> None:
    words = ["train", "val", "Training", "TEST", "validation", "test", "train", "valid"]
    rows = [(word, n, n // 2 % 2) for n, word in enumerate(words)]
    data = prepared(tmp_path, rows, split="by")
    assert rows_of(data) == {"train": [0, 2, 6], "validation": [1, 4, 7], "test": [3, 5]}
    assert data.preprocessing.input_shape == (1,)


def test_without_its_words_validation_is_drawn_and_there_is_no_test(tmp_path: Path) -> None:
    data = prepared(tmp_path, [("train", n, n % 2) for n in range(20)], split="by")
    assert data.sizes == {"train": 18, "validation": 2}


def test_no_group_is_in_two_splits_and_classes_stay_balanced(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    groups = generator.integers(0, 40, 600)
    rows = [(f"p{group}", n, int(group % 4 == 0)) for n, group in enumerate(groups)]
    data = prepared(tmp_path, rows, groups="by", test=0.25, validation=0.2)
    of_split = {name: {groups[row] for row in found} for name, found in rows_of(data).items()}
    assert sum(map(len, of_split.values())) == len(set.union(*of_split.values())) == 40
    assert sum(data.sizes.values()) == 600
    assert abs(data.sizes["test"] - 150) < 30
    assert abs(data.sizes["validation"] - 90) < 30
    share = np.mean(groups % 4 == 0)
    assert all(abs(split.targets.mean() - share) < 0.1 for split in data.splits.values())


def test_groups_are_divided_by_split_seed_and_the_test_by_none(tmp_path: Path) -> None:
    rows = [(n // 3, n, n % 2) for n in range(90)]
    first, again, other = (
        rows_of(prepared(tmp_path, rows, groups="by", split_seed=seed)) for seed in (0, 0, 1)
    )
    assert first == again
    assert first["validation"] != other["validation"]
    assert first["test"] == other["test"]


@pytest.mark.parametrize(
    "times",
    [
        [f"2026-{1 + n // 28:02}-{1 + n % 28:02}" for n in range(50)],
        [f"2026-11-25T{n // 60:02}:{n % 60:02}:00+00:00" for n in range(50)],
        [f"{1990 + n}-01" for n in range(50)],
        [n - 7.5 for n in range(50)],
        [f"{n}e2" for n in range(50)],
    ],
)
def test_the_last_in_time_are_the_test_and_those_before_validation(
    tmp_path: Path, times: Sequence[object]
) -> None:
    order = np.random.default_rng(0).permutation(50)
    rows = [(times[n], n, int(n % 3 == 0)) for n in order]
    found = rows_of(prepared(tmp_path, rows, time="by", test=0.2, validation=10))
    assert sorted(found["train"]) == [*range(30)]
    assert sorted(found["validation"]) == [*range(30, 40)]
    assert sorted(found["test"]) == [*range(40, 50)]


def test_rows_of_one_time_stay_together(tmp_path: Path) -> None:
    rows = [(2000 + n // 7, n, n % 2) for n in range(70)]
    found = rows_of(prepared(tmp_path, rows, time="by", test=0.25, validation=0))
    assert len(found["test"]) in (14, 21)
    assert {row // 7 for row in found["test"]}.isdisjoint({row // 7 for row in found["train"]})


WORDS = [("train", 0, 0), ("train", 1, 1)]


@pytest.mark.parametrize(
    ("rows", "keys", "message"),
    [
        ([*WORDS, ("trian", 2, 0)], {"split": "by"}, "row 4, column 'by': 'trian' .*'train'"),
        ([*WORDS, ("", 2, 0)], {"split": "by"}, "row 4, column 'by': the value is missing"),
        ([("test", 0, 0), ("test", 1, 1)], {"split": "by"}, "no row of column 'by' says train"),
        ([("a", 0, 0), ("a", 1, 1)], {"groups": "by"}, "column 'by' has too few different values"),
        ([("a", 0, 0), ("b", 1, 1)], {"groups": "by"}, "for a validation split"),
        ([("5", 0, 0), ("5", 1, 1)], {"time": "by"}, "column 'by' has too few different values"),
        ([("2026-01-31", 0, 0), ("31.1.2026", 1, 1)], {"time": "by"}, "row 3, column 'by'"),
        ([("01/02/2026", 0, 0), ("2/1/2026", 1, 1)], {"time": "by"}, "row 2.*order is certain"),
        ([("2026-02-30", 0, 0), ("2026-02-01", 1, 1)], {"time": "by"}, "row 2, column 'by'"),
        ([("1", 0, 0), ("2026-02-01", 1, 1)], {"time": "by"}, "row 3, column 'by'"),
        ([("2026-02-01", 0, 0), ("1", 1, 1)], {"time": "by"}, "row 3, column 'by'"),
        ([("1", 0, 0), ("inf", 1, 1)], {"time": "by"}, "row 3.*no finite number"),
        (
            [("2026-02-01T00:00Z", 0, 0), ("2026-02-01", 1, 1)],
            {"time": "by"},
            "row 3.*cannot be compared",
        ),
        ([("a", 0, 0), ("b", 1, 1)], {"groups": "y"}, "groups names the target 'y'"),
        ([("a", 0, 0), ("b", 1, 1)], {"groups": "b"}, "there is no column 'b'"),
        ([(n, n, n % 2) for n in range(9)], {"time": "by", "validation": 9}, "9 of 7 cannot"),
    ],
)
def test_faults(
    tmp_path: Path, rows: list[tuple[object, ...]], keys: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError) as caught:
        prepared(tmp_path, rows, **keys)
    assert re.search(message, str(caught.value)), str(caught.value)


def test_only_one_key_divides() -> None:
    with pytest.raises(UsageError, match="split and time each divide the rows"):
        Csv(path="t.csv", split="a", time="b")


def test_a_file_is_the_validation_split(tmp_path: Path) -> None:
    other = tmp_path / "v.csv"
    other.write_text("y,x,by\n1,100,a\n0,101,b\n")
    data = prepared(
        tmp_path, [("a", n, n % 2) for n in range(10)], validation=str(other), ignore=["by"], test=0
    )
    assert rows_of(data) == {"train": [*range(10)], "validation": [100, 101]}
    assert data.validation is not None
    assert data.validation.targets.tolist() == [1, 0]


def test_a_file_of_ones_own_has_no_group_of_another_split(tmp_path: Path) -> None:
    rows = [(f"p{n // 5}", n, n % 2) for n in range(60)]
    tested = rows_of(prepared(tmp_path, rows, groups="by", validation=0))["test"]
    validation, test = tmp_path / "v.csv", tmp_path / "s.csv"

    def refused(**keys: object) -> str:
        with pytest.raises(DataError) as caught:
            prepared(tmp_path, rows, groups="by", validation=str(validation), **keys)
        return str(caught.value)

    for taken, split in ((tested[0], "test"), (({*range(60)} - {*tested}).pop(), "train")):
        validation.write_text(f"y,x,by\n1,100,new\n0,101,p{taken // 5}\n")
        found = refused()
        assert (
            f"v.csv: row 3, column 'by': the group 'p{taken // 5}' has rows in the {split}" in found
        )
    validation.write_text("y,x,by\n1,100,new\n0,101,newer\n")
    data = prepared(tmp_path, rows, groups="by", validation=str(validation))
    assert rows_of(data)["validation"] == [100, 101]
    test.write_text("y,x,by\n1,102,newest\n0,103,newer\n")
    assert "s.csv: row 3, column 'by': the group 'newer' has rows in the validation" in refused(
        test=str(test)
    )
    validation.write_text("y,x\n1,100\n")
    assert "v.csv: there is no column 'by'" in refused()


def test_one_large_group_is_counted_in_the_rows_that_are_left(tmp_path: Path) -> None:
    rows = [("large" if n < 190 else f"p{n}", n, n % 2) for n in range(200)]
    with pytest.raises(DataError, match="for a validation split: 1 in 190 rows"):
        prepared(tmp_path, rows, groups="by")


def test_a_column_and_a_file_cannot_both_be_validation(tmp_path: Path) -> None:
    rows = [("train", 0, 0), ("train", 1, 1), ("val", 2, 0)]
    (tmp_path / "v.csv").write_text("by,x,y\nval,3,1\n")
    with pytest.raises(DataError, match="has validation rows, and data"):
        prepared(tmp_path, rows, split="by", validation=str(tmp_path / "v.csv"))
