"""What the text of a cell is."""

from __future__ import annotations

import pytest

from nnfs_cli.data.tables.cells import (
    has_decimal_commas,
    in_order,
    is_number,
    is_plain,
    suspicion,
)


@pytest.mark.parametrize("cell", ["12.50", "1.000e+00", "-3", "+4", ".5", "5.", "1E5", "inf"])
def test_usual_forms_are_numbers(cell: str) -> None:
    assert is_number(cell)
    assert isinstance(float(cell), float)


@pytest.mark.parametrize(
    "cell", ["", "1 2", *["1_0", "1_000.5", "1,5", "0x1f", "٣", "e5", "1e", "--1"]]
)
def test_other_texts_are_none(cell: str) -> None:
    assert not is_number(cell)


@pytest.mark.parametrize(
    ("cell", "plain", "reason"),
    [
        ("0", True, ""),
        ("-12", True, ""),
        (str(2**53), True, ""),
        (str(2**53 + 1), False, "whole numbers above 2^53"),
        (str(-(2**53)), True, ""),
        (str(-(2**53) - 1), False, "whole numbers above 2^53"),
        ("9" * 400, False, "whole numbers above 2^53"),
        ("007", False, "leading zeros"),
        ("-01", False, "leading zeros"),
        ("00.5", False, "leading zeros"),
        ("0.5", False, ""),
        ("+5", False, ""),
        ("1.0", False, ""),
        ("1e2", False, ""),
        ("-0", False, ""),
        ("3.14159265358979312", False, ""),
    ],
)
def test_plain_and_suspicious(cell: str, plain: bool, reason: str) -> None:
    assert is_plain(cell) is plain
    assert suspicion(cell).startswith(reason)
    assert bool(suspicion(cell)) is bool(reason)


@pytest.mark.parametrize(
    ("cells", "commas"),
    [
        (["10,38", "0,96"], True),
        (["10,38", "7"], True),
        (["0,125", "0,250"], True),
        (["1,234", "5,678"], False),  # perhaps thousands
        (["1,234,567", "1,5"], False),
        (["1,5", "x"], False),
        (["1.5", "2"], False),
        ([], False),
    ],
)
def test_decimal_commas(cells: list[str], commas: bool) -> None:
    assert has_decimal_commas(cells) is commas


def test_order() -> None:
    assert in_order(["10", "9", "1"]) == ["1", "9", "10"]
    assert in_order(["7", "007", "10"]) == ["007", "7", "10"]
    assert in_order(["2.10", "2.1", "2"]) == ["2", "2.1", "2.10"]
    ids = [str(2**53 + n) for n in (3, 1, 2)]
    assert in_order(ids) == sorted(ids)
    assert in_order(["10", "9", "b"]) == ["10", "9", "b"]
    assert in_order(["1e99999999999999999999", "9"]) == ["1e99999999999999999999", "9"]
