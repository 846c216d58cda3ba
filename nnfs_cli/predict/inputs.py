"""What `predict` is given (images, folders, arrays, tables, stdin) as raw samples, one by one.

What cannot be read becomes a :class:`Failure` in its place, so the other files are still
answered.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.data.arrays import as_inputs, read_npy
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.images.class_folders import SKIPPED, images_below, kinds_left_out
from nnfs_cli.data.images.image_file import open_image, remedy
from nnfs_cli.data.packed import GZIP, XZ
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.read_file import read_rows, read_samples
from nnfs_cli.data.sources.idx import is_idx
from nnfs_cli.data.tables.table import is_table
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.predict.centering import can_be_centred, fit_image

STDIN = "-"
MAX_STDIN = 256 << 20
"""Bytes that are read from standard input."""
TEXT_IMAGE = re.compile(rb"P[1-6]\s")
"""How Netpbm's formats begin, two of which are text."""


@dataclass(frozen=True, eq=False)
class Input:
    """One raw sample of the network's input shape, in the units of the data it was trained on."""

    name: str
    array: Array
    notes: list[str] = field(default_factory=list)
    refusal: str = ""
    """Why it should not be answered: it is an image in which no figure was found, or several."""
    id: str | None = None
    """What a table's own column calls it."""


@dataclass(frozen=True)
class Failure:
    """What has no answer, and why."""

    name: str
    error: DataError
    id: str | None = None


def read_inputs(
    paths: Sequence[str],
    preprocessing: Preprocessing,
    *,
    invert: bool | None = None,
    center: bool | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Input | Failure]:
    """Every sample in the order of ``paths``; a folder stands for all images in it, sorted.

    A path ``-`` is ``stdin``. ``invert`` and ``center`` overrule what is detected in images;
    arrays and tables are taken as they are. Names are ``digit.png``, ``table.csv:3`` (the line),
    ``digits.npy[5]`` (the position). Raises UsageError at once if the network's inputs cannot be
    inverted or centred.
    """
    shape = preprocessing.input_shape
    if invert and not _are_images(shape):
        raise _inapplicable("--invert", "images", shape)
    if center and not can_be_centred(shape):
        raise _inapplicable("--center", "square grey images", shape)
    return _read(paths, _Reader(preprocessing, invert, center), stdin)


def _inapplicable(option: str, images: str, shape: Shape) -> UsageError:
    return UsageError(
        f"{option} is for {images}, and the network takes {shape_text(shape)}", "leave it out"
    )


def _read(
    paths: Sequence[str], reader: _Reader, stdin: BinaryIO | None
) -> Iterator[Input | Failure]:
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

    def file(self, path: Path, name: str = "") -> Iterator[Input | Failure]:
        name = name or str(path)
        if not path.exists():
            raise DataError(f"there is no file {name}", "check the path")
        if not path.is_file():
            raise DataError(f"{name} is no regular file", "use - to read from a pipe")
        if is_table(path) and not is_idx(path):
            yield from self.table(path, name)
        elif path.suffix.lower() in (".npy", ".npz") or is_idx(path):
            given = self.arrays(path)
            samples, note = self.preprocessing.in_range(given.inputs, name)
            notice = given.notice.replace(path.name, name)
            for position, sample in enumerate(samples):
                yield Input(f"{name}[{position}]", sample, [*filter(None, [notice, note])])
                notice = ""
        else:
            yield self.image(path, name)

    def folder(self, path: Path) -> Iterator[Input | Failure]:
        below = images_below(path, links=True)
        files = sorted(file for file in below if SKIPPED not in file.relative_to(path).parts)
        others = kinds_left_out(path)
        if not files:
            there = f", but files of other kinds: {others}" if others else ""
            hint = remedy(others, "name one with images")
            raise DataError(f"the folder {path} has no images{there}", hint)
        notice = f"not used in {path}, since they are called no image: {others}" if others else ""
        for file in files:
            try:
                for item in self.file(file):
                    if notice and isinstance(item, Input):
                        item.notes.insert(0, notice)
                        notice = ""
                    yield item
            except DataError as error:
                yield Failure(str(file), error)

    def image(self, source: Path | BinaryIO, name: str) -> Input:
        shape, white = self.preprocessing.input_shape, self.preprocessing.brightest
        if not _are_images(shape):
            raise DataError(
                f"{name} is not a table or an array, and the network takes {shape_text(shape)}",
                "give it a .csv, .npy or .npz file",
            )
        image = open_image(source, name, self.preprocessing.span)
        if white is None:
            raise DataError(
                f"{name} is from 0 to 255, and the network was trained on arrays whose brightest "
                "value is unknown",
                "give it an array (.npy) with the same scaling",
            )
        figures = self.preprocessing.figures
        fitted = fit_image(image, shape, white, figures, self.invert, self.center)
        return Input(name, fitted.sample, fitted.notes, fitted.refusal)

    def table(self, path: Path, name: str) -> Iterator[Input | Failure]:
        rows, notice = read_rows(path, self.preprocessing)
        for line, found, own in rows:
            if isinstance(found, DataError):
                told = found.message.replace(str(path), name)
                yield Failure(f"{name}:{line}", DataError(told, found.hint), own)
            else:
                yield Input(f"{name}:{line}", found, [notice] if notice else [], id=own)
                notice = ""

    def arrays(self, path: Path) -> Samples:
        """Samples (N, ...); a .npy file may hold a single one without the first axis.

        That may have its channels first, as images in a stack may.
        """
        if path.suffix.lower() == ".npy":
            shape = self.preprocessing.input_shape
            array = read_npy(path)
            if len(shape) == 3 and array.shape == shape[-1:] + shape[:-1] != shape:
                array = np.moveaxis(array, 0, -1)
            if array.shape == shape or (*array.shape, 1) == shape:
                single = as_inputs(array.reshape(1, *shape), str(path))[0]
                return Samples(single, np.empty(0))
        return read_samples(path, self.preprocessing, targets="none")

    def stream(self, stdin: BinaryIO | None) -> Iterator[Input | Failure]:
        """Standard input: an image, or what a temporary copy with a fitting suffix holds."""
        content = stdin.read(MAX_STDIN + 1) if stdin else b""
        if not content:
            raise DataError("standard input is empty", "pipe an image or a table into it")
        if len(content) > MAX_STDIN:
            raise DataError(f"standard input has more than {MAX_STDIN >> 20} MiB", "name a file")
        suffix = _suffix(content)
        if not suffix:
            yield self.image(BytesIO(content), "stdin")
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"stdin{suffix}"
            path.write_bytes(content)
            try:
                yield from self.file(path, "stdin")
            except DataError as error:
                told = error.message.replace(str(path), "stdin")
                raise DataError(told, error.hint) from error


def _are_images(shape: Shape) -> bool:
    return len(shape) == 3 and shape[2] in (1, 3)


def _suffix(content: bytes) -> str:
    """What the bytes look like: a table, NumPy's arrays, or "" for an image."""
    if content.startswith(b"\x93NUMPY"):
        return ".npy"
    if content.startswith(b"PK\x03\x04"):
        return ".npz"
    if content.startswith((GZIP, XZ)):
        return ".gz"
    if b"\0" in content or TEXT_IMAGE.match(content):
        return ""
    try:
        first = content.decode("utf-8-sig").lstrip().partition("\n")[0]
    except UnicodeDecodeError:
        return ""
    return ".tsv" if "\t" in first and "," not in first else ".csv"
