"""Several labels or values a sample, from tables: what is read, and what is refused where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.datasets.npz import Npz
from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.prepare import Data, prepare
from nnfs_cli.data.read_file import read_samples
from nnfs_cli.data.source import Source
from nnfs_cli.data.tables.several_labels import chosen
from nnfs_cli.errors import DataError

ROWS = [("", "1,0,0"), ("cat", "2,1,0"), (" dog | cat ", "3,1,1"), ("dog|", "4,0,1")] * 5
HAS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]] * 5, dtype=np.float32)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = [f"{numbers.split(',')[0]},{cell}" for cell, numbers in ROWS]
    Path("words.csv").write_text("\n".join(["x,tags", *words]))
    Path("columns.csv").write_text("\n".join(["x,cat,dog", *(numbers for _, numbers in ROWS)]))
    np.savez("arrays.npz", x=np.arange(20.0).reshape(20, 1), y=HAS.astype(bool))


def loaded(dataset: Any) -> Data:
    return prepare(dataset, Source())


def csv(path: str, **keys: Any) -> Data:
    return loaded(Csv(path=path, test=0.0, validation=0, **keys))


def test_words_columns_and_arrays_say_the_same() -> None:
    by_word = csv("words.csv", target="tags", task="multilabel")
    by_column = csv("columns.csv", target=["cat", "dog"])
    by_array = loaded(Npz(path="arrays.npz", test=0.0, validation=0))
    for data in (by_word, by_column, by_array):
        assert data.task == "labels"
        assert np.array_equal(data.train.targets, HAS)
        assert data.preprocessing.thresholds == (0.5, 0.5)
    assert by_word.preprocessing.names == by_column.preprocessing.names == ("cat", "dog")
    assert by_array.preprocessing.names == ("0", "1")


def test_further_tables_are_read_in_the_same_terms() -> None:
    known = csv("words.csv", target="tags", task="multilabel").preprocessing
    Path("more.csv").write_text("tags,x\ndog,1\n,2\n")
    assert np.array_equal(read_samples(Path("more.csv"), known).targets, [[0, 1], [0, 0]])
    Path("more.csv").write_text("x\n1\n2\n")
    assert not len(read_samples(Path("more.csv"), known).targets)
    Path("more.csv").write_text("x,tags\n1,dog\n2,cat|bird\n")
    with pytest.raises(DataError, match="row 3, column 'tags': the label 'bird' is not among"):
        read_samples(Path("more.csv"), known)
    known = csv("columns.csv", target=["cat", "dog"]).preprocessing
    Path("more.csv").write_text("dog,x,cat\n1,5,0\n")
    assert np.array_equal(read_samples(Path("more.csv"), known).targets, [[0, 1]])
    Path("more.csv").write_text("x,cat\n1,0\n")
    with pytest.raises(DataError, match="no column 'dog', one of the targets"):
        read_samples(Path("more.csv"), known)


@pytest.mark.parametrize(
    ("text", "keys", "message"),
    [
        ("x,t\n1,a\n2,na", {"task": "multilabel"}, "row 3, column 't': 'na' is no label"),
        ("x,t\n1,\n2,", {"task": "multilabel"}, "'t' is empty in every row"),
        ("x,t\n1,a\n,b", {"task": "multilabel"}, "row 3, column 'x': the value is missing"),
        ("x,a,b\n1,1,2\n2,0,1", {"target": ["a", "b"], "task": "multilabel"}, "rows of 0 and 1"),
        ("x,a,b\n1,1,0\n2,0,oh", {"target": ["a", "b"]}, "row 3, column 'b': 'oh' is not a number"),
        ("x,a,b\n1,1,0\n2,0,", {"target": ["a", "b"]}, "row 3, column 'b': the value is missing"),
        ("x,a,b\n1,1,0\n2,0,1", {"target": ["a", "a"]}, "names column 'a' twice"),
        ("x,a\n1,1\n2,0", {"threshold": 0.3}, "several labels a sample"),
        ("x,t\n1,a\n2,b", {"task": "multilabel", "threshold": {"c": 0.3}}, "names 'c'.*no label"),
        ("x,t\n1,a\n2,b", {"task": "multilabel", "threshold": [0.3]}, "1 numbers, the data 2"),
    ],
)
def test_what_cannot_be_is_refused_by_its_place(
    text: str, keys: dict[str, Any], message: str
) -> None:
    Path("odd.csv").write_text(text + "\n")
    with pytest.raises(DataError, match=message):
        csv("odd.csv", **({"target": None} | keys))


def test_columns_of_a_one_and_zeros_are_classes_by_their_names() -> None:
    Path("hot.csv").write_text("x,red,blue\n1,1,0\n2,0,1\n3,0,1\n4,1,0\n")
    data = csv("hot.csv", target=["red", "blue"])
    assert data.preprocessing.labels == ("red", "blue")
    assert data.train.targets.tolist() == [0, 1, 1, 0]
    Path("more.csv").write_text("x,red,blue\n1,0,1\n")
    assert read_samples(Path("more.csv"), data.preprocessing).targets.tolist() == [1]


def test_values_have_the_names_of_their_columns() -> None:
    Path("values.csv").write_text('x,u,v\n1,1.5,"2,5"\n2,0,"1,0"\n3,-1,"0,25"\n')
    data = csv("values.csv", target=["u", "v"])
    assert data.task == "values"
    assert data.preprocessing.names == ("u", "v")
    assert data.train.targets.tolist() == [[1.5, 2.5], [0, 1], [-1, 0.25]]


def test_a_label_that_training_never_sees_is_named() -> None:
    Path("train.csv").write_text("x,a,b\n1,1,0\n2,0,0\n3,1,0\n")
    data = csv("train.csv", target=["a", "b"], task="multilabel")
    assert "no training sample has the label 'b'" in data.notice


def test_words_that_look_divided_are_classes_and_said() -> None:
    Path("bars.csv").write_text("x,t\n" + "1,a|b\n2,b\n" * 30)
    assert "data.task=multilabel" in csv("bars.csv").notice
    assert csv("bars.csv").preprocessing.labels == ("a|b", "b")


def test_answers_in_words_are_ones_and_zeros() -> None:
    Path("answers.csv").write_text("x,a,b\n1,Yes,0\n2,no,1\n3,TRUE,1\n4,false,0\n")
    data = csv("answers.csv", target=["a", "b"], task="multilabel")
    assert data.train.targets.tolist() == [[1, 0], [0, 1], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("names", "has", "text"),
    [
        (("cat", "dog", "eel"), [True, False, True], "cat|eel"),
        (("cat", "dog"), [False, False], ""),
        (("a|b", "\u00e9"), [True, True], '["a|b", "\u00e9"]'),
        (("a|b", "c"), [False, True], '["c"]'),
    ],
)
def test_labels_in_one_text(names: tuple[str, ...], has: list[bool], text: str) -> None:
    assert chosen(names, np.array(has)) == text


def test_no_more_than_a_thousand_labels() -> None:
    for count in (1000, 1001):
        rows = "".join(f"{i},l{i}\n" for i in range(count))
        Path("many.csv").write_text(f"x,t\n{rows}")
        if count == 1000:
            found = csv("many.csv", target="t", task="multilabel")
            assert found.train.targets.shape == (1000, 1000)
            continue
        told = r"'t' has 1,001 different labels .* there may be 1,000: is .* '\|' right"
        with pytest.raises(DataError, match=told):
            csv("many.csv", target="t", task="multilabel")


def test_arrays_of_another_number_of_labels_are_refused() -> None:
    known = loaded(Npz(path="arrays.npz", test=0.0, validation=0)).preprocessing
    np.savez("more.npz", x=np.ones((2, 1)), y=np.array([[1, 0, 1], [0, 0, 1]]))
    with pytest.raises(DataError, match="targets of 3 labels a sample, and training had 2"):
        read_samples(Path("more.npz"), known)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([[0.5, 0.5], [0.75, 0.5]], "the sample 1, counted from 0, has 0.75 0.5"),
        ([[1.5, -0.5], [0.5, 0.5]], "the sample 0, counted from 0, has 1.5 -0.5"),
        ([["a", "b"], ["c", "d"]], ""),
    ],
)
def test_rows_that_are_no_classes_are_named(rows: Any, told: str) -> None:
    with pytest.raises(DataError) as caught:
        data_from_arrays(np.ones((2, 1)), np.array(rows), task="classification", test=0)
    assert told in str(caught.value)
    assert ("counted from 0" in str(caught.value)) is bool(told)
