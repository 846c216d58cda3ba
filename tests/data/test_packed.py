"""Tables that are packed, or divided by blanks: read as the plain ones, or refused soon."""

from __future__ import annotations

import gzip
import lzma
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.packed import inner_name, open_bytes
from nnfs_cli.data.source import Source
from nnfs_cli.data.tables.table import BLANKS, is_table, read_table
from nnfs_cli.errors import DataError

TABLES = {
    "numbers": "a,b,y\n1,2,0\n3,4,1\n5,6,0\n",
    "words": '\ufeffname,b,y\r\n"x, z",2,0\r\n\r\nw,-4.5,1\r\n',
    "leading zeros": "a,b,y\n01,2,0\n3,4,1\n",
    "tabs": "a\tb\ty\n1\t2\t0\n3\t4\t1\n",
}


def zipped(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/t.csv", content)
        archive.writestr("__MACOSX/._t.csv", b"\0\0")


PACK: dict[str, Callable[[Path, bytes], object]] = {
    "t.csv.gz": lambda path, content: path.write_bytes(gzip.compress(content)),
    "t.csv.xz": lambda path, content: path.write_bytes(lzma.compress(content)),
    "t.zip": zipped,
    "two.gz": lambda path, content: path.write_bytes(
        gzip.compress(content[:9]) + gzip.compress(content[9:])
    ),
    "two.xz": lambda path, content: path.write_bytes(
        lzma.compress(content[:9]) + b"\0" * 4 + lzma.compress(content[9:])
    ),
    "misnamed.csv": lambda path, content: path.write_bytes(gzip.compress(content)),
}


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_packed_as_plain(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "plain.txt").write_bytes(text.encode())
    PACK[name](tmp_path / name, text.encode())
    plain, packed = read_table(tmp_path / "plain.txt"), read_table(tmp_path / name)
    assert packed.names == plain.names
    assert packed.delimiter == plain.delimiter
    assert list(packed.where) == list(plain.where)
    for column in range(plain.width):
        assert packed.texts(column) == plain.texts(column)


def test_the_name_inside_says_how_it_is_divided(tmp_path: Path) -> None:
    (tmp_path / "t.tsv.gz").write_bytes(gzip.compress(b"a,b\tc\n1,5\t2\n"))
    assert read_table(tmp_path / "t.tsv.gz").names == ["a,b", "c"]
    zipped(tmp_path / "t.zip", b"")
    assert inner_name(tmp_path / "t.zip") == "t.csv"


def damaged(name: str) -> bytes:
    packed = {
        "cut.gz": gzip.compress(TABLES["numbers"].encode() * 99)[:-40],
        "cut.xz": lzma.compress(TABLES["numbers"].encode() * 99)[:-40],
        "sum.gz": gzip.compress(b"a,y\n1,2\n")[:-8] + b"\1" * 8,
        "rest.gz": gzip.compress(b"a,y\n1,2\n") + b"rest",
        "rest.xz": lzma.compress(b"a,y\n1,2\n") + b"rest",
        "dictionary.xz": b"\xfd7zXZ\0\0\4" + bytes(40),
        "no.zip": b"PK\x03\x04" + bytes(30),
    }
    return packed[name]


@pytest.mark.parametrize(
    "name",
    ["cut.gz", "cut.xz", "sum.gz", "rest.gz", "rest.xz", "dictionary.xz", "no.zip"],
)
def test_damage(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(damaged(name))
    with pytest.raises(DataError, match=rf"{name} (cannot be unpacked|is no valid)"):
        read_table(tmp_path / name)


def test_archives_of_several_files_or_none(tmp_path: Path) -> None:
    for names, message in ((["a.csv", "b.csv"], "2 files inside: a.csv, b.csv"), ([], "no file")):
        with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
            for name in names:
                archive.writestr(name, "a,b\n1,2\n")
        with pytest.raises(DataError, match=message):
            read_table(tmp_path / "t.zip")


def test_an_encrypted_archive(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    zipped(path, b"a,b\n1,2\n")
    content = bytearray(path.read_bytes())
    for start in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[start] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"cannot be unpacked: .*encrypted"):
        read_table(path)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.xz", "t.zip"])
@pytest.mark.parametrize("content", [b"1,0\n", b"\n", b"0"], ids=["rows", "blank", "a cell"])
def test_bombs(tmp_path: Path, name: str, content: bytes) -> None:
    PACK[name](tmp_path / name, b"a,y\n" + content * (20_000_000 // len(content)))
    soonest = 9.0
    for _ in range(2):
        began = time.perf_counter()
        with pytest.raises(DataError, match="more than 200 times as large"):
            read_table(tmp_path / name)
        soonest = min(soonest, time.perf_counter() - began)
    assert soonest < 1


def test_blanks(tmp_path: Path) -> None:
    text = '  18.0   8\t"a  b\tc" 1\n\n 9   07  x 0  \r\n'
    (tmp_path / "t.data").write_text(text)
    table = read_table(tmp_path / "t.data", BLANKS)
    assert table.cells.tolist() == [["18.0", "8", "a  b\tc", "1"], ["9", "07", "x", "0"]]
    numbers = "  1.5 2   0\n 3\t4   1 \n"
    (tmp_path / "n.data").write_text(numbers)
    table = read_table(tmp_path / "n.data", BLANKS)
    np.testing.assert_array_equal(table.cells, [[1.5, 2, 0], [3, 4, 1]])
    assert [table.texts(column) for column in range(3)] == [["1.5", "3"], ["2", "4"], ["0", "1"]]
    (tmp_path / "z.data").write_text("a b\n1 007\n2 008\n")
    assert read_table(tmp_path / "z.data", BLANKS).texts(1) == ["007", "008"]
    (tmp_path / "r.data").write_text("a b c\n1 2\n")
    with pytest.raises(DataError, match="row 2 has 2 columns, but the first has 3"):
        read_table(tmp_path / "r.data", BLANKS)


def test_a_table_of_blanks_is_learnt_from(tmp_path: Path) -> None:
    path = tmp_path / "t.data.gz"
    path.write_bytes(gzip.compress(b" 1.0   2  0\n 3.5   4  1\n"))
    with pytest.raises(DataError, match=r"data\.delimiter=blanks"):
        Csv(path=str(path), test=0.0).load(Source())
    loaded = Csv(path=str(path), test=0.0, delimiter="blanks").load(Source())
    np.testing.assert_array_equal(loaded.train.inputs, [[1, 2], [3.5, 4]])
    assert loaded.layout == {"delimiter": "blanks", "header": None}


def test_plain_files_are_opened_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "t.gz").write_bytes(b"a,b\n1,2\n")
    with open_bytes(tmp_path / "t.gz") as file:
        assert file.read() == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("a.csv", True), ("a.TSV", True), ("a.npz", False), ("a", False),
        ("a.csv.gz", True), ("a.gz", True), ("a.npy.gz", False), ("a.tsv.xz", True),
    ],
)  # fmt: skip
def test_what_is_called_a_table(name: str, table: bool) -> None:
    assert is_table(Path(name)) is table
