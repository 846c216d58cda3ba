"""Reading idx files, the format of MNIST and its relatives: a short header, then plain bytes.

Header: two zero bytes, the type (8: unsigned bytes), the number of axes, then each axis's length
as a big-endian 32-bit integer. Specified on the MNIST page of LeCun, Cortes and Burges.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from pathlib import Path

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import DataError

GZIP = 16 + zlib.MAX_WBITS
PIECE = 1 << 18
"""Packed bytes that are inflated at a time."""
BEST_DEFLATE_RATIO = 1032
"""No deflate stream grows by more: a header that promises more bytes lies."""


HEAD = 1 << 12
"""Packed bytes of which the header surely comes."""
NAME = re.compile(r"idx\d", re.IGNORECASE)


def is_idx(path: Path) -> bool:
    """Whether a file is called as IDX files are, such as t10k-images-idx3-ubyte.gz."""
    return NAME.search(path.name) is not None


def read_any_idx(path: Path) -> Array:
    """The uint8 array of an idx file of one to four axes. Raises DataError as :func:`read_idx`."""
    try:
        with path.open("rb") as file:
            start = file.read(HEAD)
        if start[:2] == b"\x1f\x8b":
            start = zlib.decompressobj(GZIP).decompress(start, 4)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    except zlib.error as error:
        raise _damaged(path, "not a valid gzip file") from error
    if len(start) < 4 or start[:3] != bytes((0, 0, 8)) or not 1 <= start[3] <= 4:
        raise DataError(f"{path} is no idx file of bytes", "save its array as .npy, or in a .npz")
    return read_idx(path, start[3])


def read_idx(path: Path, axes: int) -> Array:
    """The uint8 array of an idx file, plain or gzipped, that must have so many axes.

    Never inflates more than the header announces. Raises DataError if the file is damaged.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    length = 4 + 4 * axes
    if raw[:2] == b"\x1f\x8b":
        try:
            return _inflated(raw, length, axes, path)
        except zlib.error as error:
            raise _damaged(path, "not a valid gzip file") from error
    shape = _shape(raw[:length], axes, path)
    expected = math.prod(shape)
    if len(raw) - length > expected:
        raise _longer(path, expected)
    if len(raw) - length < expected:
        raise _truncated(path, len(raw) - length, expected)
    return np.frombuffer(raw, np.uint8, offset=length).reshape(shape)


def _inflated(raw: bytes, length: int, axes: int, path: Path) -> Array:
    """Inflate piece by piece: in one call, zlib would need twice the memory at its end."""
    inflater = zlib.decompressobj(GZIP)
    shape = _shape(inflater.decompress(raw, length), axes, path)
    expected, filled = math.prod(shape), 0
    if expected > BEST_DEFLATE_RATIO * len(raw):
        raise _damaged(path, f"truncated: its header promises {expected:,} bytes")
    body, rest = np.empty(expected, np.uint8), memoryview(inflater.unconsumed_tail)
    for start in range(0, len(rest), PIECE):
        piece = inflater.decompress(rest[start : start + PIECE], expected - filled + 1)
        if filled + len(piece) > expected:
            raise _longer(path, expected)
        body[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
        filled += len(piece)
    if filled < expected or not inflater.eof:
        raise _truncated(path, filled, expected)
    return body.reshape(shape)


def _shape(header: bytes, axes: int, path: Path) -> tuple[int, ...]:
    if header[:4] != bytes((0, 0, 8, axes)):
        found = header[:4].hex() or "nothing"
        raise _damaged(path, f"no idx file of {axes} axes: it begins with {found}")
    if len(header) < 4 + 4 * axes:
        raise _damaged(path, "truncated inside its header")
    return struct.unpack(f">{axes}I", header[4:])


def _longer(path: Path, expected: int) -> DataError:
    return _damaged(path, f"longer than the {expected:,} bytes its header announces")


def _truncated(path: Path, found: int, expected: int) -> DataError:
    return _damaged(path, f"truncated: {found:,} of {expected:,} bytes")


def _damaged(path: Path, problem: str) -> DataError:
    return DataError(f"{path} is {problem}", "delete it and download it again")
