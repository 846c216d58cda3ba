"""Plain scalars by YAML 1.2's core schema: what a word without quotes is."""

from __future__ import annotations

import re
from typing import Any

MAX_DIGITS = 400
INTEGER = re.compile(r"[-+]?[0-9]+")
PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
for _sign, _number in (("", "inf"), ("+", "inf"), ("-", "-inf")):
    WORDS |= {f"{_sign}{word}": float(_number) for word in (".inf", ".Inf", ".INF")}
WORDS |= {word: float("nan") for word in (".nan", ".NaN", ".NAN")}


def parse_scalar(text: str) -> Any:
    """The value of an unquoted scalar; raises ValueError for a number beyond all bounds."""
    if text in WORDS:
        return WORDS[text]
    if PREFIXED.fullmatch(text) or INTEGER.fullmatch(text):
        if len(text) > MAX_DIGITS:
            raise ValueError("too many digits")
        return int(text, 0 if PREFIXED.fullmatch(text) else 10)
    return float(text) if FLOAT.fullmatch(text) else text
