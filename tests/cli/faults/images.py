"""Faults of images for `nnfs predict`, whose run was trained on 28 x 28 digits."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from .fault import Fault, Kind, writes

PREDICT = ("predict", "x.png", "good.png", "--run", "digits")


def header(width: int, height: int) -> bytes:
    """A PNG that is a header alone."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head
    return start + struct.pack(">I", zlib.crc32(head)) + b"\0\0\0\0IEND\xaeB`\x82"


def cut() -> None:
    content = Path("good.png").read_bytes()
    Path("x.png").write_bytes(content[: len(content) - 40])


def bad(kind: Kind, name: str, arrange: Callable[[], object], words: str = "x.png") -> Fault:
    """The other image of the call is answered."""
    return Fault(kind, name, PREDICT, 3, words, arrange)


def kind(name: str, mode: str, words: str = "", file: str = "x.png") -> Fault:
    """An image of another kind is converted."""

    def arrange() -> None:
        Image.open("good.png").convert("RGB").convert(mode).save(file)

    return Fault(Kind.CONVERTED, name, ("predict", file, "--run", "digits"), 0, words, arrange)


def sixteen_bits() -> None:
    pixels = np.asarray(Image.open("good.png")).astype(np.uint16) * 257
    Image.fromarray(pixels).save("x.png")


def photo() -> None:
    """Dark on light, off centre, in another size."""
    paper = Image.new("L", (300, 200), 230)
    digit = np.asarray(Image.open("good.png")).astype(float)
    paper.paste(Image.fromarray((230 - digit * 0.8).astype(np.uint8)).resize((90, 90)), (180, 20))
    paper.save("x.png")


def animated() -> None:
    frame = Image.open("good.png")
    frame.save("x.gif", save_all=True, append_images=[frame.rotate(90)])


def rotated() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open("good.png").save("x.jpg", exif=exif)


ONE = ("predict", "x.png", "--run", "digits")
FAULTS = [
    bad(Kind.NO_IMAGE, "zero bytes", writes("x.png", b"")),
    bad(Kind.NO_IMAGE, "a text", writes("x.png", "no image")),
    bad(Kind.NO_IMAGE, "cut short", cut),
    bad(Kind.NO_IMAGE, "no file", lambda: None),
    bad(Kind.NO_IMAGE, "a folder without images", lambda: Path("x.png").mkdir()),
    kind("RGBA", "RGBA"),
    kind("a palette", "P"),
    kind("black and white", "1"),
    kind("CMYK", "CMYK", file="x.tif"),
    Fault(Kind.CONVERTED, "16 bits", ONE, 0, "x.png  ", sixteen_bits),
    Fault(
        Kind.CONVERTED, "animated", ("predict", "x.gif", "--run", "digits"), 0, "frame", animated
    ),
    Fault(
        Kind.CONVERTED,
        "turned by EXIF",
        ("predict", "x.jpg", "--run", "digits"),
        0,
        "turned",
        rotated,
    ),
    bad(
        Kind.HUGE,
        "20,000 x 20,000 pixels",
        writes("x.png", header(20_000, 20_000)),
        "million pixels",
    ),
    bad(Kind.HUGE, "2 Gpixel claimed", writes("x.png", header(2**31 - 1, 2**31 - 1)), "x.png"),
    Fault(Kind.GEOMETRY, "a photo", ONE, 0, "inverted (dark on light); centred", photo),
    Fault(
        Kind.GEOMETRY,
        "overruled",
        (*ONE, "--no-invert", "--no-center"),
        0,
        "resized from 300x200",
        photo,
    ),
]
