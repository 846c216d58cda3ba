"""docs/reference/ is what the code says; python -m tests.config.test_reference_pages writes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nnfs_cli.components.registry import registry
from nnfs_cli.config.reference import explain, known_words
from nnfs_cli.config.reference_pages import escaped, pages

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def test_the_pages_are_fresh() -> None:
    written = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    assert written == pages(), "run: python -m tests.config.test_reference_pages"


def test_every_component_and_key_is_in_a_page() -> None:
    text = "\n".join(pages().values()).replace("\\", "")
    for members in registry().values():
        for word, member in members.items():
            if member.__module__.startswith("nnfs_cli."):
                assert re.search(rf"^## .*\b{word}\b", text, re.M), word
    for key in ("early_stopping", "batch_size", "clip_norm", "init_from"):
        assert f"| `{key}` |" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a * b_c", r"a \* b\_c"), ("`a * b` | <x>", r"`a * b` \| \<x\>"), ("plain", "plain")],
)
def test_signs_mean_themselves(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_ideas_are_explained_by_every_word_for_them() -> None:
    for word, title in (
        ("backprop", "Backpropagation"),
        ("vanishing_gradients", "Vanishing gradients"),
        ("generalization", "Overfitting"),
        ("learning_rate", "Learning rate"),
        ("mini_batch", "Batch"),
    ):
        assert word in known_words()
        assert any(entry.title.startswith(title) for entry in explain(word)), word
    titles = [entry.title for entry in explain("dropout")]
    assert titles == ["layer dropout", "Why dropout: no unit may rely on another"]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in pages().items():
        (FOLDER / name).write_text(content, "utf-8")
