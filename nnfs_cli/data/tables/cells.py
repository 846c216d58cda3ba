"""What the text of one cell is: a number, a missing value, or digits that are more like a name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal, InvalidOperation

MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
MAX_EXACT = 2**53
"""Beyond it two different whole numbers may be the same float."""

_NUMBER = re.compile(
    r"\s*[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf|infinity|nan)\s*", re.ASCII | re.IGNORECASE
)
_PLAIN = re.compile(r"0|-?[1-9]\d*", re.ASCII)
_LEADING_ZERO = re.compile(r"[+-]?0\d", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


def is_number(cell: str) -> bool:
    """Whether a cell is a number in a usual form, which ``1_000`` is not."""
    return _NUMBER.fullmatch(cell) is not None


def is_plain(cell: str) -> bool:
    """Whether a cell is a whole number in its usual form, and exact as a float."""
    return _PLAIN.fullmatch(cell) is not None and abs(int(cell[:20])) <= MAX_EXACT


def suspicion(cell: str) -> str:
    """Why a number may be a name, such as ``leading zeros``; empty if it may not."""
    if _LEADING_ZERO.match(cell):
        return "leading zeros"
    if len(cell) > 15 and _WHOLE.fullmatch(cell) and not is_plain(cell.lstrip("+")):
        return "whole numbers above 2^53, which are rounded"
    return ""


def with_point(cell: str) -> str:
    """A number written with a decimal comma, written with a point."""
    return cell.replace(",", ".", 1)


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """Whether these are numbers once the decimal commas are points.

    Cells that all look like ``1,234`` are not: that may as well be one thousand.
    """
    commas = [cell for cell in cells if "," in cell]
    return any(_THOUSANDS.fullmatch(cell) is None for cell in commas) and all(
        is_number(with_point(cell)) for cell in cells
    )


def in_order(texts: Iterable[str]) -> list[str]:
    """Different texts, by size if all are finite numbers (equal ones by text), else by text."""
    distinct = sorted(set(texts))
    if all(is_number(text) and text[-1].isdigit() for text in distinct):
        with suppress(InvalidOperation):  # an exponent beyond all measure
            distinct.sort(key=lambda text: Decimal(text.strip()))
    return distinct
