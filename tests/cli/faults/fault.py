"""A row of the table of faults: what is wrong, the command, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

TRAIN = ("train", "toy.yaml")
RESUME = ("resume", "latest")
"""The run has been finished by its template: more epochs must be asked for."""


def nothing() -> None:
    """Nothing to prepare, nothing to look at."""


class Kind(Enum):
    """What can be wrong, and what must come of it, with the exit code."""

    KILLED = "killed in training: resume ends with the same bytes"
    KILLED_SAVING = "killed in a checkpoint: the one before it loads"
    KILLED_BETWEEN = "killed between a row and its checkpoint: no gap, no row twice"
    KILLED_EARLY = "killed before a run's first file: latest names the run before"
    POWER = "power lost after a rename: content is synced first, the folder last"
    SIGNAL = "a signal: saved, 128 + n"
    DISK = "a disk that is full or broken: 5, the checkpoint before it intact"
    NO_FOLDER = "a folder of runs that cannot be: 5 before any training"
    MEMORY = "too little memory: 5 with an estimate and a remedy"
    STDOUT = "stdout closed: quiet, 0; full: 5"
    DAMAGED = "a damaged checkpoint: 3, naming one that is valid"
    PICKLE = "a pickle in a checkpoint: 3, nothing executed"
    BOMB = "a checkpoint that asks for much memory: 3, without taking it"
    MEMBERS = "members that do not belong, or do not fit: 3, named"
    NOT_FINITE = "weights that are not finite, formats that are not known: 3"
    CHANGED = "another machine: one warning; an edited config: 2, its keys named"
    YAML = "YAML that is code or grows: 2, quickly, at its line"
    NO_TEXT = "a config that is no text: 2"
    KEY = "a wrong key or value: 2, with its range and the nearest word"
    SHAPE = "shapes that do not fit: 2, at the line"
    LOSS = "a loss or metric that does not fit the data: 2"
    IDX = "a damaged idx file: 3 before training"
    TABLE = "a table with a fault: 3, with row and column"
    ARRAYS = "arrays with a fault: 3"
    FOLDER = "a folder of images with a fault: 3, the file named"
    DOWNLOAD = "a download that fails: 3, naming files, hashes and where to put them"
    ARCHIVE = "an archive that reaches outside: 3, nothing written there"
    NO_IMAGE = "what is no image: 3 at the end, the others are answered"
    CONVERTED = "an image of an unusual kind: converted, and said"
    HUGE = "a huge image: 3 before it is decoded"
    GEOMETRY = "an image of another size, tone or place: brought to the data's, and said"
    DIVERGED = "a loss that is not finite: 4, the last finite checkpoint kept"
    DEGENERATE = "features or batches without variance: works, or 3"
    AT_ONCE = "two trainings at once: two folders; in one folder 7"
    CLOCK = "a clock set back: latest is the run created last"
    NAME = "names of runs that are no names: 3, or made harmless"
    TERMINAL = "narrow, ASCII or no terminal: plain output"
    RESUMED_TWICE = "a run that another process resumes: 7"


@dataclass(frozen=True)
class Fault:
    """One fault of a kind.

    It is arranged in a folder with ``toy.yaml``, a finished run of it, and an image; what
    ``arrange`` returns is kept until the command has ended. ``words`` stand in the one error
    line, or in what is said where the code is 0. ``then`` looks at what is left.
    """

    kind: Kind
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
