"""Faults of data."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from nnfs_cli.data.datasets.mnist import FILES, Mnist

from .fault import TRAIN, Fault, Kind, writes

MNIST = (*TRAIN, "data=mnist", "--data-dir", ".")
CIFAR = (*TRAIN, "data=cifar10", "--data-dir", ".")
IMAGES = FILES[0]
TABLE = "data={type: csv, path: table.csv, target: label, test: 0, validation: 0}"
FOLDER = "data={type: image_folder, path: pets, validation: 0, test: 0}"
SMALL = "layers=[flatten, {type: dense, units: 2}]"


def idx(*shape: int, kind: int = 8, content: bytes = b"") -> bytes:
    return bytes((0, 0, kind, len(shape))) + np.array(shape, ">u4").tobytes() + content


def mnist(images: bytes) -> Callable[[], None]:
    """MNIST's four files, of which the training images are these bytes."""
    labels = gzip.compress(idx(4, content=bytes(4)))

    def arrange() -> None:
        whole = gzip.compress(idx(4, 28, 28, content=bytes(4 * 784)))
        for name in FILES:
            content = images if name == IMAGES else labels if "labels" in name else whole
            writes(f"mnist/{name}", content)()

    return arrange


def bomb() -> bytes:
    return gzip.compress(idx(4, 28, 28) + bytes(300 << 20), compresslevel=1)


def tar(name: str, kind: bytes = tarfile.REGTYPE) -> Callable[[], None]:
    """CIFAR-10's archive with one member that ought not to be there."""

    def arrange() -> None:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        writes("cifar10/cifar-10-binary.tar.gz", packed.getvalue())()

    return arrange


def pets(files: Mapping[str, bytes | None]) -> Callable[[], None]:
    """A folder of images for each class; None is a good image, in sizes that differ."""

    def arrange() -> None:
        for number, (name, content) in enumerate(files.items()):
            Path("pets", name).parent.mkdir(parents=True, exist_ok=True)
            if name.endswith("/"):
                Path("pets", name).mkdir()
            elif content is None:
                Image.new("L", (4 + number, 4), 90 * number).save(Path("pets", name))
            else:
                Path("pets", name).write_bytes(content)

    return arrange


def arrays(**members: np.ndarray) -> Callable[[], None]:
    return lambda: np.savez("arrays.npz", **members)  # type: ignore[arg-type]


def claims() -> None:
    """An array that says it has a million million numbers."""
    with zipfile.ZipFile("arrays.npz", "w") as archive:
        for name, shape in (("x_train", "(1000000, 1000000)"), ("y_train", "(1000000,)")):
            header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
            start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little")
            archive.writestr(f"{name}.npy", start + header)


def table(name: str, text: str, *words: str) -> Fault:
    return Fault(Kind.TABLE, name, (*TRAIN, TABLE), 3, words[0], writes("table.csv", text))


def npz(name: str, arrange: Callable[[], None]) -> Fault:
    data = "data={type: npz, path: arrays.npz}"
    return Fault(Kind.ARRAYS, name, (*TRAIN, data), 3, "arrays.npz", arrange)


def nothing_outside() -> None:
    assert not Path("../evil.bin").exists()


CONSTANT = "a,b,label\n" + "".join(f"7,{i},{i % 2}\n" for i in range(17))
NORM = "layers=[{type: dense, units: 4}, batch_norm, relu, {type: dense, units: 2}]"
FAULTS = [
    Fault(Kind.IDX, "idx cut short", MNIST, 3, IMAGES, mnist(gzip.compress(idx(4, 28, 28)))),
    Fault(Kind.IDX, "gzip cut short", MNIST, 3, IMAGES, mnist(gzip.compress(idx(4, 28, 28))[:-9])),
    Fault(Kind.IDX, "wrong magic", MNIST, 3, IMAGES, mnist(idx(4, 28, 28, kind=13))),
    Fault(
        Kind.IDX,
        "counts that differ",
        MNIST,
        3,
        "4",
        mnist(gzip.compress(idx(5, 28, 28, content=bytes(5 * 784)))),
    ),
    Fault(Kind.IDX, "a gzip bomb", MNIST, 3, IMAGES, lambda: mnist(bomb())()),
    Fault(Kind.IDX, "a header that lies", MNIST, 3, IMAGES, mnist(idx(2**31, 2**15, 2**15))),
    table("a ragged row", "a,b,label\n1,2,0\n3,1\n5,6,1\n", "table.csv, row 3"),
    table("a word among numbers", "a,b,label\n1,2,0\n3,many,1\n5,6,1\n4,5,0\n", "row 3"),
    table("no such column", "a,b,c\n1,2,0\n3,1,1\n", "no column 'label'"),
    table("an empty file", "", "table.csv"),
    table("one class only", "a,b,label\n1,2,0\n3,4,0\n5,6,0\n", "one class"),
    table("a missing number", "a,b,label\n1,2,0\n3,nan,1\n5,6,1\n4,5,0\n", "row 3"),
    table("more than float32 holds", "a,b,label\n1,2,0\n3,1e39,1\n5,6,1\n4,5,0\n", "row 3"),
    table("an infinity", "a,b,label\n1,2,0\n3,inf,1\n5,6,1\n4,5,0\n", "row 3"),
    Fault(Kind.TABLE, "no table", (*TRAIN, TABLE), 3, "table.csv"),
    npz("objects", arrays(x_train=np.array([{}, []], dtype=object), y_train=np.arange(2))),
    npz("lengths that differ", arrays(x_train=np.zeros((4, 2)), y_train=np.arange(3))),
    npz("missing members", arrays(z=np.zeros(3))),
    npz("8 TB claimed", claims),
    npz("more than float32 holds", arrays(x_train=np.full((4, 2), 1e39), y_train=np.arange(4) % 2)),
    npz("an infinity", arrays(x_train=np.full((4, 2), np.inf), y_train=np.arange(4) % 2)),
    Fault(
        Kind.FOLDER,
        "an empty class",
        (*TRAIN, FOLDER),
        3,
        "dog",
        pets({"cat/1.png": None, "dog/": b""}),
    ),
    Fault(
        Kind.FOLDER,
        "an unreadable image",
        (*TRAIN, FOLDER),
        3,
        "x.png",
        pets({"cat/1.png": None, "dog/1.png": None, "dog/x.png": b"x"}),
    ),
    Fault(
        Kind.FOLDER,
        "images of several sizes",
        (*TRAIN, FOLDER, SMALL),
        0,
        "resized",
        pets({"cat/1.png": None, "dog/1.png": None, "dog/2.png": None}),
        works=True,
    ),
    Fault(Kind.DOWNLOAD, "no network", (*TRAIN, "data=mnist"), 3, Mnist.archive.files[IMAGES]),
    Fault(
        Kind.DOWNLOAD, "a file of another kind", MNIST, 3, IMAGES, mnist(b"<html>not found</html>")
    ),
    Fault(
        Kind.ARCHIVE,
        "an archive with ../",
        CIFAR,
        3,
        "cifar",
        tar("../evil.bin"),
        then=nothing_outside,
    ),
    Fault(Kind.ARCHIVE, "a link", CIFAR, 3, "cifar", tar("data_batch_1.bin", tarfile.SYMTYPE)),
    Fault(Kind.ARCHIVE, "a device", CIFAR, 3, "cifar", tar("data_batch_1.bin", tarfile.CHRTYPE)),
    Fault(
        Kind.DEGENERATE,
        "a constant feature, one sample in the last batch",
        (*TRAIN, TABLE, NORM),
        0,
        "train_loss 0.",
        writes("table.csv", CONSTANT),
        works=True,
    ),
]
