"""Opening an image, whatever its format, as 8-bit pixels; it is judged before it is decoded.

Conversions, each of them said in the image's notes:

- several frames: the first; a photo is turned as its EXIF orientation says, and a large one is
  reduced by averaging whole blocks of pixels;
- 16 bits: divided by 257; 32 bits and floating point: stretched between darkest and brightest; or
  both between the darkest and brightest of a whole data set, if that is known;
- transparency: laid on white paper, or on black if what is drawn is light;
- palette, black-and-white, CMYK and other colour spaces: to grey or RGB. RGB without any colour
  counts as grey, with the same values.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "TGA", "PCX", "JPEG2000", "AVIF")
"""What is decoded. EPS is not among them: reading it would start Ghostscript on the file."""
SUFFIXES = frozenset(
    f".{word}"
    for word in (
        *("png", "jpg", "jpeg", "jfif", "gif", "bmp", "tif", "tiff", "webp"),
        *("ppm", "pgm", "pbm", "tga", "pcx", "jp2", "avif"),
    )
)
HEIC_STARTS = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1")
FROM_HEIC = (
    "nnfs does not decode the HEIC of iPhones: convert it with `heif-convert`, or with "
    "`sips -s format jpeg` on macOS"
)
MAX_PIXELS = 64_000_000
LARGEST = 768
"""Photos are reduced until the longer side is at most this: a digit needs no more."""
TOO_LARGE = f"has more than {MAX_PIXELS // 1_000_000} million pixels"
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError, MemoryError)
"""What Pillow's decoders raise for damaged files (struct.error and zlib.error are added to it)."""


Span = tuple[float, float]


@dataclass(frozen=True, eq=False)
class OpenedImage:
    """Pixels as uint8 (H, W, 1) or (H, W, 3).

    ``size`` is the file's width and height, turned as its EXIF data says. ``span`` has the darkest
    and the brightest value of an image of more than 8 bits, before it was converted.
    """

    pixels: Array
    size: tuple[int, int]
    notes: list[str]
    span: Span | None = None


def open_image(source: Path | BinaryIO, name: str, span: Span | None = None) -> OpenedImage:
    """Read an image from a file or an open stream.

    ``span`` says which values of an image of more than 8 bits are black and white.
    Raises DataError for what is no image, is damaged, or says that it has too many pixels.
    """
    with _opened(source, name) as image:
        size, notes = _turned_size(image), list[str]()
        pixels, own = _pixels(image, notes, span)
    return OpenedImage(pixels, size, notes, own)


def image_size(path: Path) -> tuple[int, int]:
    """Height and width of an image as it is seen, turned as its EXIF data says; from its header.

    Raises DataError as :func:`open_image` does, but for damage behind the header.
    """
    with _opened(path, str(path)) as image:
        width, height = _turned_size(image)
    return height, width


def _turned_size(image: Image) -> tuple[int, int]:
    """Width and height as its EXIF data says; asked before decoding, which may forget that.

    ``image.size`` is turned already in TIFF files, by some versions of Pillow.
    """
    tags = getattr(image, "tag_v2", None)
    width, height = (tags[TIFF_WIDTH], tags[TIFF_HEIGHT]) if tags else image.size
    lies = image.getexif().get(ORIENTATION, 1) in LYING
    return (height, width) if lies else (width, height)


def stretched(pixels: Array, size: tuple[int, int]) -> Array:
    """Pixels (H, W, C) resampled to another (height, width) by a cubic; proportions may change."""
    if pixels.shape[:2] == size:
        return pixels
    from PIL import Image

    image = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[..., 0])
    resampled = image.resize(size[::-1], Image.Resampling.BICUBIC)
    return np.array(resampled, dtype=np.uint8).reshape(*size, -1)


def with_channels(pixels: Array, channels: int, notes: list[str]) -> Array:
    """Grey for a network that takes one channel, RGB for one that takes three."""
    if pixels.shape[2] == channels:
        return pixels
    if channels == 3:
        return pixels.repeat(3, axis=2)
    from PIL import Image

    notes.append("colour to grey")
    return np.array(Image.fromarray(pixels).convert("L"), dtype=np.uint8)[..., np.newaxis]


@contextmanager
def _opened(source: Path | BinaryIO, name: str) -> Iterator[Image]:
    """An image whose header was read and found to be in order.

    Pillow is given an open file: by its path it would map plain TIFF files into memory, and takes
    the pixels of those that are to be turned for rows of the turned width.
    """
    with _refusals(name):
        from PIL import Image

        Image.init()
        formats = [f for f in FORMATS if f in Image.OPEN]
        opened = source.open("rb") if isinstance(source, Path) else nullcontext(source)
        with opened as stream, _identified(stream, name, formats) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise DataError(f"{name} {TOO_LARGE}: {width:,} x {height:,}", "make it smaller")
            yield image


