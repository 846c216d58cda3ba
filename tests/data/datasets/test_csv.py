from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.dataset import Loaded
from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.source import Source
from nnfs_cli.data.tables.table import read_table
from nnfs_cli.errors import DataError

FLOWERS = """length,colour,species
1.5,red,iris
2.5,blue,rose
3.5,red,rose
4.5,green,iris
"""


def load(tmp_path: Path, text: str, name: str = "table.csv", **fields: object) -> Loaded:
    path = tmp_path / name
    path.write_text(text)
    return Csv(path=str(path), **({"test": 0.0} | fields)).load(Source())  # type: ignore[arg-type]


def test_words_become_one_hot_and_classes(tmp_path: Path) -> None:
    loaded = load(tmp_path, FLOWERS)
    assert loaded.labels == ("iris", "rose")
    np.testing.assert_array_equal(loaded.train.targets, [0, 1, 1, 0])
    expected = [[1.5, 0, 0, 1], [2.5, 1, 0, 0], [3.5, 0, 0, 1], [4.5, 0, 1, 0]]
    np.testing.assert_array_equal(loaded.train.inputs, np.float32(expected))
    assert loaded.columns[1]["categories"] == ["blue", "green", "red"]
    assert loaded.kind == "table"


def test_bom_crlf_quotes_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'\xef\xbb\xbf"a, b",y\r\n1,"x, z"\r\n\r\n2,w\r\n')
    loaded = Csv(path=str(path), test=0).load(Source())
    assert loaded.columns[0]["name"] == "a, b"
    assert loaded.labels == ("w", "x, z")


@pytest.mark.parametrize(
    ("text", "inputs", "labels"),
    [
        ("label,1x1,1x2\n3,0,255\n5,7,8\n", [[0, 255], [7, 8]], ("3", "5")),
        ("label,0,1\n3,0,255\n5,7,8\n", [[0, 255], [7, 8]], ("3", "5")),
        ("0,255,3\n7,8,5\n", [[0, 255], [7, 8]], ("3", "5")),
        ("0,1,b\n7,8,a\n", [[0, 1], [7, 8]], ("a", "b")),
    ],
)
def test_header_and_target_are_found(
    tmp_path: Path, text: str, inputs: list[list[int]], labels: tuple[str, ...]
) -> None:
    loaded = load(tmp_path, text)
    np.testing.assert_array_equal(loaded.train.inputs, inputs)
    assert loaded.labels == labels
    if "b" not in labels:
        assert loaded.train.inputs.dtype == np.uint8


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen(tmp_path: Path, delimiter: str) -> None:
    loaded = load(tmp_path, FLOWERS.replace(",", delimiter))
    assert loaded.labels == ("iris", "rose")
    assert loaded.train.inputs.shape == (4, 4)


@pytest.mark.parametrize("target", ["y", 0, -3])
def test_target_by_name_and_position(tmp_path: Path, target: str | int) -> None:
    loaded = load(tmp_path, "y\ta\tb\n1\t10\t20\n0\t30\t40\n", "t.tsv", target=target)
    np.testing.assert_array_equal(loaded.train.inputs, [[10, 20], [30, 40]])
    np.testing.assert_array_equal(loaded.train.targets, [1, 0])


def test_fractions_are_a_regression(tmp_path: Path) -> None:
    loaded = load(tmp_path, "x,y\n1,0.5\n2,1.5\n")
    assert loaded.labels == ()
    np.testing.assert_array_equal(loaded.train.targets, np.float32([[0.5], [1.5]]))


def test_task_overrules(tmp_path: Path) -> None:
    text = "x,y\n1,5\n2,6\n3,5\n"
    assert load(tmp_path, text).labels == ("5", "6")
    assert load(tmp_path, text, task="regression").labels == ()


def test_ignore_categories_and_shape(tmp_path: Path) -> None:
    text = "id,zip,a,y\n900,1,5,0\n901,2,6,1\n902,1,7,1\n"
    loaded = load(tmp_path, text, ignore=["id"], categories=[1])
    np.testing.assert_array_equal(loaded.train.inputs, [[1, 0, 5], [0, 1, 6], [1, 0, 7]])
    image = load(tmp_path, "1,2,3,4,0\n5,6,7,8,1\n", shape=[2, 2, 1])
    assert image.train.inputs.shape == (2, 2, 2, 1)
    assert image.kind == "image"
    with pytest.raises(DataError, match="4 features do not fill"):
        load(tmp_path, "1,2,3,4,0\n5,6,7,8,1\n", shape=[3, 3, 1])


