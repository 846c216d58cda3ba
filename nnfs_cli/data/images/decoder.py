"""Decoding many images into one array of bytes, of one size and as many channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.resources import require_memory
from nnfs_cli.data.images.image_file import (
    OpenedImage,
    Span,
    image_size,
    open_image,
    stretched,
    with_channels,
)
from nnfs_cli.data.source import Progress
from nnfs_cli.errors import DataError

Channels = Literal["auto", "grayscale", "color"]
NAMED = 5
"""Faults are named one by one up to so many."""
WELL_USED = 32_768
"""From here on the brightest pixel of 16 bits is bright."""
REPORTED = 100
"""Progress is told every so many images."""


def decode_images(
    files: Sequence[Path],
    size: tuple[int, int],
    channels: Channels,
    name: str,
    progress: Progress | None,
) -> tuple[Array, int, Span | None]:
    """All images as uint8 (N, H, W, C), opened as `predict` does; and how many were resized.

    ``size`` is (H, W). Images of more than 8 bits share one span of values from black to white,
    which is returned at last: None if there are none, or if 16 bits are well used. Raises
    DataError that names the bad ones, MachineError if they do not fit.
    """
    pixels = _room(len(files), size, 3 if channels == "color" else 1)
    faults: list[str] = []
    resized, spans = 0, dict[int, Span]()
    for n, file in enumerate(files):
        if progress and (n % REPORTED == 0 or n + 1 == len(files)):
            progress(f"reading {name}", n + 1, len(files))
        try:
            opened = _opened(file)
        except DataError as error:
            faults.append(error.message)
            continue
        image = opened.pixels
        if opened.span is not None:
            spans[n] = opened.span
        if channels == "auto" and image.shape[2] > pixels.shape[3]:
            grey, pixels = pixels, _room(len(files), size, 3)
            pixels[:n] = grey[:n]
        resized += image.shape[:2] != size
        pixels[n] = stretched(with_channels(image, pixels.shape[3], []), size)
    if faults:
        raise _unreadable(faults, len(files))
    span = _common(spans.values())
    for n in spans if span else ():
        image = _opened(files[n], span).pixels
        pixels[n] = stretched(with_channels(image, pixels.shape[3], []), size)
    return pixels, resized, span


def _common(spans: Collection[Span]) -> Span | None:
    """The span of all images, unless they use most of 16 bits, which are divided by 257."""
    if not spans:
        return None
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    return None if low >= 0 and WELL_USED <= high <= 65535 else (low, high)


def _room(count: int, size: tuple[int, int], channels: int) -> Array:
    """An array for all images, if the machine has room for two: dividing them makes a copy."""
    height, width = size
    what = f"keeping {count:,} images of {height} x {width} x {channels} bytes"
    require_memory(2 * count * height * width * channels, what, "lower data.size")
    return np.empty((count, height, width, channels), dtype=np.uint8)


def commonest_size(files: Iterable[Path]) -> tuple[int, int]:
    """The height and width that most images have, of several the first; from the headers.

    Images that cannot be read do not count: decoding them raises the error.
    """
    sizes: Counter[tuple[int, int]] = Counter()
    for file in files:
        if file.is_file():
            with suppress(DataError):
                sizes[image_size(file)] += 1
    return sizes.most_common(1)[0][0] if sizes else (1, 1)


def _opened(file: Path, span: Span | None = None) -> OpenedImage:
    if not file.is_file():
        raise DataError(f"{file} is no regular file")
    return open_image(file, str(file), span)


def _unreadable(faults: list[str], count: int) -> DataError:
    named = "; ".join(faults[:NAMED])
    others = f"; and {len(faults) - NAMED:,} more" if len(faults) > NAMED else ""
    return DataError(
        f"{len(faults):,} of {count:,} images cannot be used: {named}{others}",
        "repair or remove them",
    )