def _identified(stream: BinaryIO, name: str, formats: list[str]) -> Image:
    """The image in a stream, not yet decoded. Raises DataError for HEIC."""
    from PIL import Image, UnidentifiedImageError

    start = stream.read(12)[4:]
    stream.seek(0)
    try:
        return Image.open(stream, formats=formats)
    except UnidentifiedImageError:
        if start not in HEIC_STARTS:
            raise
        raise DataError(f"{name} is no image that nnfs can read", FROM_HEIC) from None


def remedy(kinds: str, usual: str) -> str:
    """What to do where there are only files of other kinds: of HEIC, convert them."""
    return FROM_HEIC if ".heic" in kinds or ".heif" in kinds else usual


@contextmanager
def _refusals(name: str) -> Iterator[None]:
    """Turn what Pillow raises or warns of into a DataError."""
    import struct
    import zlib

    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"{name} {TOO_LARGE}", "make it smaller") from None
    except UnidentifiedImageError:
        raise DataError(f"{name} is no image that nnfs can read", "save it as PNG") from None
    except (*DAMAGE, struct.error, zlib.error) as error:
        if isinstance(error, OSError) and error.strerror:
            raise DataError(f"cannot read {name}: {error.strerror}") from None
        raise DataError(f"{name} is damaged: {_first_line(error)}", "save it again") from None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _pixels(image: Image, notes: list[str], span: Span | None) -> tuple[Array, Span | None]:
    """Decode, turn, reduce and convert the first frame; and its span, if it has over 8 bits."""
    from PIL import ImageOps

    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        notes.append(f"first of {frames} frames")
    if image.getexif().get(ORIENTATION, 1) not in (None, 1):
        notes.append("turned as its EXIF data says")
    image.draft(None, (LARGEST, LARGEST))
    image.load()
    turned = ImageOps.exif_transpose(image)
    plain, own = _eight_bits(turned, notes, span)
    plain = _opaque(plain, notes) if plain.has_transparency_data else plain
    if plain.mode not in ("L", "RGB"):
        if plain.mode not in ("1", "P"):
            notes.append(f"{plain.mode} to RGB")
        plain = plain.convert("L" if plain.mode == "1" else "RGB")
    factor = -(-max(plain.size) // LARGEST)
    if factor > 1:
        plain = plain.reduce(factor)
    return _without_idle_channels(np.array(plain, dtype=np.uint8)), own


ORIENTATION = 0x0112
"""The EXIF tag that says how the camera was held."""
LYING = frozenset({5, 6, 7, 8})
"""Its values for a camera held upright, whose images are stored lying on their side."""
TIFF_WIDTH, TIFF_HEIGHT = 0x0100, 0x0101
"""The tags for the size of what a TIFF file stores."""


def _eight_bits(image: Image, notes: list[str], span: Span | None) -> tuple[Image, Span | None]:
    """16 bits, 32 bits or floating point as 8-bit grey, with the span; other images as is."""
    from PIL import Image as pil

    if not image.mode.startswith(("I", "F")):
        return image, None
    values = np.asarray(image, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("it has pixels that are not finite")
    own = low, high = float(values.min()), float(values.max())
    if span is not None:
        low, high = span
        notes.append(f"{low:g} to {high:g} became 0 to 255, as in training")
    elif image.mode.startswith("I") and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
        notes.append("16 bits to 8")
    else:
        notes.append("stretched to 8 bits")
    scaled = np.rint((values - low) * (255 / ((high - low) or 1.0)))
    return pil.fromarray(np.clip(scaled, 0, 255).astype(np.uint8)), own


def _opaque(image: Image, notes: list[str]) -> Image:
    """The image on white paper, or on black if its opaque part is light."""
    from PIL import Image as pil

    image = image.convert("RGBA")
    opacity = np.asarray(image.getchannel("A"), dtype=np.float64)
    if opacity.min() == 255:
        return image.convert("RGB")
    grey = np.asarray(image.convert("RGB").convert("L"), dtype=np.float64)
    light = float((grey * opacity).sum()) > 127.5 * float(opacity.sum())
    notes.append(f"transparency filled with {'black' if light else 'white'}")
    paper = pil.new("RGBA", image.size, "black" if light else "white")
    return pil.alpha_composite(paper, image).convert("RGB")


def _without_idle_channels(pixels: Array) -> Array:
    """Grey gets a channel axis; three equal channels become one."""
    if pixels.ndim == 2:
        return pixels[..., np.newaxis]
    first: Any = pixels[..., :1]
    return first.copy() if (pixels == first).all() else pixels
