"""`nnfs data show`: a sheet of training samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.reports.sample_sheet import COLUMNS, LABEL_HEIGHT, MARGIN, SMALLEST

from .conftest import Nnfs

CONFIG = """\
seed: 3
data: {type: digits, validation: 0}
layers: [flatten, {type: dense, units: 10}]
loss: cross_entropy
optimizer: adam
"""
ROW = SMALLEST + LABEL_HEIGHT + MARGIN


@pytest.fixture
def digits(folder: Path) -> Path:
    path = folder / "digits.yaml"
    path.write_text(CONFIG)
    return path


def tile(path: Path, row: int, column: int) -> np.ndarray:
    """An 8 x 8 digit as the sheet shows it, as values from 0 to 16."""
    pixels = np.asarray(Image.open(path).convert("L"), dtype=np.float64)
    top = MARGIN + row * ROW + LABEL_HEIGHT
    left = MARGIN + column * (SMALLEST + MARGIN)
    return pixels[top : top + SMALLEST : 8, left : left + SMALLEST : 8] * 16 / 255


def test_plain_samples(nnfs: Nnfs, digits: Path) -> None:
    from nnfs_cli.data.datasets.digits import Digits
    from nnfs_cli.data.source import Source

    done = nnfs("data", "show", digits)
    assert (done.code, done.out) == (0, "digits-samples.png\n")
    with Image.open("digits-samples.png") as image:
        assert image.size == (COLUMNS * (SMALLEST + MARGIN) + MARGIN, 5 * ROW + MARGIN)
    known = Digits().load(Source()).train.inputs[..., 0]
    for row, column in ((0, 0), (2, 3), (4, 7)):
        shown = tile(Path("digits-samples.png"), row, column)
        assert np.abs(known - shown).max(axis=(1, 2)).min() < 0.05
    assert nnfs("data", "show", digits, "-o", "dark.png", "--theme", "dark").code == 0
    light, dark = (np.asarray(Image.open(name)) for name in ("digits-samples.png", "dark.png"))
    assert (light[0, 0].min(), dark[0, 0].max()) == (235, 45)
    np.testing.assert_array_equal(tile(Path("dark.png"), 4, 7), shown)


def test_an_augmented_sample_has_a_row(nnfs: Nnfs, digits: Path) -> None:
    path = Path("a.png")
    plain = nnfs("data", "show", digits, "-o", path, "--samples", 3, "--json").document
    assert plain == {
        "schema": 1,
        "command": "data show",
        "path": "a.png",
        "data": "digits",
        "samples": 3,
        "augmented": False,
    }
    originals = [tile(path, 0, column) for column in range(3)]
    augment = "data.augment=[{type: shift, pixels: 1.0}]"
    done = nnfs("data", "show", digits, augment, "-o", path, "--samples", 3, "--json").document
    assert (done["samples"], done["augmented"]) == (3, True)
    for row, original in enumerate(originals):
        np.testing.assert_array_equal(tile(path, row, 0), original)
        versions = {tile(path, row, column).tobytes() for column in range(COLUMNS)}
        assert len(versions) == COLUMNS


def test_the_label_stands_above(nnfs: Nnfs, folder: Path) -> None:
    """The space above an image depends on its class alone."""
    images = np.zeros((8, 10, 10, 3), dtype=np.uint8)
    images[..., 1] = 200
    np.savez(folder / "p.npz", x=images, y=np.arange(8) % 2)
    config = folder / "c.yaml"
    config.write_text(CONFIG.replace("type: digits", "type: npz, path: p.npz, test: 0.0"))
    assert nnfs("data", "show", config, "-o", "c.png").code == 0
    pixels = np.asarray(Image.open("c.png"))
    above = [pixels[MARGIN:][:LABEL_HEIGHT, 4 + 74 * n :][:, :70] for n in range(8)]
    assert len({strip.tobytes() for strip in above}) == 2
    np.testing.assert_array_equal(pixels[MARGIN + LABEL_HEIGHT + 5, MARGIN + 5], [0, 200, 0])


def test_nothing_else_is_replaced(nnfs: Nnfs, digits: Path) -> None:
    mine = Path("digits-samples.png")
    Image.new("RGB", (4, 4)).save(mine)
    kept = mine.read_bytes()
    line = nnfs("data", "show", digits).refused(2)
    assert line == (
        "error: digits-samples.png exists and is not a sheet of samples; "
        "choose another --output, or add --force"
    )
    assert mine.read_bytes() == kept
    assert nnfs("data", "show", digits, "--force").code == 0
    first = mine.read_bytes()
    assert nnfs("data", "show", digits, "seed=4").code == 0
    assert mine.read_bytes() != first


def test_points_of_a_plane(nnfs: Nnfs, toy: Path) -> None:
    pytest.importorskip("matplotlib")
    done = nnfs("data", "show", toy, "--json").document
    assert done == {
        "schema": 1,
        "command": "data show",
        "path": "toy-samples.png",
        "data": "moons",
        "samples": 48,
        "augmented": False,
    }
    first = Path(done["path"]).read_bytes()
    assert nnfs("data", "show", toy, "--samples", 9, "--theme", "dark").code == 0
    with Image.open("toy-samples.png") as image:
        ground = image.convert("RGB").getpixel((0, image.height - 1))
    assert ground == (0x14, 0x17, 0x1C)
    assert Path("toy-samples.png").read_bytes() != first


def test_refusals(nnfs: Nnfs, digits: Path, toy: Path) -> None:
    np.savez("five.npz", x=np.random.default_rng(0).random((20, 5)), y=np.arange(20) % 2)
    toy.write_text(CONFIG.replace("type: digits", "type: npz, path: five.npz"))
    line = nnfs("data", "show", toy).refused(2)
    assert line == (
        "error: npz has inputs of 5, which are neither images nor points of a plane to show; "
        "look at it with `nnfs data info`"
    )
    assert "does not end in .png" in nnfs("data", "show", digits, "-o", "a.jpg").refused(2)
    assert "cannot write" in nnfs("data", "show", digits, "-o", "absent/a.png").refused(5)
    assert "size` 9" in nnfs(
        "data", "show", digits, "data.augment=[{type: erase, size: 9}]"
    ).refused(2)


def test_huge_numbers_are_shown_briefly(nnfs: Nnfs, folder: Path) -> None:
    inputs = np.linspace(-1, 1, 40, dtype=np.float32).reshape(20, 2) * np.float32([3e38, 1])
    np.savez(folder / "h.npz", x=inputs, y=np.arange(20) % 2)
    config = folder / "h.yaml"
    config.write_text(CONFIG.replace("type: digits", "type: npz, path: h.npz, test: 0.0"))
    shown = nnfs("data", "info", config)
    assert shown.code == 0
    assert max(len(word) for word in shown.out.split() if word[-1].isdecimal()) <= 12
    assert "-3e+38" in shown.out
    assert "-0.9487" in shown.out
