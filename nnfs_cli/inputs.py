"""What `predict` is given (pictures, folders, arrays, tables, stdin) as raw samples, one by one.

What cannot be read becomes a :class:`Failure` in its place, so the other files are still
answered.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from nnfs_cli.centring import fit_picture
from nnfs_cli.data.arrays import as_inputs, read_npy
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.reading import TABLES, read_samples
from nnfs_cli.errors import DataError
from nnfs_cli.parameter import Array, shape_text
from nnfs_cli.pictures import SUFFIXES, open_picture

STDIN = "-"
MOST_STDIN = 256 << 20
"""Bytes that are read from standard input."""
TEXT_PICTURE = re.compile(rb"P[1-6]\s")
"""How Netpbm's formats begin, two of which are text."""


@dataclass(frozen=True, eq=False)
class Input:
    """One raw sample of the network's input shape, in the units of the data it was trained on."""

    name: str
    array: Array
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Failure:
    """What has no answer, and why."""

    name: str
    error: DataError


def read_inputs(
    paths: Sequence[str],
    preprocessing: Preprocessing,
    *,
    invert: bool | None = None,
    center: bool | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Input | Failure]:
    """Every sample in the order of ``paths``; a folder stands for its pictures, sorted.

    A path ``-`` is ``stdin``. ``invert`` and ``center`` overrule what is detected in pictures;
    arrays and tables are taken as they are. Names are ``digit.png``, ``table.csv:3`` (the line),
    ``digits.npy[5]`` (the position).
    """
    reader = _Reader(preprocessing, invert, center)
    for path in paths:
        try:
            if path == STDIN:
                yield from reader.stream(stdin)
            elif Path(path).is_dir():
                yield from reader.folder(Path(path))
            else:
                yield from reader.file(Path(path))
        except DataError as error:
            yield Failure(path, error)
        except OSError as error:
            yield Failure(path, DataError(f"cannot read {path}: {error.strerror or error}"))


@dataclass(frozen=True, eq=False)
class _Reader:
    preprocessing: Preprocessing
    invert: bool | None
    center: bool | None

    def file(self, path: Path, name: str = "") -> Iterator[Input]:
        name = name or str(path)
        if not path.exists():
            raise DataError(f"there is no file {name}", "check the path")
        if not path.is_file():
            raise DataError(f"{name} is no regular file", "use - to read from a pipe")
        suffix = path.suffix.lower()
        if suffix in TABLES:
            yield from self.table(path, name)
        elif suffix in (".npy", ".npz"):
            for position, sample in enumerate(self.arrays(path)):
                yield Input(f"{name}[{position}]", sample)
        else:
            yield self.picture(path, name)

    def folder(self, path: Path) -> Iterator[Input | Failure]:
        files = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
        )
        if not files:
            raise DataError(f"the folder {path} has no pictures", "name one with pictures in it")
        for file in files:
            try:
                yield from self.file(file)
            except DataError as error:
                yield Failure(str(file), error)

    def picture(self, source: Path | BinaryIO, name: str) -> Input:
        shape, kind = self.preprocessing.input_shape, self.preprocessing.kind
        if len(shape) != 3 or shape[2] not in (1, 3):
            raise DataError(
                f"{name} is not a table or an array, and the network takes {shape_text(shape)}",
                "give it a .csv, .npy or .npz file",
            )
        white = self.preprocessing.white or 255
        picture = open_picture(source, name)
        digit = kind == "digit"
        sample, notes = fit_picture(picture, shape, white, digit, self.invert, self.center)
        return Input(name, sample, notes)

    def table(self, path: Path, name: str) -> Iterator[Input]:
        samples = read_samples(path, self.preprocessing).inputs
        lines = _lines(path)[-len(samples) :]
        for line, sample in zip(lines, samples, strict=True):
            yield Input(f"{name}:{line}", sample)

    def arrays(self, path: Path) -> Array:
        """Samples (N, ...); a .npy file may hold a single one without the first axis."""
        if path.suffix.lower() == ".npy":
            shape = self.preprocessing.input_shape
            array = read_npy(path)
            if array.shape == shape or (*array.shape, 1) == shape:
                return as_inputs(array.reshape(1, *shape), str(path))[0]
        return read_samples(path, self.preprocessing).inputs

    def stream(self, stdin: BinaryIO | None) -> Iterator[Input]:
        """Standard input: a picture, or what a temporary copy with a fitting suffix holds."""
        content = stdin.read(MOST_STDIN + 1) if stdin else b""
        if not content:
            raise DataError("standard input is empty", "pipe a picture or a table into it")
        if len(content) > MOST_STDIN:
            raise DataError(f"standard input has more than {MOST_STDIN >> 20} MiB", "name a file")
        suffix = _suffix(content)
        if not suffix:
            yield self.picture(BytesIO(content), "stdin")
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"stdin{suffix}"
            path.write_bytes(content)
            try:
                yield from self.file(path, "stdin")
            except DataError as error:
                told = error.message.replace(str(path), "stdin")
                raise DataError(told, error.hint) from error


def _suffix(content: bytes) -> str:
    """What the bytes look like: a table, NumPy's arrays, or "" for a picture."""
    if content.startswith(b"\x93NUMPY"):
        return ".npy"
    if content.startswith(b"PK\x03\x04"):
        return ".npz"
    if b"\0" in content or TEXT_PICTURE.match(content):
        return ""
    try:
        first = content.decode("utf-8-sig").lstrip().partition("\n")[0]
    except UnicodeDecodeError:
        return ""
    return ".tsv" if "\t" in first and "," not in first else ".csv"


def _lines(path: Path) -> list[int]:
    """The line on which every row that is not blank ends, header included."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        return [reader.line_num for row in reader if any(cell.strip() for cell in row)]
