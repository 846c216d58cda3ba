"""Hostile files: valid ones of every kind that nnfs reads, damaged in every way we thought of."""

from __future__ import annotations

import gzip
import io
import pickle
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from nnfs_cli.runs.checkpoint import TEXT

from .checkpoints import WEIGHT, Trap
from .data import idx

BOMB = 300 << 20
"""Bytes that a bomb inflates to: more than a command may take."""
WORDS = (
    *(b"9" * 400, b"-1", b"nan", b"1e999", b"null", b"true", b"0x", b"{", b"[[[[", b"}", b"]"),
    *(b"!!python/name:os.system", b"&a", b"*a", b"<<: ", b"\0", b"\xff\xfe", b"'", b'"', b"../"),
    *(b"\n", b"\t", b": ", b"- ", b"#", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"\xe2\x80\xa8"),
)
NUMBERS = (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0\0\0")


@dataclass(frozen=True)
class Kind:
    """A kind of file: where it lies, what is in it, and the command that reads it."""

    path: str
    content: Callable[[], bytes]
    command: tuple[str, ...]
    certain: bool = False
    """Whether checksums let no change pass: then what is loaded is what was saved."""
    wrap: Callable[[bytes], bytes] = bytes
    """How it is packed: behind a checksum that is right."""

    def put(self, content: bytes) -> None:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        Path(self.path).write_bytes(self.wrap(content))


def there(path: str) -> Callable[[], bytes]:
    return lambda: Path(path).read_bytes()


def image(suffix: str, mode: str = "L") -> Kind:
    def content() -> bytes:
        stream = io.BytesIO()
        Image.open("good.png").convert(mode).save(stream, suffix)
        return stream.getvalue()

    name = f"x.{suffix}"
    return Kind(name, content, ("predict", name, "--run", "digits"))


def arrays() -> bytes:
    stream, x = io.BytesIO(), np.arange(40.0).reshape(20, 2)
    np.savez(stream, x_train=x, y_train=np.arange(20) % 2)
    return stream.getvalue()


def cifar() -> bytes:
    """The archive with two images of each class in each file."""
    packed = io.BytesIO()
    rows = np.zeros((20, 3073), np.uint8)
    rows[:, 0] = np.arange(20) % 10
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in (*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"):
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
            member.size = rows.nbytes
            archive.addfile(member, io.BytesIO(rows.tobytes()))
    return packed.getvalue()


def mnist() -> bytes:
    """The training images; the other three files are written beside them."""
    images = idx(20, 28, 28, content=bytes(20 * 784))
    labels = idx(20, content=bytes(n % 10 for n in range(20)))
    for part in ("train", "t10k"):
        for name, content in (("images-idx3", images), ("labels-idx1", labels)):
            path = Path(f"mnist/{part}-{name}-ubyte")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    return images


def zipped(archive: Callable[[], bytes], member: str) -> Callable[[bytes], bytes]:
    """An archive in which one member is replaced, with the checksum it ought to have."""

    def wrap(content: bytes) -> bytes:
        whole, packed = io.BytesIO(archive()), io.BytesIO()
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(packed, "w") as new:
            for name in old.namelist():
                new.writestr(name, content if name == member else old.read(name))
        return packed.getvalue()

    return wrap


def member(archive: Callable[[], bytes], name: str) -> Callable[[], bytes]:
    return lambda: zipfile.ZipFile(io.BytesIO(archive())).read(name)


def table() -> bytes:
    return b"a,b,label\n" + b"".join(b"%d,%d.5,%d\n" % (i, i % 7, i % 2) for i in range(20))


def info(data: str) -> tuple[str, ...]:
    return ("data", "info", "toy.yaml", f"data={data}", "--data-dir", ".")


RUN = "runs/whole"
CSV = "{type: csv, path: table.csv, target: label, test: 0, validation: 0}"
NPZ = info("{type: npz, path: arrays.npz}")
LAST = there("whole.npz")
"""A copy of the checkpoint."""
BEST = f"{RUN}/checkpoints/best.npz"
KINDS = {
    "checkpoint": Kind(BEST, LAST, ("eval", RUN), True),
    "checkpoint's text": Kind(BEST, member(LAST, TEXT), ("eval", RUN), wrap=zipped(LAST, TEXT)),
    "checkpoint's array": Kind(
        BEST, member(LAST, WEIGHT), ("eval", RUN), wrap=zipped(LAST, WEIGHT)
    ),
    "config": Kind("config.yaml", there("toy.yaml"), ("check", "config.yaml")),
    "record": Kind(f"{RUN}/run.json", there(f"{RUN}/run.json"), ("runs", "show", RUN)),
    "list": Kind(f"{RUN}/run.json", there(f"{RUN}/run.json"), ("runs", "--sort", "val_loss")),
    "rows": Kind(f"{RUN}/metrics.csv", there(f"{RUN}/metrics.csv"), ("reproduce", RUN)),
    "layers": Kind(f"{RUN}/layers.csv", there(f"{RUN}/layers.csv"), ("reproduce", RUN)),
    "resumed": Kind(f"{RUN}/config.yaml", there(f"{RUN}/config.yaml"), ("reproduce", RUN)),
    "idx": Kind("mnist/train-images-idx3-ubyte", mnist, info("mnist")),
    "tar": Kind("cifar10/cifar-10-binary.tar.gz", cifar, info("cifar10")),
    "csv": Kind("table.csv", table, info(CSV)),
    "npz": Kind("arrays.npz", arrays, NPZ),
    "npz's array": Kind(
        "arrays.npz", member(arrays, "x_train.npy"), NPZ, wrap=zipped(arrays, "x_train.npy")
    ),
    "packed idx": Kind("mnist/train-images-idx3-ubyte", mnist, info("mnist"), wrap=gzip.compress),
    "packed tar": Kind(
        "cifar10/cifar-10-binary.tar.gz",
        lambda: gzip.decompress(cifar()),
        info("cifar10"),
        wrap=gzip.compress,
    ),
    **{f"{suffix} image": image(suffix) for suffix in ("png", "jpeg", "gif", "bmp", "tiff")},
    **{f"{suffix} image": image(suffix) for suffix in ("webp", "ppm", "tga", "pcx")},
    "colour image": image("png", "RGBA"),
}


def corpus(good: bytes) -> Mapping[str, bytes]:
    """A file damaged in every way that needs no chance, by what was done to it."""
    cuts = {f"cut to {tenth} tenths": good[: len(good) * tenth // 10] for tenth in range(10)}
    brackets, head = io.BytesIO(), b"\x93NUMPY\x01\x00\x46\x00"
    with zipfile.ZipFile(brackets, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../x_train.npy", bytes(1000))
        archive.writestr("checkpoint.json", b"[" * 10_000_000)
    return cuts | {
        "twice": good * 2,
        "one byte more": good + b"\0",
        "one byte less": good[:-1],
        "backwards": good[::-1],
        "zeros": bytes(len(good)),
        "ones": b"\xff" * len(good),
        "a text": b"The quick brown fox.\n" * 50,
        "a pickle": pickle.dumps(Trap()),
        "a zip of brackets": brackets.getvalue(),
        "a tar of links": b"x" * 156 + b"2" + bytes(355) + bytes(1024),
        "a header of an array": head
        + b"{'descr': '<f8', 'fortran_order': False, 'shape': (9**9,)}",
        "lines": b"\n" * 100_000,
        "commas": b"," * 200_000,
        "brackets": b"[" * 200_000,
        "a long line": b"a" * 250_000,
        "NUL bytes": b"\0" * 250_000,
    }


def gzip_bomb(good: bytes) -> bytes:
    """The file, and zeros without end behind it."""
    return gzip.compress(good) + zeros()


@cache
def zeros() -> bytes:
    return gzip.compress(bytes(BOMB), compresslevel=1)


def mutations(good: bytes, seed: int, count: int) -> Iterator[bytes]:
    """A file changed at random, in one place to four."""
    for number in range(count):
        chance, content = random.Random(f"{seed} {number}"), bytearray(good)
        for _ in range(chance.randint(1, 4)):
            _mutate(content, chance)
        yield bytes(content)


def _mutate(content: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(content) + 1)
    length = min(chance.choice((1, 2, 4, 16, 200)), len(content) - at)
    there = slice(at, at + length)
    match chance.randrange(7):
        case 0 if length:
            content[at] ^= 1 << chance.randrange(8)
        case 1:
            content[there] = chance.randbytes(length)
        case 2:
            del content[there]
        case 3:
            content[at:at] = content[there] * chance.choice((1, 2, 50))
        case 4:
            content[at : at + 4] = chance.choice(NUMBERS)
        case 5:
            content[at:at] = chance.choice(WORDS)
        case 6:
            content[there] = chance.choice(WORDS)
