"""A row of the table of faults: what is wrong, the command, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TRAIN = ("train", "toy.yaml")
RESUME = ("resume", "latest")
"""The run has been finished by its template: more epochs must be asked for."""


def nothing() -> None:
    """Nothing to prepare, nothing to look at."""


@dataclass(frozen=True)
class Fault:
    """One fault, of the number that FAULTS.md gives it.

    It is arranged in a folder with ``toy.yaml``, a finished run of it, and an image; what
    ``arrange`` returns is kept until the command has ended. ``words`` stand in the one error
    line, or in what is said where the code is 0. ``then`` looks at what is left.
    """

    number: int
    name: str
    command: tuple[str, ...]
    code: int
    words: str = ""
    arrange: Callable[[], object] = nothing
    problems: int = 1
    works: bool = False
    """Whether the command goes as far as to write in runs/."""
    disk: tuple[str, str, int] | None = None
    """An action, a call, and at which of these calls: see disk.py."""
    stdout: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    then: Callable[[], object] = nothing


def writes(name: str, content: bytes | str) -> Callable[[], object]:
    """Arranges a file."""
    data = content if isinstance(content, bytes) else content.encode()

    def arrange() -> None:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(data)

    return arrange
