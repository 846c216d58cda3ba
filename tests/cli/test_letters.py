"""What is drawn with blocks and lines is drawn with ASCII where the output has no others."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.cli.app import run

DIGITS = """\
name: letters
data: {type: digits, limit: 60, validation: 20}
layers: [flatten, {type: dense, units: 10}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.01}
train: {epochs: 2, batch_size: 16, workers: 1}
"""
COMMANDS = [
    ("lr-find", "c.yaml", "--steps", "60"),
    ("watch",),
    ("trace", "c.yaml", "--sample", "1"),
    ("inspect",),
    ("predict", "x.npy", "--show"),
    ("runs",),
]


def shown(arguments: tuple[str, ...], encoding: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The whole of stdout, which has this encoding."""
    content = io.BytesIO()
    with monkeypatch.context() as patch:
        stream = io.TextIOWrapper(content, encoding, errors="strict", write_through=True)
        patch.setattr("sys.stdout", stream)
        assert run([*arguments]) == 0
        stream.flush()
        return content.getvalue().decode(encoding)


def test_drawings_by_the_letters_of_the_output(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "c.yaml").write_text(DIGITS)
    np.save("x.npy", np.eye(8, dtype=np.uint8)[None] * 16)
    assert run(["train", "c.yaml", "-q"]) == 0
    for arguments in COMMANDS:
        text = shown(arguments, "utf-8", monkeypatch)
        plain = shown(arguments, "ascii", monkeypatch)
        assert not text.isascii(), arguments
        assert "\\u25" not in plain, arguments  # of blocks and lines; formulas are spelled out
        assert arguments[0] == "trace" or "\\x" not in plain, arguments
