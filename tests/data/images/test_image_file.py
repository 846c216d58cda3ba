from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.data.images.image_file import LARGEST, image_size, open_image
from nnfs_cli.errors import DataError

GREY = np.arange(70, dtype=np.uint8).reshape(7, 10) * 3


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".pgm", ".gif", ".tga"])
def test_lossless_grey_keeps_every_value(tmp_path: Path, suffix: str) -> None:
    image = open_image(saved(tmp_path / f"a{suffix}", Image.fromarray(GREY)), "a")
    np.testing.assert_array_equal(image.pixels, GREY[..., None])
    assert image.size == (10, 7)
    assert image.notes == []


def test_grey_saved_as_rgb_is_grey_again(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(GREY).convert("RGB"))
    np.testing.assert_array_equal(open_image(path, "a").pixels, GREY[..., None])


def test_a_palette_becomes_its_colours(tmp_path: Path) -> None:
    colours = Image.fromarray(np.array([[[255, 0, 0], [0, 255, 0]]], dtype=np.uint8))
    path = saved(tmp_path / "a.png", colours.quantize(2))
    np.testing.assert_array_equal(open_image(path, "a").pixels, np.asarray(colours))


def test_sixteen_bits_are_divided_by_257(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(GREY.astype(np.uint16) * 257))
    image = open_image(path, "a")
    np.testing.assert_array_equal(image.pixels, GREY[..., None])
    assert image.notes == ["16 bits to 8"]


def test_floating_point_is_stretched(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", Image.fromarray(np.array([[-1, 0, 1]], dtype=np.float32)))
    image = open_image(path, "a")
    assert image.pixels.ravel().tolist() == [0, 128, 255]
    assert image.notes == ["stretched to 8 bits"]


def test_pixels_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", Image.fromarray(np.array([[np.nan, 0]], dtype=np.float32)))
    with pytest.raises(DataError, match="not finite"):
        open_image(path, "a")


@pytest.mark.parametrize(("drawn", "filled"), [(20, 255), (230, 0)])
def test_transparency_is_filled_so_that_the_drawing_is_seen(
    tmp_path: Path, drawn: int, filled: int
) -> None:
    pixels = np.zeros((4, 4, 4), dtype=np.uint8)
    pixels[1:3, 1:3] = [drawn, drawn, drawn, 255]
    image = open_image(saved(tmp_path / "a.png", Image.fromarray(pixels)), "a")
    assert image.pixels[0, 0, 0] == filled
    assert image.pixels[1, 1, 0] == drawn
    assert image.notes == [f"transparency filled with {'white' if filled else 'black'}"]


def test_opaque_rgba_is_just_its_colours(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(GREY).convert("RGBA"))
    image = open_image(path, "a")
    np.testing.assert_array_equal(image.pixels, GREY[..., None])
    assert image.notes == []


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    cmyk = Image.new("RGB", (16, 16), (255, 0, 0)).convert("CMYK")
    image = open_image(saved(tmp_path / "a.jpg", cmyk, quality=100), "a")
    assert abs(image.pixels.mean(axis=(0, 1)) - [255, 0, 0]).max() < 10
    assert image.notes == ["CMYK to RGB"]


def test_of_an_animation_the_first_frame_counts(tmp_path: Path) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(GREY[::-1].copy())]
    path = saved(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    image = open_image(path, "a")
    np.testing.assert_array_equal(image.pixels, GREY[..., None])
    assert image.notes == ["first of 2 frames"]


@pytest.mark.parametrize(("orientation", "turns"), [(3, 2), (6, -1), (8, 1)])
@pytest.mark.parametrize(
    ("suffix", "options"), [(".png", {}), (".tif", {}), (".tif", {"compression": "tiff_lzw"})]
)
def test_a_photo_is_turned_as_exif_says(
    tmp_path: Path, suffix: str, options: dict[str, object], orientation: int, turns: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / f"a{suffix}", Image.fromarray(GREY), exif=exif, **options)
    image = open_image(path, "a")
    np.testing.assert_array_equal(image.pixels[..., 0], np.rot90(GREY, turns))
    assert image.notes == ["turned as its EXIF data says"]
    assert image.size == image.pixels.shape[1::-1]
    assert image_size(path) == image.pixels.shape[:2]


def test_the_size_of_a_large_photo_is_that_of_the_turned_file(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = open_image(saved(tmp_path / "a.jpg", Image.new("L", (3000, 2000)), exif=exif), "a")
    assert image.size == (2000, 3000)
    assert image.pixels.shape[0] > image.pixels.shape[1]


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_large_photos_are_reduced(tmp_path: Path, suffix: str) -> None:
    path = saved(tmp_path / f"a{suffix}", Image.new("L", (3000, 2000), 77))
    image = open_image(path, "a")
    assert image.size == (3000, 2000)
    assert LARGEST / 2 < max(image.pixels.shape) <= LARGEST
    assert abs(int(image.pixels[5, 5, 0]) - 77) <= 1


def test_a_stream_is_as_good_as_a_file() -> None:
    stream = io.BytesIO()
    Image.fromarray(GREY).save(stream, "PNG")
    stream.seek(0)
    np.testing.assert_array_equal(open_image(stream, "stdin").pixels, GREY[..., None])


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_100, 9_600, 20_000, 1_000_000])
def test_too_many_pixels_are_refused_before_decoding(tmp_path: Path, side: int) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(claiming(side, side))
    with pytest.raises(DataError, match="more than 64 million pixels"):
        open_image(path, "huge.png")


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    whole = saved(tmp_path / "whole.png", Image.effect_noise((64, 64), 50)).read_bytes()
    flipped = bytearray(whole)
    flipped[len(flipped) // 2] ^= 0xFF
    contents = {
        "zero.png": b"",
        "text.png": b"seven, drawn by hand",
        "cut.png": whole[: len(whole) // 2],
        "flipped.png": bytes(flipped),
        "header.png": whole[:20],
        "script.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=name) as caught:
            open_image(tmp_path / name, name)
        assert "\n" not in str(caught.value)
        assert caught.value.hint


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        open_image(tmp_path / "none.png", "none.png")


def test_heic_is_told_from_damage_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40))
    with pytest.raises(DataError, match="heif-convert"):
        open_image(tmp_path / "photo.jpg", "photo.jpg")
