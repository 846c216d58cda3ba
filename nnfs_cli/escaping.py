"""Text from outside, such as names, labels and errors, made harmless for whatever displays it."""

from __future__ import annotations

import re

ORDERS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What gives a terminal orders or shows nothing: control characters, changes of the direction of
writing, invisible marks, and surrogates, which stand for bytes that are not UTF-8. The joiners of
scripts and emoji are text."""
SURROGATE_BYTES = range(0xDC80, 0xDD00)
"""How Python spells the bytes 0x80 to 0xFF of a name that is not UTF-8."""


SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escaped(text: str, lines: bool = False) -> str:
    r"""``text`` with such characters spelled out as in Python: ``\x1b``; with ``lines``, line
    breaks and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return ORDERS.sub(lambda match: _spelled(match[0], lines), text)


def json_escaped(document: str) -> str:
    r"""The same for JSON, where such characters stand in strings alone: ``\u001b``."""
    return ORDERS.sub(lambda match: _json_spelled(match[0]), document)


def _spelled(character: str, lines: bool) -> str:
    code = ord(character)
    if lines and character in "\n\t":
        return character
    if character in SHORT:
        return SHORT[character]
    if code in SURROGATE_BYTES:
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_spelled(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
