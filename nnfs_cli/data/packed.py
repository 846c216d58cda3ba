"""Files as they are, or unpacked while they are read: .gz, .xz, and .zip of one file.

What a file is its first bytes say, not its name. Reading stops where a small file becomes a huge
one, as no table does.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from nnfs_cli.errors import DataError

GZIP, XZ, ZIP = b"\x1f\x8b", b"\xfd7zXZ\x00", b"PK\x03\x04"
MAX_RATIO, FREE = 200, 8 << 20
"""Beyond so many bytes none may come of 200 times fewer: text is packed to a tenth or so."""
BLOCK = 1 << 18
XZ_MEMORY = 256 << 20
"""Bytes that unpacking an .xz may take: its highest level takes 65 MiB."""
SUFFIXES = (".gz", ".xz", ".zip")
NO_DATA = ("__MACOSX/",)
"""What macOS adds to its archives."""


def open_bytes(path: Path) -> BinaryIO:
    """A file to read, unpacked if it is packed. Raises DataError, OSError.

    A pipe would be waited for, and a device has no end: both are refused.
    """
    if path.exists() and not path.is_file():
        raise DataError(f"{path} is no regular file", "name a file with a table")
    facts = path.stat()
    if _is_packed(path):
        _require_whole(path, facts.st_mtime_ns, facts.st_size)
    return _opened(path)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(XZ)).startswith((GZIP, XZ, ZIP))


@lru_cache(maxsize=8)
def _require_whole(path: Path, modified: int, size: int) -> None:
    """Unpack a file once to see that it can be, and is no bomb, before it is taken for a table."""
    with _opened(path) as file:
        while file.read(BLOCK):
            pass


def _opened(path: Path) -> BinaryIO:
    file = path.open("rb")
    start = file.read(len(XZ))
    file.seek(0)
    try:
        if start.startswith(GZIP):
            import gzip

            return _bounded(gzip.GzipFile(fileobj=file), path, file)
        if start == XZ:
            return _bounded(_Xz(file), path, file)
        return _member(file, path) if start.startswith(ZIP) else file
    except DataError:
        file.close()
        raise


def open_text(path: Path, errors: str = "strict", newline: str | None = "") -> TextIO:
    """The same as text in UTF-8."""
    return io.TextIOWrapper(open_bytes(path), "utf-8-sig", errors, newline)


def inner_name(path: Path) -> str:
    """What the file inside is called: ``table.csv`` of table.csv.gz; of others their own name.

    Raises DataError for a .zip that has not one file.
    """
    suffix = path.suffix.lower()
    if suffix == ".zip" and path.is_file():
        with path.open("rb") as file, _archive(file, path) as archive:
            return Path(_only(archive, path).filename).name
    return path.stem if suffix in SUFFIXES else path.name


def _member(file: BinaryIO, path: Path) -> BinaryIO:
    archive = _archive(file, path)
    info = _only(archive, path)
    try:
        member = archive.open(info)
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be unpacked: {error}", "unpack it yourself") from error
    return _bounded(member, path, file, info.compress_size)


def _archive(file: BinaryIO, path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise DataError(f"{path} is no valid .zip file", "pack it again") from error


def _only(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The one file of an archive."""
    files = [i for i in archive.infolist() if not i.is_dir() and not i.filename.startswith(NO_DATA)]
    if len(files) != 1:
        names = ", ".join(info.filename for info in files[:5]) + ", ..." * (len(files) > 5)
        there = f"{len(files):,} files inside: {names}" if files else "no file inside"
        raise DataError(f"{path} has {there}", "unpack it, and name the file that is meant")
    return files[0]


def _bounded(stream: Any, path: Path, file: BinaryIO, packed: int | None = None) -> BinaryIO:
    return io.BufferedReader(_Bounded(stream, path, file, packed), BLOCK)


class _Bounded(io.RawIOBase):
    """A stream that is unpacked, in our words where it is damaged, and refused if it is a bomb.

    ``packed`` is how many bytes of ``file`` it has, where it is not the whole.
    """

    def __init__(self, stream: Any, path: Path, file: BinaryIO, packed: int | None) -> None:
        self._stream, self._path, self._file, self._packed = stream, path, file, packed
        self._produced = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        import lzma

        try:
            content = self._stream.read(len(buffer))
        except (OSError, EOFError, ValueError, RuntimeError) as error:
            raise self._damaged(error) from error
        except (zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise self._damaged(error) from error
        self._produced += len(content)
        consumed = self._file.tell() if self._packed is None else self._packed
        if self._produced > FREE and self._produced > MAX_RATIO * consumed:
            raise DataError(
                f"{self._path} becomes more than {MAX_RATIO} times as large when it is unpacked",
                "unpack it yourself if that is right",
            )
        buffer[: len(content)] = content
        return len(content)

    def _damaged(self, error: Exception) -> DataError:
        return DataError(f"{self._path} cannot be unpacked: {error}", "pack or download it again")

    def close(self) -> None:
        self._stream.close()
        self._file.close()
        super().close()


class _Xz:
    """An .xz file, of which :mod:`lzma` itself would not bound the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._decoder = file, self._new()

    def _new(self) -> Any:
        import lzma

        return lzma.LZMADecompressor(lzma.FORMAT_XZ, XZ_MEMORY)

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        while True:
            if self._decoder.eof:
                rest = self._decoder.unused_data.lstrip(b"\0")
                rest = rest or self._file.read(BLOCK).lstrip(b"\0")
                if not rest:
                    return b""
                self._decoder = self._new()
            else:
                rest = self._file.read(BLOCK) if self._decoder.needs_input else b""
                if self._decoder.needs_input and not rest:
                    raise EOFError("it ends early")
            content: bytes = self._decoder.decompress(rest, size)
            if content:
                return content

    def close(self) -> None:
        """Nothing: the file is closed by who opened it."""
