"""Checkpoints: everything a training is, in one .npz file, validated when read.

Members: ``parameters/<path>.npy``, ``state/<path>.npy``, ``optimizer/<slot>/<path>.npy`` and one
JSON text, ``checkpoint.json``. All are stored uncompressed, so no member can be larger than the
file. Nothing is unpickled.
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np

from nnfs_cli import __version__
from nnfs_cli.atomic import write_atomically
from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.errors import DataError, MachineError
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.runs.checkpoint_text import StoredText
from nnfs_cli.runs.strict_json import check_amount, checked, parse

FORMAT = 2
"""Format 1 held the history of all epochs in its text; it can be read for ever."""
TEXT = "checkpoint.json"
MAX_TEXT = 64 * 1024 * 1024
MAX_VALUES, MAX_CONTAINERS = 4_000_000, 300_000
"""Of the JSON text: format 1's history of a hundred thousand epochs, and a table's columns."""
MAX_HEADER = 4096
MAX_DIRECTORY = 4 * 1024 * 1024
HEADER = re.compile(
    rb"\{'descr': '([<>|=]?[A-Za-z]\d{1,4})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,18}(?:, \d{1,18})*)?),?\), \} *\n"
)
"""A .npy file's header as NumPy writes it; read by this alone, so that nothing is evaluated."""
BROKEN = (OSError, zipfile.BadZipFile, ValueError, EOFError, RuntimeError, struct.error)
"""What :mod:`zipfile` raises for a damaged archive; RuntimeError where it seems encrypted."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time every member bears, so that equal trainings give equal bytes."""


def arrays_of(model: Model, optimizer: Optimizer) -> dict[str, Array]:
    """The live arrays that a checkpoint holds, by member name, to be saved or loaded into."""
    return members_of(model, vectors_of(model, optimizer))


def vectors_of(model: Model, optimizer: Optimizer) -> dict[str, Array]:
    """The same before they are cut: all parameters in one vector, each of the optimizer's slots."""
    vectors = {"parameters": model.flat.all_values}
    vectors |= {f"state/{path}": buffer.value for path, buffer in model.named_buffers().items()}
    return vectors | {f"optimizer/{slot}": vector for slot, vector in optimizer.memory.items()}


def members_of(model: Model, vectors: Mapping[str, Array]) -> dict[str, Array]:
    """Such vectors, or copies of them, cut into the members of a checkpoint."""
    values = model.flat.split(vectors["parameters"])
    members = {f"parameters/{path}": values[path] for path in model.named_parameters()}
    for name, vector in vectors.items():
        if name.startswith("state/"):
            members[name] = vector
        elif name.startswith("optimizer/"):
            members |= {f"{name}/{path}": cut for path, cut in model.flat.split(vector).items()}
    return members


