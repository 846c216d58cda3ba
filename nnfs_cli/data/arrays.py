"""Opening NumPy files safely: never a pickle, and no memory before the header is checked."""

from __future__ import annotations

import math
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any, Literal

import numpy as np
from numpy.lib import format as npy_format

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.resources import require_memory
from nnfs_cli.errors import DataError

DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError),
    *(OverflowError, struct.error),
)
"""What :mod:`zipfile` raises for an archive that is none, encrypted, or damaged inside."""
MAX_MEMBERS = 1000
MAX_RANK, MAX_CODE = 32, 0x10FFFF
VERSIONS = ((1, 0), (2, 0), (3, 0))
KINDS = "biufUS"
"""The kinds of numbers and text an array may have; none else is of any use here."""


def read_npy(path: Path) -> Array:
    """The array of a .npy file. Raises DataError if it is damaged or has Python objects."""
    try:
        with path.open("rb") as file:
            return _read(file, path.stat().st_size, str(path))
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error


def read_npz(path: Path, wanted: Callable[[list[str]], Iterable[str]] = list) -> dict[str, Array]:
    """The arrays of a .npz file by name; raises DataError as :func:`read_npy` does.

    ``wanted`` chooses from the names that there are: no other array is inflated.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            by_name = {info.filename.removesuffix(".npy"): info for info in members}
            if len(by_name) < len(members) or len(members) > MAX_MEMBERS:
                raise zipfile.BadZipFile("too many members, or one twice")
            arrays = {}
            for name in wanted([*by_name]):
                with archive.open(by_name[name]) as file:
                    arrays[name] = _read(file, by_name[name].file_size, f"{path}: {name}")
    except DAMAGED as error:
        raise DataError(f"{path} is no valid .npz file", "write it with numpy.savez") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    if not by_name:
        raise DataError(f"{path} has no array inside", "write it with numpy.savez")
    return arrays


def _read(file: IO[bytes], size: int, what: str) -> Array:
    """One array of a stream of ``size`` bytes, whose header must promise exactly these."""
    shape, fortran, dtype = _header(file, what)
    expected = math.prod(shape) * dtype.itemsize
    if size - file.tell() != expected:
        raise DataError(
            f"{what} is damaged: {size - file.tell():,} bytes instead of {expected:,}",
            "write it again",
        )
    require_memory(expected, what, "use fewer samples, or a machine with more")
    content = file.read(expected)
    if len(content) != expected:
        raise DataError(f"{what} is damaged: it ends early", "write it again")
    array = np.frombuffer(content, dtype=dtype).reshape(shape, order="F" if fortran else "C")
    if dtype.kind in "US":
        _check_text(array, what)
    return array


def _header(file: IO[bytes], what: str) -> tuple[Shape, bool, np.dtype[Any]]:
    """Shape, whether columns come first, and type of an array of numbers or text."""
    try:
        version = npy_format.read_magic(file)
        if version not in VERSIONS:
            raise ValueError(f"version {version}")
        reader = (
            npy_format.read_array_header_1_0
            if version == (1, 0)
            else npy_format.read_array_header_2_0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that Python 2 wrote
            shape, fortran, dtype = reader(file)
    except (ValueError, SyntaxError, RecursionError, TokenError, TypeError, OverflowError) as error:
        raise DataError(f"{what} is no NumPy array", "write it with numpy.save") from error
    if dtype.hasobject:
        raise DataError(
            f"{what} has Python objects, which could run code and are never loaded",
            "save numbers or text: array.astype(float) or array.astype(str)",
        )
    if dtype.kind not in KINDS or dtype.itemsize == 0:
        raise DataError(f"{what} is an array of {str(dtype)[:40]}", "save numbers or text")
    if len(shape) > MAX_RANK or not all(type(n) is int and n >= 0 for n in shape):
        raise DataError(f"{what} is damaged: no array has its shape", "write it again")
    return shape, fortran, dtype


def _check_text(array: Array, what: str) -> None:
    """Raise DataError for bytes that are no text."""
    try:
        if array.dtype.kind == "S":
            np.char.decode(array, "utf-8")
        else:
            _check_code_points(array)
    except ValueError:
        raise DataError(f"{what} has bytes that are no text", "save text as UTF-8") from None


def _check_code_points(array: Array) -> None:
    codes = np.ascontiguousarray(array).view(array.dtype.byteorder.replace("|", "=") + "u4")
    if codes.size and (codes.max() > MAX_CODE or ((codes >= 0xD800) & (codes < 0xE000)).any()):
        raise ValueError("a number that stands for no letter")


IMAGE_CHANNELS = (1, 3, 4)
ChannelOrder = Literal["auto", "first", "last"]
CHANNELS_HELP = (
    "where images have their channels: first (N, C, H, W), last (N, H, W, C), or auto: first if "
    "only that axis has the length 1, 3 or 4 (announced)"
)


def is_channels_first(shape: Shape, order: ChannelOrder) -> bool:
    """Whether inputs of this shape are images (N, C, H, W); raises DataError if they cannot be.

    With ``auto`` they are if the second axis is as long as the channels of images are, and
    neither of the last two is.
    """
    if order == "first" and len(shape) != 4:
        raise DataError(
            f"inputs of shape {shape} are no images with channels first",
            "those have four axes (N, C, H, W): leave channels out",
        )
    if order != "auto":
        return order == "first"
    return len(shape) == 4 and [n in IMAGE_CHANNELS for n in shape[1:]] == [True, False, False]


def as_inputs(array: Array, what: str) -> tuple[Array, int | None]:
    """Inputs (N, ...) as uint8 or float32, grey images with a channel axis; and white, if pixels.

    Raises DataError for text, no samples, NaN or infinity.
    """
    if array.dtype.kind not in "biuf":
        raise DataError(f"{what} are not numeric but {array.dtype}", "save numbers")
    if array.ndim == 0 or array.size == 0:
        raise DataError(f"{what} have no samples")
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim == 3:
        array = array[..., None]
    if array.dtype.kind == "f":
        check_finite(array, what)
    small = array.dtype in (np.dtype(bool), np.dtype(np.uint8))
    inputs = np.ascontiguousarray(array, dtype=np.uint8 if small else np.float32)
    return inputs, brightest_value(array) if array.ndim == 4 else None


def brightest_value(images: Array) -> int | None:
    """What white is in these images: 255 in bytes, 1, 255 or 65,535 in other numbers.

    That one of them of which the largest number is more than half; None where there is none, or
    where numbers are negative: then the images have been scaled in another way.
    """
    if images.dtype == np.uint8:
        return 255
    low, high = float(images.min()), float(images.max())
    fitting = [white for white in (1, 255, 65_535) if white / 2 < high <= white]
    return fitting[0] if fitting and low >= 0 else None


def is_finite(values: Array) -> Array:
    """Where numbers are finite, as float32 too: 1e39 is infinite there."""
    return np.asarray(np.abs(values) <= np.finfo(np.float32).max)


def check_finite(array: Array, what: str) -> None:
    """Raise DataError with the row of the first NaN, infinity, or number float32 cannot hold."""
    for start in range(0, len(array), 4096):
        rows = array[start : start + 4096].reshape(-1, math.prod(array.shape[1:]))
        finite = is_finite(rows)
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            where, value = f"in row {start + row}, column {column} (from 0)", rows[row, column]
            if np.isfinite(value):
                raise DataError(
                    f"{what} have {value:g} {where}, which float32 cannot hold",
                    "correct it, or divide all by as much",
                )
            raise DataError(
                f"{what} have NaN or infinity {where}", "remove the row or fill the value in"
            )
