"""`nnfs predict` from the outside: pictures, tables and streams in, a line each out."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.data.digits import Digits
from nnfs_cli.data.source import Source

from .conftest import Nnfs, contents, latest

DIGITS = """\
data: {type: digits, geometry: mnist}
layers: [flatten, {type: dense, units: 32, activation: relu}, {type: dense, units: 10}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.003}
metrics: [accuracy]
train: {epochs: 5, batch_size: 32}
"""


@pytest.fixture
def trained(nnfs: Nnfs, folder: Path) -> Path:
    Path("digits.yaml").write_text(DIGITS)
    assert nnfs("train", "digits.yaml", "-q").code == 0
    return latest()


@pytest.fixture
def digits() -> np.ndarray:
    test = Digits(geometry="mnist").load(Source()).test
    assert test is not None
    return test.inputs[:40]


def test_predict_equals_eval_on_pictures(nnfs: Nnfs, trained: Path, digits: np.ndarray) -> None:
    Path("pictures").mkdir()
    for number, digit in enumerate(digits):
        Image.fromarray(digit[..., 0]).save(f"pictures/{number:02}.png")
    assert nnfs("eval", "latest").code == 0
    with (trained / "eval/test/predictions.csv").open() as file:
        expected = list(csv.DictReader(file))[: len(digits)]
    answers = nnfs("predict", "pictures", "--json", "--top", 10).document["predictions"]
    assert len(answers) == len(digits)
    for answer, row in zip(answers, expected, strict=True):
        assert answer["label"] == row["predicted"]
        for entry in answer["top"]:
            # Another batch, other roundings: of a logit -20, say, the sixth digit may differ.
            assert entry["probability"] == pytest.approx(float(row[entry["label"]]), rel=1e-4)
        assert answer["notes"] == []


def test_a_photo_says_what_was_done_to_it(nnfs: Nnfs, trained: Path, digits: np.ndarray) -> None:
    paper = Image.new("L", (300, 200), 230)
    paper.paste(
        Image.fromarray(230 - (digits[0, ..., 0] * 0.8).astype(np.uint8)).resize((90, 90)),
        (180, 20),
    )
    paper.save("photo.jpg")
    result = nnfs("predict", "photo.jpg", "--show")
    assert result.code == 0, result.err
    first, *drawn = result.out.splitlines()
    assert first.startswith("photo.jpg  ")
    assert "inverted" in first
    assert "centred" in first
    assert "resized from 300x200" in first
    assert len(drawn) == 28
    plain = nnfs("predict", "photo.jpg", "--no-invert", "--no-center", "--json").document
    assert not any("inverted" in note for note in plain["predictions"][0]["notes"])


def test_one_bad_file_does_not_keep_the_others_from_being_answered(
    nnfs: Nnfs, trained: Path, digits: np.ndarray
) -> None:
    Image.fromarray(digits[0, ..., 0]).save("good.png")
    Path("text.png").write_text("no picture")
    Path("empty.png").touch()
    before = contents(trained)
    result = nnfs(
        "predict", "text.png", "good.png", "empty.png", "missing.png", "--output", "a.csv"
    )
    assert result.code == 3
    assert [line.split()[0] for line in result.out.splitlines()] == ["good.png"]
    assert len(result.errors) == 3
    rows = list(csv.DictReader(Path("a.csv").read_text().splitlines()))
    assert [bool(row["error"]) for row in rows] == [True, False, True, True]
    assert contents(trained) == before
    document = nnfs("predict", "text.png", "good.png", "--json").document
    assert [answer["file"] for answer in document["predictions"]] == ["good.png"]
    assert [error["file"] for error in document["errors"]] == ["text.png"]


def test_stdin(
    trained: Path, digits: np.ndarray, start: Callable[..., subprocess.Popen[str]]
) -> None:
    Image.fromarray(digits[0, ..., 0]).save("digit.png")
    with Path("digit.png").open("rb") as file:
        process = start("predict", "-", stdin=file)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.startswith("stdin")


def test_rows_of_a_table(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "-q").code == 0
    Path("rows.csv").write_text("0.1,0.2\n1.0,-0.5\n")
    document = nnfs("predict", "rows.csv", "--json").document
    assert [answer["file"] for answer in document["predictions"]] == ["rows.csv:1", "rows.csv:2"]
    assert nnfs("predict", "rows.csv").out.count("\n") == 2


GREY = """\
data: {type: npz, path: grey.npz}
layers: [flatten, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.01}
train: {epochs: 3, batch_size: 8}
"""


@pytest.fixture
def pictures(folder: Path) -> np.ndarray:
    """Bytes (N, 6, 6), also as PNG files in ``pictures``; the config ``grey.yaml``."""
    found = np.random.default_rng(0).integers(0, 256, (20, 6, 6), dtype=np.uint8)
    found[0, 0] = 0, 0, 0, 255, 255, 255
    Path("pictures").mkdir()
    for number, pixels in enumerate(found):
        Image.fromarray(pixels).save(f"pictures/{number:02}.png")
    Path("grey.yaml").write_text(GREY)
    return found


def test_a_picture_is_what_it_was_in_arrays_from_0_to_1(nnfs: Nnfs, pictures: np.ndarray) -> None:
    floats = pictures.astype(np.float32) / 255
    np.savez("grey.npz", x=floats, y=np.arange(20) % 2)
    np.save("floats.npy", floats)
    assert nnfs("train", "grey.yaml", "-q").code == 0
    expected = nnfs("predict", "floats.npy", "--json").document["predictions"]
    found = nnfs("predict", "pictures", "--json").document["predictions"]
    assert len(found) == len(expected) == 20
    for one, other in zip(found, expected, strict=True):
        assert one["label"] == other["label"]
        assert one["probability"] == pytest.approx(other["probability"], rel=1e-5)


def test_pictures_are_refused_after_arrays_of_an_unknown_range(
    nnfs: Nnfs, pictures: np.ndarray
) -> None:
    floats = (pictures.astype(np.float32) - 127) / 60
    np.savez("grey.npz", x=floats, y=np.arange(20) % 2)
    np.save("floats.npy", floats)
    assert nnfs("train", "grey.yaml", "-q").code == 0
    assert "brightest value is unknown" in nnfs("predict", "pictures/00.png").refused(3)
    assert nnfs("predict", "floats.npy").code == 0


def test_a_run_that_is_not_there(nnfs: Nnfs) -> None:
    assert "there is no run" in nnfs("predict", "digit.png").refused(3)


def test_nothing_is_overwritten_but_a_table_of_answers(nnfs: Nnfs, trained: Path) -> None:
    Image.new("L", (28, 28)).save("good.png")
    Path("toy.yaml").write_text("seed: 1\n")
    Path("link.png").symlink_to("good.png")
    before = contents(Path())
    for output, words in (
        ("good.png", "is what is to be answered"),
        ("./good.png", "is what is to be answered"),
        ("link.png", "is what is to be answered"),
        ("toy.yaml", "exists and is not a table of answers"),
        (".", "is a folder"),
        ("/dev/null", "exists and is not a table of answers"),
        ("runs/latest/run.json", "is in the folder of a run"),
        (trained / "new.csv", "is in the folder of a run"),
        (trained / "eval/new.csv", "is in the folder of a run"),
    ):
        assert words in nnfs("predict", "good.png", "--output", output).refused(2)
        assert contents(Path()) == before
    for _ in range(2):
        assert nnfs("predict", "good.png", "--output", "a.csv").code == 0
    assert Path("a.csv").read_text().startswith("file,label")


def test_a_checkpoint_of_another_run_is_noticed(nnfs: Nnfs, trained: Path) -> None:
    Image.new("L", (28, 28)).save("good.png")
    assert nnfs("train", "digits.yaml", "-q", "seed=1").code == 0
    assert "not of run" not in nnfs("predict", "good.png").err
    shutil.copy(trained / "checkpoints/best.npz", latest() / "checkpoints/best.npz")
    for command in (("predict", "good.png"), ("eval",)):
        result = nnfs(*command)
        assert result.code == 0
        assert "best.npz is not of run" in result.err
        assert "seed differ" in result.err
