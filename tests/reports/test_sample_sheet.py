"""The sheet of samples: values of any range, and labels of any kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnfs_cli import Dense, Flatten, Model, train
from nnfs_cli.data.augmentations.tone import Noise
from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.errors import UsageError
from nnfs_cli.reports.sample_sheet import (
    COLUMNS,
    LABEL_HEIGHT,
    MARGIN,
    SMALLEST,
    draw_sheet,
    write_sheet,
)


def sheet_of(inputs: np.ndarray, targets: np.ndarray, **settings: Any) -> np.ndarray:
    data = data_from_arrays(inputs, targets, test=0.0, validation=0, **settings)
    return np.asarray(draw_sheet(data, seed=0)[0])


def test_values_that_are_no_pixels_are_stretched() -> None:
    images = np.full((6, 70, 80, 1), -3.5, dtype=np.float32)
    images[:, 10:20, 10:20] = 1.5
    images[:, 30:40, 30:40] = -1.0
    shown = sheet_of(images, np.arange(6) % 2)
    first = shown[MARGIN + LABEL_HEIGHT :][:70, MARGIN:][:, :80]
    assert first[5, 5].tolist() == [0, 0, 0]
    assert first[15, 15].tolist() == [255, 255, 255]
    assert first[35, 35].tolist() == [128, 128, 128]


def test_images_without_contrast() -> None:
    shown = sheet_of(np.full((4, 8, 8, 1), 0.5, dtype=np.float32), np.arange(4) % 2)
    assert shown.shape[1] < COLUMNS * 64


def test_values_to_predict_and_long_names_fit_above() -> None:
    images = np.zeros((4, 8, 8, 1), dtype=np.uint8)
    values = np.array([[1.0, 2.5], [3.25, -4.0], [5.0, 6.0], [1e9, 1e-9]])
    assert sheet_of(images, values, task="regression").any()
    names = ["ein sehr langer Name", "日本", "x", "\N{GRINNING FACE}"]
    widths = sheet_of(images, np.array(names)).shape[1]
    assert widths == sheet_of(images, values, task="regression").shape[1]


def test_the_arrays_stay_as_they_are() -> None:
    images = np.full((4, 8, 8, 1), 0.5, dtype=np.float32)
    images.flags.writeable = False
    shown = sheet_of(images, np.arange(4) % 2, augment=[Noise(std=1.0)])
    assert len(np.unique(shown)) > 50


def test_channels_that_have_no_colour() -> None:
    data = data_from_arrays(np.zeros((4, 8, 8, 2), dtype=np.uint8), np.arange(4) % 2, test=0.0)
    with pytest.raises(UsageError, match="8 x 8 x 2, which are neither images nor points"):
        draw_sheet(data, seed=0)


def test_a_file_that_is_no_image_stays(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("not an image")
    with pytest.raises(UsageError, match="is not a sheet of samples"):
        write_sheet(path, Image.new("RGB", (2, 2)), force=False)
    assert path.read_text() == "not an image"


def test_it_shows_what_the_first_epoch_begins_with(monkeypatch: pytest.MonkeyPatch) -> None:
    brightness = 20 * np.arange(12, dtype=np.uint8)
    images = brightness[:, None, None, None].repeat(8, axis=1).repeat(8, axis=2)
    data = data_from_arrays(images, np.arange(12) % 2, test=0.0, validation=0, normalize="none")
    seen: list[int] = []

    def noting(model: Model, x: np.ndarray, training: bool) -> np.ndarray:
        seen.extend(int(image[0, 0, 0]) for image in x)
        return forward(model, x, training)

    forward = Model.forward
    monkeypatch.setattr(Model, "forward", noting)
    settings = {"loss": "cross_entropy", "optimizer": "adam", "epochs": 1, "seed": 5}
    train([Flatten(), Dense(2)], data, batch_size=6, **settings)  # a single batch is not shuffled
    shown, across = np.asarray(draw_sheet(data, seed=5)[0]), SMALLEST + MARGIN
    middle = [
        shown[MARGIN + LABEL_HEIGHT + 9, MARGIN + column * across + 9, 0]
        for column in range(COLUMNS)
    ]
    assert middle == seen[:COLUMNS]


def test_the_beginning_of_a_long_label_stands_above() -> None:
    images = np.zeros((4, 8, 8, 1), dtype=np.uint8)
    strips = [
        sheet_of(images, np.array([name] * 3 + ["zz"]))[MARGIN:][:LABEL_HEIGHT]
        for name in ("WWWWWWWWWWWWWWWW", "WWWWWWWWWWWWWWWWiiii", "W")
    ]
    assert np.array_equal(strips[0], strips[1])
    assert not np.array_equal(strips[0], strips[2])
