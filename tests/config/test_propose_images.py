"""What is proposed for a folder of images: read again, built, and as large as it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.config.config import validate
from nnfs_cli.config.propose_images import propose_folder_config
from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.nn.model import Model


def folder_of(place: Path, side: int, classes: str = "abc") -> Path:
    for number, label in enumerate(classes):
        (place / label).mkdir(parents=True)
        for n in range(number + 2):
            image = Image.fromarray(np.full((side - n, side), 9 * n, np.uint8))
            image.save(place / label / f"{n}.png")
    return place


@pytest.mark.parametrize(
    ("pixels", "side", "filters"),
    [
        *((5, 16, [16, 32]), (23, 16, [16, 32]), (24, 32, [16, 32, 64]), (47, 32, [16, 32, 64])),
        *((48, 64, [16, 32, 64, 128]), (300, 64, [16, 32, 64, 128])),
    ],
)
def test_stages_halve_the_side_and_double_the_filters(
    tmp_path: Path, pixels: int, side: int, filters: list[int]
) -> None:
    text = propose_folder_config(folder_of(tmp_path / "p", pixels)).text
    config = validate(parse(text, "c.yaml"))
    assert f"size: {side} " in text
    summary = Model(config.layers, (side, side, 1)).summary()
    convolutions = [row.output_shape[-1] for row in summary if row.type == "conv2d"]
    pooled = [row.output_shape for row in summary if row.type == "max_pool2d"]
    assert convolutions == filters
    assert pooled[-1][:2] == (4, 4)
    for height, width, channels in pooled:
        assert f"# {height} x {width} x {channels}\n" in text
    assert summary[-1].output_shape == (3,)


def test_it_says_what_it_took(tmp_path: Path) -> None:
    whole = propose_folder_config(folder_of(tmp_path / "whole", 8))
    assert whole.taken == ["images    9", "target    3 classes (a, b, c)"]
    divided = tmp_path / "divided"
    folder_of(divided / "train", 8)
    folder_of(divided / "test", 8)
    assert propose_folder_config(divided).taken[0] == "images    9 for training, 9 for test"


def test_splits_that_a_folder_has_are_not_made_anew(tmp_path: Path) -> None:
    """The test images of a divided folder are all that are tested, and so with validation."""
    folder = tmp_path / "p"
    folder_of(folder / "train", 8)
    for more, keys in ((None, {"test", "validation"}), ("test", {"validation"}), ("val", set())):
        if more is not None:
            folder_of(folder / more, 8)
        where = folder if more else folder / "train"
        proposed = parse(propose_folder_config(where).text, "c.yaml").value
        assert {"test", "validation"} & {*proposed["data"]} == keys
