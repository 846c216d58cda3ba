"""A table says what it is: names as they are written, headers and delimiters as they are used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.dataset import Loaded
from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.read_file import read_rows, read_samples
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError


def load(folder: Path, text: str, name: str = "t.csv", **fields: object) -> Loaded:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return Csv(path=str(path), **({"test": 0.0} | fields)).load(Source())  # type: ignore[arg-type]


def learned(folder: Path, text: str, **fields: object) -> Preprocessing:
    path = folder / "train.csv"
    path.write_text(text, encoding="utf-8")
    data = prepare(Csv(path=str(path), **fields), Source())  # type: ignore[arg-type]
    return Preprocessing.from_json(json.loads(json.dumps(data.preprocessing.to_json())))


def coded(codes: tuple[str, ...], rows: int = 30, column: str = "code") -> str:
    return f"a,{column}\n" + "".join(f"{i},{codes[i % len(codes)]}\n" for i in range(rows))


@pytest.mark.parametrize(
    ("codes", "task"),
    [
        (("007", "7", "010"), "auto"),
        (("001", "002"), "auto"),
        (("2", "2.1", "2.10"), "classification"),
        (("9007199254740992", "9007199254740993"), "auto"),
        (("100", "1e2", "1E2"), "auto"),
        (("10", "1_0", "3"), "auto"),
        (("1_1", "1_2"), "auto"),
        (("0.0", "1.0", "10.0"), "auto"),
        (("+1", "1"), "auto"),
    ],
)
def test_classes_that_differ_stay_apart(tmp_path: Path, codes: tuple[str, ...], task: str) -> None:
    loaded = load(tmp_path, coded(codes), task=task)
    assert sorted(loaded.labels) == sorted(codes)
    named = [loaded.labels[number] for number in loaded.train.targets]
    assert named == [codes[i % len(codes)] for i in range(30)]
    # Between other columns, and among words, as well.
    wide = "".join(f"x{i},{codes[i % len(codes)]},{i}\n" for i in range(30))
    again = load(tmp_path, "w,code,b\n" + wide, target="code", task=task, ignore=["w"])
    assert again.labels == loaded.labels
    np.testing.assert_array_equal(again.train.targets, loaded.train.targets)


def test_plain_whole_numbers_keep_their_order(tmp_path: Path) -> None:
    loaded = load(tmp_path, coded(("10", "9", "-1")))
    assert loaded.labels == ("-1", "9", "10")
    assert not loaded.notice


def test_a_target_among_the_categories_has_classes(tmp_path: Path) -> None:
    codes = tuple(str(n / 8) for n in range(50))
    assert load(tmp_path, coded(codes, 100)).labels == ()
    loaded = load(tmp_path, coded(codes, 100), categories=["code"])
    assert loaded.labels == codes
    with pytest.raises(DataError, match="task says regression"):
        load(tmp_path, coded(codes), categories=["code"], task="regression")


def test_a_declared_category_is_its_text(tmp_path: Path) -> None:
    text = "zip,a,y\n" + "02134,1.5,0\n2134,2.5,1\n10001,3.5,0\n"
    loaded = load(tmp_path, text, categories=["zip"])
    assert loaded.columns[0]["categories"] == ["02134", "10001", "2134"]
    np.testing.assert_array_equal(loaded.train.inputs[:, :3], np.eye(3)[[0, 2, 1]])


@pytest.mark.parametrize("cell", ["02134", str(2**53 + 1)])
def test_an_input_that_may_be_a_name_is_said(tmp_path: Path, cell: str) -> None:
    loaded = load(tmp_path, f"zip,y\n{cell},0\n10001,1\n")
    np.testing.assert_array_equal(loaded.train.inputs, np.float32([[float(cell)], [10001]]))
    assert "column 'zip': " in loaded.notice
    assert cell in loaded.notice
    assert "data.categories" in loaded.notice


def test_usual_numbers_are_no_cause_for_words(tmp_path: Path) -> None:
    cells = ["12.50", "1.000e+00", "0.1234567890123456", "-0.5", "1e05", "0", "10"]
    loaded = load(tmp_path, "a,y\n" + "".join(f"{c},{i % 2}\n" for i, c in enumerate(cells)))
    np.testing.assert_array_equal(loaded.train.inputs[:, 0], np.float32([float(c) for c in cells]))
    assert not loaded.notice


@pytest.mark.parametrize("cells", [(-5, 7), (0, 255), (0, 256), (-32768, 32767), (1, 70000)])
def test_whole_numbers_of_any_size_stay_what_they_are(
    tmp_path: Path, cells: tuple[int, ...]
) -> None:
    rows = "".join(f"{cells[i % 2]},{i % 3},{i % 2}\n" for i in range(12))
    loaded = load(tmp_path, f"a,b,y\n{rows}")
    assert loaded.train.inputs[:, 0].tolist() == [cells[i % 2] for i in range(12)]


@pytest.mark.parametrize(("header", "said"), [("0,1,2", True), (",0,1", False), ("a,0,1", False)])
def test_a_header_that_counts_is_said_unless_it_is_sure(
    tmp_path: Path, header: str, said: bool
) -> None:
    rows = "".join(f"{i},{i % 3},{i % 2}\n" for i in range(12))
    assert ("data.header=false" in load(tmp_path, f"{header}\n{rows}").notice) == said


def test_underscores_are_no_numbers(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 3, column 'a': '1_000' is not a number"):
        load(tmp_path, "a,y\n1,0\n1_000,1\n5,1\n7,0\n")


COMMA = "a;b;y\n" + "".join(f"{i // 7},{i % 7}5;0,{i}1;{i % 2}\n" for i in range(60))


def test_decimal_commas(tmp_path: Path) -> None:
    loaded = load(tmp_path, COMMA)
    point = load(tmp_path, COMMA.replace(",", "."))
    np.testing.assert_array_equal(loaded.train.inputs, point.train.inputs)
    assert "decimal commas are read as points" in loaded.notice
    preprocessing = learned(tmp_path, COMMA)
    (tmp_path / "new.csv").write_text("a;b\n9,10;3,5\n9.10;3.5\n")
    samples = read_samples(tmp_path / "new.csv", preprocessing)
    np.testing.assert_array_equal(samples.inputs, np.float32([[9.1, 3.5], [9.1, 3.5]]))


def test_a_target_with_decimal_commas(tmp_path: Path) -> None:
    text = "a;y\n" + "".join(f"{i};{i},5\n" for i in range(60))
    loaded = load(tmp_path, text)
    assert loaded.labels == ()
    np.testing.assert_array_equal(loaded.train.targets[:, 0], np.arange(60) + 0.5)
    preprocessing = learned(tmp_path, text)
    (tmp_path / "new.csv").write_text("a;y\n1;2,5\n")
    assert read_samples(tmp_path / "new.csv", preprocessing, targets="all").targets == 2.5


def test_a_column_of_different_texts_is_said(tmp_path: Path) -> None:
    text = "name,y\n" + "".join(f"n{i},{i % 2}\n" for i in range(100))
    assert "column 'name': 100 different texts in 100 rows" in load(tmp_path, text).notice
    text = "v,y\n" + "".join(f'"{i},{100 + i}",{i % 2}\n' for i in range(1, 100))
    assert "write them plainly, with a decimal point" in load(tmp_path, text).notice
    for dressed in ("1.{},50", "$ {}", "{} %", "1'{}.5", "-2 {}"):
        cells = (dressed.format(100 + i) for i in range(100))
        text = "v;y\n" + "".join(f"{cell};{i % 2}\n" for i, cell in enumerate(cells))
        assert "write them plainly" in load(tmp_path, text).notice, dressed
    with pytest.raises(DataError, match=r"100 different texts in 100 rows.*no classes; choose a"):
        load(tmp_path, "a,y\n" + "".join(f"{i},n{i}\n" for i in range(100)))
    with pytest.raises(DataError, match="are no classes; if they are numbers, write them plainly"):
        load(tmp_path, "a,y\n" + "".join(f"{i},$ {i}\n" for i in range(100)))


def test_a_number_that_is_another_columns_name(tmp_path: Path) -> None:
    text = ",0,1,2\n" + "".join(f"{i},{i % 2},5,{i % 3}\n" for i in range(30))
    for fields in ({"target": 2}, {"ignore": [1]}, {"categories": [1], "target": "2"}):
        with pytest.raises(DataError, match="may be the column named"):
            load(tmp_path, text, **fields)
    loaded = load(tmp_path, text, target="2")
    assert loaded.labels == ("0", "1", "2")
    assert "column '': it has no name and counts the rows; data.ignore=['']" in loaded.notice
    assert load(tmp_path, text, target="2", ignore=[""]).notice == ""
    assert load(tmp_path, "0,1,2\n5,6,0\n7,8,1\n", target=2).labels == ("0", "1")


HEADERS = {
    "counted": ("0,1,2\n5.5,6,1\n7.5,8,0\n", True, "counts the columns"),
    "counted behind an index": (",0,1\n0,6,1\n1,8,0\n", True, ""),
    "a sample of two": ("0,1\n5,0\n7,1\n", False, "data.header=true"),
    "not counted": ("0,1,3\n5,6,1\n7,8,0\n", False, ""),
    "words that occur again": ("x,o,yes\no,x,no\nx,o,no\no,o,yes\n", False, ""),
    "words of which one does not": ("a,o,yes\no,x,no\nx,o,no\no,o,yes\n", True, ""),
    "words above numbers": ("a,b,y\n1,2,no\n3,4,yes\n", True, ""),
    "missing above a number": ("5.5,?,0\n7,8,1\n6,7,1\n", False, None),
}


@pytest.mark.parametrize("case", HEADERS)
def test_the_first_row(tmp_path: Path, case: str) -> None:
    text, header, notice = HEADERS[case]
    rows = text.count("\n")
    if notice is None:
        with pytest.raises(DataError, match="row 1, column '1': the value is missing"):
            load(tmp_path, text)
        return
    loaded = load(tmp_path, text)
    assert len(loaded.train) == rows - header
    assert notice in loaded.notice
    assert bool(notice) is bool(loaded.notice)
    if case in ("counted", "words of which one does not"):
        assert len(load(tmp_path, text, header=False).train) == rows


TICS = "".join(f"a{i % 3},b{i % 2},{'yes' if i % 5 else 'no'}\n" for i in range(40))
SPACED = "".join(f"{i / 7:.3f} {i % 5} {i % 2}\n" for i in range(40))


def test_header_and_delimiter_hold_for_further_tables(tmp_path: Path) -> None:
    words = learned(tmp_path, TICS, header=False)
    (tmp_path / "new.csv").write_text("a0,b0\na1,b1\na2,b1\n")
    assert len(read_samples(tmp_path / "new.csv", words).inputs) == 3
    assert len(read_samples(tmp_path / "train.csv", words, targets="all").inputs) == 40
    blanks = learned(tmp_path, SPACED, delimiter=" ")
    (tmp_path / "new.csv").write_text("0.1 0.2\n1 2\n")
    np.testing.assert_array_equal(
        read_samples(tmp_path / "new.csv", blanks).inputs, np.float32([[0.1, 0.2], [1, 2]])
    )
    (tmp_path / "new.csv").write_text("0.1,0.2\n1,2\n")  # as another program writes it
    assert len(read_samples(tmp_path / "new.csv", blanks).inputs) == 2


@pytest.mark.parametrize(
    ("text", "lines", "notice"),
    [
        ("0,1,2\n5,6,7\n", [2], "row 1 is taken as a header"),
        ("a,b,c\n5,6,7\n", [2], "row 1 is taken as a header"),
        ("5,6,7\n1,2,3\n", [1, 2], ""),
        ("?,6,7\n1,2,3\n", [1, 2], ""),
    ],
)
def test_a_further_table_of_a_run_without_names(
    tmp_path: Path, text: str, lines: list[int], notice: str
) -> None:
    rows = "".join(f"{i},{i % 5},{i % 7},{i % 2}\n" for i in range(3, 40))
    preprocessing = learned(tmp_path, rows)
    (tmp_path / "new.csv").write_text(text)
    found, told = read_rows(tmp_path / "new.csv", preprocessing)
    assert [line for line, *_ in found] == lines
    assert told == notice


def test_rows_are_answered_one_by_one(tmp_path: Path) -> None:
    rows = "".join(f"{i},{'red' if i % 3 else 'blue'},{i % 2}\n" for i in range(40))
    preprocessing = learned(tmp_path, "age,kind,y\n" + rows)
    path = tmp_path / "new.csv"
    path.write_text("age,kind,y\n25,red,\n60,green,1\n,blue,?\n\n38,red,maybe\n1,red\n2,blue,0\n")
    found, _ = read_rows(path, preprocessing)
    assert [line for line, *_ in found] == [2, 3, 4, 6, 7, 8]
    faults = {line: str(row) for line, row, *_ in found if isinstance(row, DataError)}
    assert {*faults} == {3, 4, 7}
    assert f"{path}, row 3, column 'kind': training never saw 'green'" in faults[3]
    assert "row 4, column 'age': the value is missing" in faults[4]
    assert "row 7 has 2 columns" in faults[7]
    (tmp_path / "sound.csv").write_text("age,kind\n25,red\n38,red\n2,blue\n")
    sound = read_samples(tmp_path / "sound.csv", preprocessing).inputs
    answered = [row for _, row, *_ in found if not isinstance(row, DataError)]
    np.testing.assert_array_equal(answered, sound)


def test_rows_are_answered_one_by_one_where_training_saw_no_table(tmp_path: Path) -> None:
    preprocessing = Preprocessing((2,), np.ones(2), np.zeros(2), ("no", "yes"))
    path = tmp_path / "new.csv"
    path.write_text("a,b\n1,2\n3,x\n4\n,5\n6,inf\n7,8,9\n-0.5,1e-3\n")
    found, _ = read_rows(path, preprocessing)
    assert [line for line, *_ in found] == [2, 3, 4, 5, 6, 7, 8]
    faults = [line for line, row, *_ in found if isinstance(row, DataError)]
    assert faults == [3, 4, 5, 6, 7]
    assert all(f"{path}, row {line}" in str(row) for line, row, *_ in found if line in faults)
    answered = [row.tolist() for line, row, *_ in found if line not in faults]
    assert np.allclose(answered, [[1, 2], [-0.5, 1e-3]])


def test_no_sound_row_at_all(tmp_path: Path) -> None:
    numbers = "".join(f"{i},{i % 3},{i % 2}\n" for i in range(40))
    preprocessing = learned(tmp_path, "zip,b,y\n" + numbers, categories=["zip"])
    (tmp_path / "new.csv").write_text("zip,b\n77,1\n05,2\n")  # numbers alone, both unknown
    found, _ = read_rows(tmp_path / "new.csv", preprocessing)
    assert ["'77'" in str(found[0][1]), "'05'" in str(found[1][1])] == [True, True]


def test_a_run_of_an_earlier_version_reads_names_as_it_did(tmp_path: Path) -> None:
    columns = [
        {"name": "zip", "kind": "category", "categories": ["7", "8"]},
        {"name": "y", "kind": "target"},
    ]
    one = np.ones((), np.float32)
    old = Preprocessing((2,), one, one, ("0", "1"), "table", columns)
    (tmp_path / "t.csv").write_text("zip,y\n07,1.0\n8.0,0\n")
    samples = read_samples(tmp_path / "t.csv", old, targets="all")
    np.testing.assert_array_equal(samples.inputs, [[1, 0], [0, 1]])
    assert samples.targets.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b y\n1 2 0\n3 4 1\n", "divided by blanks; data.delimiter=blanks"),
        ("# made by hand\n1\n2\n", "row 1 looks like a comment line, '# made by hand'; remove it"),
        ("# made by hand\na,b,y\n1,2,0\n", "row 1 looks like a comment line: remove it"),
        ("a,b,y\n1,2,0\n# half,\n3,4,1\n", "it looks like a comment line: remove it"),
        ("a,b,y\n1,2,0\n # a,b,c,d\n3,4,1\n", "it looks like a comment line: remove it"),
        ("# by, hand\na,b,y\n1,2,0\n", "row 1 looks like a comment line: remove it"),
        ("# by, hand\n1,2\n1,2,0\n", "row 1 looks like a comment line: remove it"),
        ("a,b,y\n1,2,0\n3,4,1,#\n", "set data.delimiter"),
        ("a,b,y\n1,2,0\n3;4;1\n", "set data.delimiter"),
    ],
)
def test_remedies_for_tables_that_are_not_divided(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


def test_commas_within_quotes_divide_nothing(tmp_path: Path) -> None:
    text = '"a, b";"c, d, e";y\n"1, 2";5;0\n"3, 4";6;1\n'
    assert [column["name"] for column in load(tmp_path, text).columns] == ["a, b", "c, d, e", "y"]


def test_pixels_in_a_table_are_images(tmp_path: Path) -> None:
    text = "label,p0,p1,p2,p3\n" + "".join(f"{i % 2},{i},255,0,7\n" for i in range(20))
    assert load(tmp_path, text, target="label", shape=[2, 2, 1]).white == 255


def test_where_a_sample_stands(tmp_path: Path) -> None:
    loaded = load(tmp_path, "a,y\n1,0\n\n3,1\n5,0\n7,1\n", test=0.5)
    assert loaded.test is not None
    both = [*loaded.train.origins, *loaded.test.origins]  # type: ignore[misc]
    inputs = np.concatenate([loaded.train.inputs, loaded.test.inputs]).ravel()
    assert dict(zip(both, inputs.tolist(), strict=True)) == {
        "t.csv:2": 1, "t.csv:4": 3, "t.csv:5": 5, "t.csv:6": 7,
    }  # fmt: skip
