"""Ideas of deep learning, half a page each: a title, other words for it, the text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ALSO = "also: "


@dataclass(frozen=True)
class Idea:
    """``word`` is the file's name; ``text`` is in paragraphs and ends with the command to try."""

    word: str
    title: str
    also: tuple[str, ...]
    text: str

    @property
    def words(self) -> tuple[str, ...]:
        """All that it is called."""
        return (self.word, *self.also)


@cache
def ideas() -> tuple[Idea, ...]:
    """All of them, by the name of their files."""
    found = [file for file in files(__name__).iterdir() if file.name.endswith(".md")]
    return tuple(
        _read(file.name.removesuffix(".md"), file.read_text("utf-8"))
        for file in sorted(found, key=lambda file: file.name)
    )


def _read(word: str, content: str) -> Idea:
    head, _, text = content.partition("\n\n")
    title, _, also = head.partition(f"\n{ALSO}")
    return Idea(word, title, tuple(also.split(", ")) if also else (), text.rstrip())
