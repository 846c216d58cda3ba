"""Tables as CSV text: any reader divides it as it was, and it takes little more than itself."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnfs_cli.csv_text import AT_ONCE, csv_text, write_csv_atomically


def test_many_rows_are_read_as_they_were_written() -> None:
    """Line breaks of all kinds, far apart: rows are written some at a time."""
    rows = [[str(n), 'say "a, b"', 0.1 * n] for n in range(3 * AT_ONCE + 7)]
    for place, cell in ((1, "a\rb"), (AT_ONCE, "a\nb"), (len(rows) - 1, "a\r\nb"), (5, "\udcff")):
        rows[place][1] = cell
    text = csv_text(rows)
    read = [*csv.reader(io.StringIO(text, newline=""))]
    expected = [[str(cell) for cell in row] for row in rows]
    expected[5][1] = r"\udcff"
    assert read == expected
    assert text.count('"a\rb"') == 1


def test_cells_are_not_kept() -> None:
    def rows() -> Iterator[list[float]]:
        for number in range(4000):
            yield [number / 7 + place for place in range(40)]

    tracemalloc.start()
    text = csv_text(rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5 * len(text)  # all cells at once take as much as three texts more


def test_a_file_has_the_text(tmp_path: Path) -> None:
    rows = [[n, "a\rb" if n == 3 else "é"] for n in range(2 * AT_ONCE + 1)]
    write_csv_atomically(tmp_path / "t.csv", iter(rows))
    assert (tmp_path / "t.csv").read_bytes() == csv_text(rows).encode()


def test_a_row_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    def rows() -> Iterator[list[int]]:
        yield from ([n] for n in range(2 * AT_ONCE))
        raise KeyError

    (tmp_path / "t.csv").write_text("old")
    with pytest.raises(KeyError):
        write_csv_atomically(tmp_path / "t.csv", rows())
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_no_rows_are_no_text() -> None:
    assert csv_text([]) == ""
