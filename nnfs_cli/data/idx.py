"""Reading idx files, the format of MNIST and its relatives: a short header, then plain bytes.

Header: two zero bytes, the type (8: unsigned bytes), the number of axes, then each axis's length
as a big-endian 32-bit integer. Specified on the MNIST page of LeCun, Cortes and Burges.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

import numpy as np

from nnfs_cli.errors import DataError
from nnfs_cli.parameter import Array

GZIP = 16 + zlib.MAX_WBITS
BEST_DEFLATE_RATIO = 1032
"""No deflate stream grows by more: a header that promises more bytes lies."""


def read_idx(path: Path, axes: int) -> Array:
    """The uint8 array of an idx file, plain or gzipped, that must have so many axes.

    Never inflates more than the header announces. Raises DataError if the file is damaged.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    packed = raw[:2] == b"\x1f\x8b"
    length = 4 + 4 * axes
    try:
        inflater = zlib.decompressobj(GZIP)
        header = inflater.decompress(raw, length) if packed else raw[:length]
        shape = _shape(header, axes, path)
        expected = math.prod(shape)
        if expected > (BEST_DEFLATE_RATIO if packed else 1) * len(raw):
            raise _damaged(path, f"truncated: its header promises {expected:,} bytes")
        if packed:
            body = inflater.decompress(inflater.unconsumed_tail, expected + 1)
            complete = inflater.eof
        else:
            body, complete = raw[length:], True
    except zlib.error as error:
        raise _damaged(path, "not a valid gzip file") from error
    if len(body) > expected:
        raise _damaged(path, f"longer than the {expected:,} bytes its header announces")
    if len(body) < expected or not complete:
        raise _damaged(path, f"truncated: {len(body):,} of {expected:,} bytes")
    return np.frombuffer(body, dtype=np.uint8).reshape(shape)


def _shape(header: bytes, axes: int, path: Path) -> tuple[int, ...]:
    if header[:4] != bytes((0, 0, 8, axes)):
        found = header[:4].hex() or "nothing"
        raise _damaged(path, f"no idx file of {axes} axes: it begins with {found}")
    if len(header) < 4 + 4 * axes:
        raise _damaged(path, "truncated inside its header")
    return struct.unpack(f">{axes}I", header[4:])


def _damaged(path: Path, problem: str) -> DataError:
    return DataError(f"{path} is {problem}", "delete it and download it again")
