"""Reading a few files out of a tar archive in memory; every header is validated.

A tar is a row of blocks of 512 bytes: for each file a header, then its content, filled up with
zeros; a block of zeros ends it (POSIX.1-1988, "ustar"). Extended headers, which give long names
and the like, are passed over: the files wanted have short ones.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from io import BufferedReader
from pathlib import Path

from nnfs_cli.errors import DataError

BLOCK = 512
CHUNK = 1 << 16
SPARE = 1 << 20
"""Bytes that headers and skipped files may have together."""
FILE, FOLDER, EXTENDED = (b"0", b"\0"), (b"5",), (b"x", b"g", b"L", b"K")
"""Types of members; every other is a link, a device or a pipe."""


def read_tar(path: Path, wanted: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    """The name and content of each wanted file, in the archive's order, whatever folder it is in.

    ``wanted`` says how many bytes each may have. The archive may be gzipped; no more of it is
    inflated than all these together, and a MiB. Raises DataError if it is damaged or truncated,
    larger than that, or has links, devices, names that lead outside, or a file twice.
    """
    with _faults(path), path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = _Stream(GzipFile(fileobj=raw) if packed else raw, sum(wanted.values()) + SPARE)
        seen: set[str] = set()
        while member := _member(stream.read(BLOCK)):
            base = member.name.rpartition("/")[2]
            if member.type not in FILE or base not in wanted:
                stream.skip(member.size + -member.size % BLOCK)
                continue
            if base in seen:
                raise ValueError(f"it has {base} twice")
            if member.size > wanted[base]:
                raise ValueError(f"{base} has {member.size:,} bytes instead of {wanted[base]:,}")
            seen.add(base)
            yield base, stream.read(member.size)
            stream.skip(-member.size % BLOCK)
        stream.drain()


@dataclass(frozen=True)
class _Member:
    """A header: a name, the type, and how many bytes follow, not counting those that fill up."""

    name: str
    type: bytes
    size: int


def _member(header: bytes) -> _Member | None:
    """A header's member; None for the zeros at the end. Raises ValueError for anything unsafe."""
    if header == bytes(BLOCK):
        return None
    if _octal(header[148:156]) != sum(header) - sum(header[148:156]) + 8 * ord(" "):
        raise ValueError("a header in it is damaged")
    kind, size = header[156:157], _octal(header[124:136])
    parts = [header[:100]]
    if header[257:263] == b"ustar\0":
        parts.insert(0, header[345:500])
    name = "/".join(part.partition(b"\0")[0].decode("latin-1") for part in parts).lstrip("/")
    if ".." in name.split("/") or header[:1] == b"/":
        raise ValueError(f"it has the name {name!r}, which leads outside")
    if kind not in (*FILE, *FOLDER, *EXTENDED):
        raise ValueError(f"{name!r} in it is no plain file but a link or a device")
    return _Member(name, kind, size)


def _octal(digits: bytes) -> int:
    """A number of a header, which may not be negative, as other notations could make it."""
    digits = digits.strip(b" \0")
    if not digits or set(digits) - set(b"01234567"):
        raise ValueError("a header in it is damaged")
    return int(digits, 8)


@dataclass
class _Stream:
    """What is inflated, counted, so that a small file cannot fill the memory."""

    file: GzipFile | BufferedReader
    left: int

    def read(self, size: int) -> bytes:
        if size > self.left:
            raise ValueError("it is larger than the data set")
        self.left -= size
        content = self.file.read(size)
        if len(content) < size:
            raise EOFError
        return content

    def skip(self, size: int) -> None:
        while size > 0:
            size -= len(self.read(min(size, CHUNK)))

    def drain(self) -> None:
        """Read to the end, where gzip has its checksum."""
        while chunk := self.file.read(CHUNK):
            self.left -= len(chunk)
            if self.left < 0:
                raise ValueError("it is larger than the data set")


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    hint = "delete it and download it again"
    try:
        yield
    except EOFError:
        raise DataError(f"{path} is truncated", hint) from None
    except (BadGzipFile, zlib.error):
        raise DataError(f"{path} is not a valid gzip file", hint) from None
    except ValueError as error:
        raise DataError(f"{path} is no archive to trust: {error}", hint) from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