FAULTS = {
    "empty": ("", {}, "is empty"),
    "blank": ("\n \n", {}, "is empty"),
    "header only": ("a,b,y\n", {}, "no row below"),
    "ragged": ("a,b,y\n1,2,0\n3,4\n", {}, "row 3 has 2 columns, but the first has 3"),
    "ragged among numbers": ("1,2,0\n3,4,1\n5,6,1,9\n", {}, "row 3 has 4 columns"),
    "header of another width": ("a,b\n1,2,0\n3,4,1\n", {}, "row 2 has 3 columns"),
    "word among numbers": (
        "a,b,y\n1,2,0\n3,oops,1\n5,6,0\n",
        {},
        "row 3, column 'b': 'oops' is not a number",
    ),
    "word among headerless numbers": ("1,2,0\n3,oops,1\n5,6,0\n", {}, "row 2, column '1'"),
    "number among words": (
        "a,y\nred,0\nblue,1\n7,0\n",
        {},
        "row 4, column 'a': '7' is a number among words",
    ),
    "word among target numbers": ("a,y\n1,0\n2,1\n3,one\n", {}, "row 4, column 'y': 'one'"),
    "missing value": ("a,b,y\n1,2,0\n\n3,,1\n", {}, "row 4, column 'b': the value is missing"),
    "missing target": ("a,y\n1,0\n2,\n", {}, "row 3, column 'y': the value is missing"),
    "missing category": ("a,y\nred,0\n?,1\n", {}, "row 3, column 'a': the value is missing"),
    "nan": ("1,2,0\n3,nan,1\n", {}, "row 2, column '1': the value is missing"),
    "infinity": ("1,2,0\n3,inf,1\n", {}, "row 2, column '1': inf is not finite"),
    "too large": ("1,2,0\n3,1e39,1\n", {}, "row 2, column '1': 1e39 is more than float32 can hold"),
    "no such target": ("age,y\n1,0\n2,1\n", {"target": "agee"}, "no column 'agee'"),
    "no such position": ("age,y\n1,0\n2,1\n", {"target": 2}, "no column 2"),
    "name without header": ("1,0\n2,1\n", {"target": "y"}, "the table has no header"),
    "two of a name": ("a,a,y\n1,2,0\n", {}, "two columns named 'a'"),
    "only a target": ("y\n1\n0\n", {}, "no column to learn from"),
    "words in a regression": ("a,y\n1,b\n2,c\n", {"task": "regression"}, "needs numbers"),
    "quote left open": ('a,y\n1,"0\n2,1\n', {}, "row"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_with_row_and_column(tmp_path: Path, fault: str) -> None:
    text, fields, message = FAULTS[fault]
    with pytest.raises(DataError, match=message) as caught:
        load(tmp_path, text, **fields)
    assert str(tmp_path / "table.csv") in caught.value.message
    assert "\n" not in str(caught.value)


def test_too_many_words(tmp_path: Path) -> None:
    text = "name,y\n" + "".join(f"n{i},{i % 2}\n" for i in range(1001))
    with pytest.raises(DataError, match="column 'name' has 1,001 different words"):
        load(tmp_path, text)


@pytest.mark.parametrize("content", [b"a,y\n\xff\xfe,1\n", b"a,y\n1,0\nx\x00,1\n"])
def test_what_is_not_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(DataError):
        prepare(Csv(path=str(path)), Source())


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        Csv(path=str(tmp_path / "absent.csv")).load(Source())
    with pytest.raises(DataError, match="is a folder"):
        Csv(path=str(tmp_path)).load(Source())


def test_one_class_only(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "1,cat\n" * 9)
    with pytest.raises(DataError, match="of one class, 'cat'"):
        prepare(Csv(path=str(path)), Source())


def test_a_file_of_test_samples(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("species,length,colour\nrose,9.5,blue\n")
    loaded = load(tmp_path, FLOWERS, test=str(tmp_path / "test.csv"))
    assert len(loaded.train) == 4
    assert loaded.test is not None
    np.testing.assert_array_equal(loaded.test.inputs, np.float32([[9.5, 1, 0, 0]]))
    np.testing.assert_array_equal(loaded.test.targets, [1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("length,colour\n1,red\n", "has no target"),
        ("colour,species\nred,rose\n", "no column 'length'"),
        ("length,colour,species\n1,pink,rose\n", "row 2, column 'colour': training never saw"),
        ("length,colour,species\n1,red,tulip\n", "the class 'tulip'"),
    ],
)
def test_test_samples_that_do_not_fit(tmp_path: Path, text: str, message: str) -> None:
    test = tmp_path / "test.csv"
    test.write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        load(tmp_path, FLOWERS, test=str(test))
    assert str(test) in caught.value.message


def test_a_share_is_split_off_by_class(tmp_path: Path) -> None:
    text = "a,y\n" + "".join(f"{i},{'rare' if i % 5 == 0 else 'usual'}\n" for i in range(100))
    loaded = load(tmp_path, text, test=0.2)
    assert loaded.test is not None
    np.testing.assert_array_equal(np.bincount(loaded.test.targets), [4, 16])
    np.testing.assert_array_equal(np.bincount(loaded.train.targets), [16, 64])
    both = np.concatenate([loaded.train.inputs, loaded.test.inputs]).ravel()
    np.testing.assert_array_equal(np.sort(both), np.arange(100))


def test_a_wide_table_of_pixels_is_quick(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).integers(0, 256, (4000, 785))
    rows[:, 0] %= 10
    path = tmp_path / "digits.csv"
    lines = [",".join(map(str, row)) for row in rows.tolist()]
    path.write_text("\n".join(["label," + ",".join(f"p{i}" for i in range(784)), *lines]))
    began = time.perf_counter()
    loaded = Csv(path=str(path), test=0).load(Source())
    assert time.perf_counter() - began < 1.5  # 0.1 s; a parser in Python takes more than 2 s
    np.testing.assert_array_equal(loaded.train.inputs, rows[:, 1:])
    assert loaded.train.inputs.dtype == np.uint8


@pytest.mark.parametrize("suffix", [".xz", ".gz", ".bz2"])
def test_a_plain_table_called_as_if_it_were_packed(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"table.csv{suffix}"
    path.write_text("a,label\n1,2\n3,4\n5,6\n")
    assert read_table(path).cells.tolist() == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize("delimiter", ["\n", "\r", '"'])
def test_what_divides_no_cells(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,label\n1,2\n3,4\n")
    with pytest.raises(DataError, match="cannot be divided at"):
        read_table(path, delimiter)


@pytest.mark.skipif(os.name == "nt", reason="pipes and devices")
@pytest.mark.parametrize("device", ["", "/dev/zero"])
def test_what_never_ends(tmp_path: Path, device: str) -> None:
    path = tmp_path / "table.csv"
    if device:
        path.symlink_to(device)
    else:
        os.mkfifo(path)
    with pytest.raises(DataError, match=r"is no regular file"):
        read_table(path)
