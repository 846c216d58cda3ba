"""Records: what run.json says."""

from __future__ import annotations

import json

import pytest

from nnfs_cli.runs.record import Record, number_in, record_of

FACTS = {
    "number": 12, "status": "running", "created": "2026", "argv": [], "overrides": [],
    "environment": {}, "git": None, "data": {"name": "x", "hash": "y", "samples": {}},
    "parameters": 1, "fingerprint": "", "epochs": 0, "seconds": 0.0, "best": None, "test": None,
}  # fmt: skip


@pytest.mark.parametrize("indent", [2, None, 1, 4])
@pytest.mark.parametrize(
    "others",
    [{}, {"argv": ['\n  "number": 99,\n', '  "number": 98']}, {"more": {"number": 97}}],
)
def test_the_number_alone(others: dict[str, object], indent: int | None) -> None:
    facts = others | FACTS | others
    content = json.dumps(record_of(facts).to_json(), indent=indent).encode()
    assert number_in(content) == Record.parsed(content).number == 12


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"number": "x"}'])
def test_no_number(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        number_in(content)
