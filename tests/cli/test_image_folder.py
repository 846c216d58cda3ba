"""A folder of images from the command line: train, evaluate, predict, and what it refuses."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import Nnfs

CONFIG = """\
data: {{type: image_folder, path: {path}, size: 6, validation: 0.25}}
layers: [flatten, {{type: dense, units: 2}}]
loss: cross_entropy
optimizer: {{type: adam, lr: 0.05}}
metrics: [accuracy]
train: {{epochs: 10, batch_size: 8}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Dark and light images of various sizes, a test split among them."""
    generator = np.random.default_rng(0)
    for part in ("train", "test"):
        for label, lightest in (("dark", 120), ("light", 255)):
            folder = tmp_path / "shades" / part / label
            folder.mkdir(parents=True)
            for n in range(12):
                shape = (*generator.integers(5, 9, 2), 3)
                pixels = generator.integers(lightest - 100, lightest, shape, dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{n:02}.png")
    path = tmp_path / "shades.yaml"
    path.write_text(CONFIG.format(path=tmp_path / "shades"))
    return path


def test_predict_equals_eval(nnfs: Nnfs, config: Path) -> None:
    trained = nnfs("train", str(config), "--json").document
    assert trained["test"]["accuracy"] == 1.0
    assert nnfs("eval").code == 0
    with (Path(trained["run"]) / "eval" / "test" / "predictions.csv").open() as file:
        expected = list(csv.DictReader(file))
    folders = [str(config.parent / "shades" / "test" / label) for label in ("dark", "light")]
    found = nnfs("predict", *folders, "--top", "2", "--json").document["predictions"]
    assert len(found) == len(expected) == 24
    for answer, row in zip(found, expected, strict=True):
        told = {entry["label"]: entry["probability"] for entry in answer["top"]}
        assert told == pytest.approx({label: float(row[label]) for label in told}, rel=1e-5)


def test_bad_images_stop_it_before_a_run_is_made(nnfs: Nnfs, config: Path) -> None:
    for name in ("x.png", "y.jpg"):
        (config.parent / "shades" / "train" / "dark" / name).write_text("no image")
    line = nnfs("train", str(config)).refused(3)
    assert "2 of 50 images cannot be used" in line
    assert "x.png is no image" in line
    assert "y.jpg is no image" in line
    assert not (Path("runs") / "latest").exists()


def test_predict_takes_the_folder_that_was_trained_on(nnfs: Nnfs, config: Path) -> None:
    train = config.parent / "shades" / "train"
    (train / "light" / "deep").mkdir()
    (train / "light" / "00.png").rename(train / "light" / "deep" / "00.png")
    assert nnfs("train", str(config), "-q").code == 0
    found = nnfs("predict", str(train), "--json").document["predictions"]
    images = sorted(train.rglob("*.png"))
    assert [answer["file"] for answer in found] == [str(path) for path in images]
    for answer, path in zip(found, images, strict=True):
        assert answer["label"] == path.relative_to(train).parts[0]


def test_a_colour_network_refuses_centring(nnfs: Nnfs, config: Path) -> None:
    assert nnfs("train", str(config), "-q").code == 0
    folder = config.parent / "shades" / "test"
    line = nnfs("predict", str(folder), "--center").refused(2)
    assert "--center is for square grey images, and the network takes 6 x 6 x 3" in line
    assert nnfs("predict", str(folder), "--no-center", "--invert", "-q").code == 0


def test_a_network_of_oblong_images_refuses_centring(nnfs: Nnfs, config: Path) -> None:
    options = ("data.size=[4,6]", "data.channels=grayscale")
    assert nnfs("train", str(config), *options, "-q").code == 0
    folder = config.parent / "shades" / "test"
    assert "takes 4 x 6 x 1" in nnfs("predict", str(folder), "--center").refused(2)
    assert nnfs("predict", str(folder)).code == 0


def test_evaluation_takes_a_folder_of_class_folders(nnfs: Nnfs, config: Path) -> None:
    assert nnfs("train", str(config), "-q").code == 0
    folder = config.parent / "shades" / "test"
    own = nnfs("eval", "latest", "--json").document["metrics"]
    assert nnfs("eval", "latest", "--data", str(folder), "--json").document["metrics"] == own
