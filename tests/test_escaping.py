"""No character from outside gives a terminal orders, or hides."""

from __future__ import annotations

import json
import unicodedata

from nnfs_cli.escaping import escaped, json_escaped

JOINERS = "\u200c\u200d"
EVERY = [chr(code) for code in (*range(0x10000), *range(0xE0000, 0xE0100))]


def test_every_control_and_every_unseen_character_is_spelled_out() -> None:
    """Against Unicode's own categories, assigned characters and surrogates."""
    for character in EVERY:
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp"):
            assert escaped(character).isascii()
            assert escaped(character).isprintable()
        elif category[0] in "LMNPS" or character in JOINERS or category == "Zs":
            assert escaped(character) == character
    bidi = [c for c in EVERY if unicodedata.bidirectional(c) in
            ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")]  # fmt: skip
    assert len(bidi) == 9
    assert not any(character in escaped("".join(bidi)) for character in bidi)


def test_how_they_are_spelled() -> None:
    assert escaped("a\x1b[31mb\x9b\u202e\U000e0041") == r"a\x1b[31mb\x9b\u202e\U000e0041"
    assert escaped(b"caf\xe9.png".decode("utf-8", "surrogateescape")) == r"caf\xe9.png"
    assert escaped("é 字 👩\u200d🔬 c:\\x") == "é 字 👩\u200d🔬 c:\\x"


def test_lines_and_tabs_stay_where_text_has_lines() -> None:
    assert escaped("a:\n\tb\r") == r"a:\n\tb\r"
    assert escaped("a:\n\tb\r", lines=True) == "a:\n\tb\\r"


def test_json_says_the_same_thing() -> None:
    document = json_escaped(json.dumps(EVERY, ensure_ascii=False))
    assert json.loads(document) == EVERY
    assert escaped(document) == document
