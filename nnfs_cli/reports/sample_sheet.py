"""A sheet of training samples with their labels, as the network sees them: `nnfs data show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nnfs_cli.atomic import require_place_for_file, write_atomically
from nnfs_cli.compute.arrays import Array, shape_text
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.prepare import Data
from nnfs_cli.data.tables.several_labels import chosen
from nnfs_cli.errors import UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS = 8
PLAIN, AUGMENTED = 5 * COLUMNS, COLUMNS
"""How many samples are shown by default; an augmented one takes a row."""
SMALLEST = 64
"""Pixels across a tile, at least."""
MARGIN, LABEL_HEIGHT = 4, 14
COLOURS = {"light": ((235, 235, 235), (0, 0, 0)), "dark": ((34, 38, 45), (230, 233, 237))}
"""The ground and the ink of each theme."""
AUTHOR = "nnfs data show"
"""Written into the file, so that a sheet is recognised and may be replaced."""


def draw_sheet(
    data: Data, seed: int, count: int | None = None, theme: str = "light"
) -> tuple[Image, int]:
    """The first samples of the first epoch as an image, and how many there are.

    Where the data is augmented each sample has a row: itself, then what training may make of it.
    Raises UsageError if the inputs are no images, ShapeError if they cannot be augmented.
    """
    shape = data.preprocessing.input_shape
    if len(shape) != 3 or shape[2] not in (1, 3):
        raise UsageError(
            f"{data.name} has inputs of {shape_text(shape)}, which are neither images nor points "
            "of a plane to show",
            "look at it with `nnfs data info`",
        )
    augmented = bool(data.dataset.augment)
    order = stream(seed, Purpose.ORDER, 0).permutation(len(data.train))
    chosen = data.train.pick(order[: count or (AUGMENTED if augmented else PLAIN)])
    images, targets = chosen.inputs.astype(np.float32), chosen.targets
    if augmented:
        images, targets = _versions(data, images, seed), np.repeat(targets, COLUMNS, axis=0)
    pixels = eight_bits(images, data.preprocessing.white)
    return _grid(pixels, _labels(Samples(pixels, targets), data), theme), len(chosen)


def write_sheet(path: Path, sheet: Image, force: bool) -> None:
    """Write a PNG file; what is there already must be such a sheet, or ``force`` be given."""
    from PIL.PngImagePlugin import PngInfo

    if path.suffix.lower() != ".png":
        raise UsageError(f"--output {path} does not end in .png, and a PNG file is written")
    require_place_for_file(path)
    if path.exists() and not force and not _is_sheet(path):
        raise UsageError(
            f"{path} exists and is not a sheet of samples",
            "choose another --output, or add --force",
        )
    about = PngInfo()
    about.add_text("Software", AUTHOR)
    write_atomically(path, lambda file: sheet.save(file, "PNG", pnginfo=about))


def _is_sheet(path: Path) -> bool:
    from PIL import Image as pil

    try:
        with pil.open(path) as image:
            return image.info.get("Software") == AUTHOR
    except (OSError, ValueError, SyntaxError, pil.DecompressionBombError):
        return False


def _versions(data: Data, images: Array, seed: int) -> Array:
    """Each image itself and its augmented versions, a row of ``COLUMNS`` after the other."""
    versions = np.repeat(images, COLUMNS, axis=0)
    data.augmenter().apply(versions, stream(seed, Purpose.AUGMENT), out=versions)
    versions[::COLUMNS] = images
    return versions


def eight_bits(images: Array, white: float | None) -> Array:
    """Values as pixels: from 0 to ``white``, or between the extremes if that is not known."""
    low, high = (0.0, white) if white else (float(images.min()), float(images.max()))
    scaled = (images - low) * (255 / ((high - low) or 1.0))
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)


def _labels(samples: Samples, data: Data) -> list[str]:
    names = data.preprocessing.labels
    if names:
        return [names[target] for target in samples.targets]
    if data.task == "labels":
        return [chosen(data.preprocessing.names, row > 0.5) for row in samples.targets]
    return [" ".join(f"{value:.3g}" for value in row) for row in samples.targets]


def _grid(pixels: Array, labels: list[str], theme: str) -> Image:
    """Tiles in rows of ``COLUMNS``, enlarged by a whole factor, each under its label."""
    from PIL import Image as pil
    from PIL import ImageDraw, ImageFont

    (ground, ink), (height, width) = COLOURS[theme], pixels.shape[1:3]
    factor = -(-SMALLEST // max(height, width))
    across = max(width * factor, SMALLEST) + MARGIN
    down = height * factor + LABEL_HEIGHT + MARGIN
    rows = -(-len(pixels) // COLUMNS)
    columns = min(COLUMNS, len(pixels))
    sheet = pil.new("RGB", (columns * across + MARGIN, rows * down + MARGIN), ground)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default()
    for number, (image, label) in enumerate(zip(pixels, labels, strict=True)):
        left = MARGIN + number % COLUMNS * across
        top = MARGIN + number // COLUMNS * down
        text = label.encode("latin-1", "replace").decode("latin-1")
        while font.getlength(text) > across - MARGIN:
            text = text[:-1]
        pen.text((left, top), text, fill=ink, font=font)
        colours = image if image.shape[2] == 3 else image.repeat(3, axis=2)
        tile = colours.repeat(factor, axis=0).repeat(factor, axis=1)
        sheet.paste(pil.fromarray(tile), (left, top + LABEL_HEIGHT))
    return sheet