def save(path: Path, arrays: Mapping[str, Array], text: Mapping[str, Any]) -> None:
    """Write a checkpoint, complete or not at all. Raises MachineError."""
    content = _text_bytes(path, {"format": FORMAT} | dict(text))

    def write(file: BinaryIO) -> None:
        archive = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        try:
            archive.writestr(zipfile.ZipInfo(TEXT, LONG_AGO), content)
            for name, array in arrays.items():
                info = zipfile.ZipInfo(f"{name}.npy", LONG_AGO)
                with archive.open(info, "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.ascontiguousarray(array))
            archive.close()
        except BaseException:
            archive.fp = None  # or closing it, between two members, raises another error
            raise

    write_atomically(path, write, sum(array.nbytes for array in arrays.values()) + len(content))


def read_text(path: Path) -> dict[str, Any]:
    """The JSON part: config, progress, preprocessing. Raises DataError."""
    with _Reader(path) as reader:
        text = reader.text()
    if type(text.get("format")) is not int or text["format"] < 1:
        raise _damaged(path, "it names no format")
    if text["format"] > FORMAT:
        raise DataError(
            f"{path} has checkpoint format {text['format']}; this nnfs reads up to {FORMAT}",
            newer_version(text) or "update nnfs",
        )
    try:
        checked(StoredText, text)
    except ValueError as error:
        newer = newer_version(text)
        if newer:
            raise DataError(f"{path} cannot be read: {error}", newer) from None
        raise _damaged(path, f"{TEXT}: {error}") from None
    return text


def _text_bytes(path: Path, text: dict[str, Any]) -> bytes:
    """The JSON part as it is written, which :func:`read_text` is sure to take.

    Raises MachineError if it would not: what was saved before then stays.
    """
    content = json.dumps(text, allow_nan=True).encode()
    try:
        checked(StoredText, text)
        check_amount(content, MAX_VALUES, MAX_CONTAINERS)
        if len(content) > MAX_TEXT:
            raise ValueError(f"more than {MAX_TEXT >> 20} MiB")
    except ValueError as error:
        raise MachineError(
            f"{path} is not written, for it could not be read again: {error}",
            "train fewer epochs, or with fewer metrics",
        ) from None
    return content


def newer_version(text: Mapping[str, Any]) -> str:
    """A hint where a checkpoint's ``text`` was written by a newer nnfs than this; else empty."""
    written = str(text.get("nnfs", ""))
    there, here = ([int(n) for n in v.split(".") if n.isdecimal()] for v in (written, __version__))
    if there <= here:
        return ""
    return f"it was trained by nnfs {written}, and this is {__version__}: update nnfs"


def load_into(path: Path, arrays: Mapping[str, Array]) -> None:
    """Fill ``arrays`` from the checkpoint, which must hold exactly these. Raises DataError.

    Names, shapes and types are compared before anything is allocated.
    """
    with _Reader(path) as reader:
        reader.compare_names(arrays)
        loaded = {name: reader.array(name, expected) for name, expected in arrays.items()}
    for name, values in loaded.items():
        arrays[name][...] = values


def read_parameters(path: Path, wanted: Mapping[str, Array]) -> dict[str, Array]:
    """Those of the ``wanted`` arrays that the checkpoint has in the same shape.

    Raises DataError.
    """
    with _Reader(path) as reader:
        there = {name: like for name, like in wanted.items() if reader.has(name, like.shape)}
        return {name: reader.array(name, like) for name, like in there.items()}


class _Reader:
    """A checkpoint file, validated while it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> _Reader:
        try:
            self.size = self.path.stat().st_size
            self._check_directory()
            self.archive = zipfile.ZipFile(self.path)
            self.members = {info.filename: info for info in self.archive.infolist()}
        except FileNotFoundError:
            raise DataError(f"there is no checkpoint {self.path}") from None
        except BROKEN as error:
            raise _damaged(self.path, str(error)) from None
        infos = self.archive.infolist()
        if len(self.members) != len(infos):
            raise _damaged(self.path, "a member occurs twice")
        if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
            raise _damaged(self.path, "a member is compressed; checkpoints never are")
        if any(info.file_size != info.compress_size for info in infos):
            raise _damaged(self.path, "a member's two sizes differ")
        if sum(info.file_size for info in infos) > self.size:
            raise _damaged(self.path, "its members claim more bytes than the file has")
        return self

    def _check_directory(self) -> None:
        """Refuse a directory of members that would take long to read.

        The file ends in 22 bytes that tell its size, or in 98 where it is larger than 4 GiB.
        """
        with self.path.open("rb") as file:
            file.seek(max(self.size - 98, 0))
            end = file.read(98)
        if end[-22:-18] != b"PK\x05\x06":
            raise ValueError("it is cut short, or no checkpoint at all")
        (length,) = struct.unpack_from("<L", end, len(end) - 10)
        if end[-42:-38] == b"PK\x06\x07" and len(end) == 98:
            (length,) = struct.unpack_from("<Q", end, 40)
        if length > MAX_DIRECTORY:
            raise ValueError("it has too many members")

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def text(self) -> dict[str, Any]:
        if TEXT not in self.members:
            raise _damaged(self.path, f"it has no {TEXT}")
        if self.members[TEXT].file_size > MAX_TEXT:
            raise _damaged(self.path, f"{TEXT} is too large")
        try:
            text = parse(self._read(TEXT), MAX_VALUES, MAX_CONTAINERS)
        except ValueError as error:
            raise _damaged(self.path, f"{TEXT}: {error}") from None
        if not isinstance(text, dict):
            raise _damaged(self.path, f"{TEXT} is not a mapping")
        return text

    def compare_names(self, expected: Mapping[str, Array]) -> None:
        names = {TEXT, *(f"{name}.npy" for name in expected)}
        missing, extra = sorted(names - set(self.members)), sorted(set(self.members) - names)
        if missing:
            raise _damaged(self.path, f"{missing[0]!r} is missing")
        if extra:
            raise _damaged(self.path, f"{extra[0]!r} does not belong in it")

    def has(self, name: str, shape: Shape) -> bool:
        """Whether there is an array of this name and shape."""
        if f"{name}.npy" not in self.members:
            return False
        try:
            with self.archive.open(f"{name}.npy") as file:
                return _read_header(file)[0] == shape
        except BROKEN as error:
            raise _damaged(self.path, f"{name}: {error}") from None

    def array(self, name: str, expected: Array) -> Array:
        """The array, which must be finite and have the shape and type of ``expected``."""
        member = f"{name}.npy"
        try:
            with self.archive.open(member) as file:
                found = _read_header(file)
                if found != (expected.shape, expected.dtype.str, False):
                    raise _damaged(
                        self.path,
                        f"{name} is {_in_words(*found)}, "
                        f"expected {_in_words(expected.shape, expected.dtype.str)}",
                    )
                # The header takes at most MAX_HEADER bytes more than the numbers do.
                if not 0 < self.members[member].file_size - expected.nbytes <= MAX_HEADER:
                    raise _damaged(self.path, f"{name} has the wrong size")
                content = file.read()
        except BROKEN as error:
            raise _damaged(self.path, f"{name}: {error}") from None
        if len(content) != expected.nbytes:
            raise _damaged(self.path, f"{name} has the wrong size")
        values: Array = np.frombuffer(content, dtype=expected.dtype).reshape(expected.shape)
        if not np.isfinite(values).all():
            raise _damaged(self.path, f"{name} holds a number that is not finite")
        return values

    def _read(self, member: str) -> bytes:
        try:
            return self.archive.read(member)
        except BROKEN as error:
            raise _damaged(self.path, f"{member}: {error}") from None


def _read_header(file: IO[bytes]) -> tuple[Shape, str, bool]:
    """Shape, type, and whether columns come first, of an array in NumPy's format 1.0."""
    start = file.read(10)
    if start[:8] != b"\x93NUMPY\x01\x00" or len(start) < 10:
        raise ValueError("not an array of NumPy's format 1.0")
    length = int.from_bytes(start[8:], "little")
    match = HEADER.fullmatch(file.read(length)) if length <= MAX_HEADER else None
    if match is None:
        raise ValueError("its header is not that of an array of numbers")
    shape = tuple(int(n) for n in match[3].decode().split(",") if n)
    return shape, match[1].decode(), match[2] == b"True"


def _in_words(shape: Shape, dtype: str, columns_first: bool = False) -> str:
    return f"{shape_text(shape)} {dtype}" + (" in Fortran order" if columns_first else "")


def _damaged(path: Path, why: str) -> DataError:
    return DataError(f"{path} is not a valid checkpoint: {why}")
