"""The reader of tars, on archives that Python's tarfile wrote, on damaged and on hostile ones."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
import time
import tracemalloc
from pathlib import Path

import pytest

from nnfs_cli.data.sources.tar import read_tar
from nnfs_cli.errors import DataError

from ..conftest import tar_bytes

WANTED = {"a.bin": 5000, "b.bin": 5000}
FILES = {"top/a.bin": b"a" * 1000, "top/readme.html": b"no", "top/b.bin": b"b" * 1024}
READ = {"a.bin": b"a" * 1000, "b.bin": b"b" * 1024}


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "archive.tar.gz"
    path.write_bytes(content)
    return path


def special(kind: bytes, name: str = "top/a.bin") -> bytes:
    """A tar with one member that is no plain file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    return packed.getvalue()


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("folder", ["top", "./top", "naïve", "long" * 40])
def test_reads_what_tarfile_writes(tmp_path: Path, format: int, folder: str) -> None:
    if format == tarfile.USTAR_FORMAT and len(folder) > 100:
        folder = folder[:60] + "/" + folder[60:120]
    files = {name.replace("top", folder, 1): content for name, content in FILES.items()}
    packed = tar_bytes(files, format)
    found = dict(read_tar(saved(tmp_path, packed), WANTED))
    longer_than_a_header = len(folder) > 100 and format != tarfile.USTAR_FORMAT
    assert found == ({} if longer_than_a_header else READ)
    assert dict(read_tar(saved(tmp_path, gzip.decompress(packed)), WANTED)) == found


def test_files_of_exactly_the_known_size(tmp_path: Path) -> None:
    files = {"top/a.bin": b"a" * 5000, "top/b.bin": b"b" * 5000}
    found = dict(read_tar(saved(tmp_path, tar_bytes(files)), WANTED))
    assert found == {"a.bin": b"a" * 5000, "b.bin": b"b" * 5000}


@pytest.mark.parametrize("keep", [0, 1, 50, 100, -1, -8, -30])
def test_truncated(tmp_path: Path, keep: int) -> None:
    path = saved(tmp_path, tar_bytes(FILES)[:keep])
    with pytest.raises(DataError, match=r"archive\.tar\.gz is truncated; delete it"):
        dict(read_tar(path, WANTED))


@pytest.mark.parametrize("keep", [100, 512, 1024, 1600])
def test_a_truncated_plain_tar(tmp_path: Path, keep: int) -> None:
    path = saved(tmp_path, gzip.decompress(tar_bytes(FILES))[:keep])
    with pytest.raises(DataError, match="is truncated"):
        dict(read_tar(path, WANTED))


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    packed = bytearray(tar_bytes(FILES))
    packed[-6] ^= 1
    with pytest.raises(DataError, match="not a valid gzip file"):
        dict(read_tar(saved(tmp_path, bytes(packed)), WANTED))


def with_size(field: bytes) -> bytes:
    """A plain tar whose first header has another size, and a checksum that fits."""
    content = bytearray(gzip.decompress(tar_bytes(FILES)))
    content[124:136] = field.ljust(12, b"\0")
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hello, world" * 100, "a header in it is damaged"),
        (b"\xff" * 1024, "a header in it is damaged"),
        (tar_bytes({"../a.bin": b"x"}), "leads outside"),
        (tar_bytes({"top/../../a.bin": b"x"}), "leads outside"),
        (tar_bytes({"/tmp/a.bin": b"x"}), "leads outside"),
        (tar_bytes(FILES | {"../other": b"x"}), "leads outside"),
        (special(tarfile.SYMTYPE), "a link or a device"),
        (special(tarfile.LNKTYPE), "a link or a device"),
        (special(tarfile.CHRTYPE), "a link or a device"),
        (special(tarfile.FIFOTYPE, "top/other"), "a link or a device"),
        (tar_bytes(FILES | {"other/a.bin": b"x"}), "it has a.bin twice"),
        (tar_bytes({"a.bin": b"x" * 5001}), r"a.bin has 5,001 bytes instead of 5,000"),
        (with_size(b"77777777777"), "bytes instead of"),
        (with_size(b"-1"), "a header in it is damaged"),
        (with_size(b"\xff" * 12), "a header in it is damaged"),
        (with_size(b"\x80" + b"\0" * 10 + b"\1"), "a header in it is damaged"),
        (with_size(b"9"), "a header in it is damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # a packed tar holds the time
)
def test_hostile(tmp_path: Path, content: bytes, message: str) -> None:
    path = saved(tmp_path, content)
    with pytest.raises(DataError, match=message) as caught:
        dict(read_tar(path, WANTED))
    assert str(path) in str(caught.value)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


ZEROS = gzip.compress(bytes(10_000_000), 1)


@pytest.mark.parametrize(
    "bomb",
    [
        tar_bytes(FILES) + ZEROS * 100,
        tar_bytes({"top/other.bin": bytes(50_000_000)}),
        gzip.compress(tarfile.TarInfo("x" * 100).tobuf()) * 20_000,
    ],
    ids=["behind the end", "a large file", "many files"],
)
def test_bombs(tmp_path: Path, bomb: bytes) -> None:
    path = saved(tmp_path, bomb)
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(DataError, match="larger than the data set"):
        dict(read_tar(path, WANTED))
    took, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000
    assert took < 1


def test_whatever_the_bytes_nothing_but_a_data_error_comes(tmp_path: Path) -> None:
    generator = random.Random(0)
    whole = gzip.decompress(tar_bytes(FILES, tarfile.PAX_FORMAT))[:5120]
    refused = 0
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(generator.randint(1, 6)):
            content[generator.randrange(len(content))] = generator.randrange(256)
        for start in range(0, len(content), 512):  # else most are refused by the checksum alone
            if content[start + 257 : start + 262] == b"ustar":
                content[start + 148 : start + 156] = b" " * 8
                checksum = sum(content[start : start + 512])
                content[start + 148 : start + 156] = b"%06o\0 " % checksum
        try:
            found = dict(read_tar(saved(tmp_path, bytes(content)), WANTED))
        except DataError:
            refused += 1
        else:
            assert found.keys() <= WANTED.keys()
    assert 20 < refused < 380


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*: No such file"):
        dict(read_tar(tmp_path / "none.tar", WANTED))
