"""`nnfs predict` from the outside: images, tables and streams in, a line each out."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.cli.reporting import prediction_line
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.source import Source
from nnfs_cli.predict.predict import Prediction

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


def test_predict_equals_eval_on_images(nnfs: Nnfs, trained: Path, digits: np.ndarray) -> None:
    Path("images").mkdir()
    for number, digit in enumerate(digits):
        Image.fromarray(digit[..., 0]).save(f"images/{number:02}.png")
    assert nnfs("eval", "latest").code == 0
    with (trained / "eval/test/predictions.csv").open() as file:
        expected = list(csv.DictReader(file))[: len(digits)]
    answers = nnfs("predict", "images", "--json", "--top", 10).document["predictions"]
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
    Path("text.png").write_text("no image")
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
def images(folder: Path) -> np.ndarray:
    """Bytes (N, 6, 6), also as PNG files in ``images``; the config ``grey.yaml``."""
    found = np.random.default_rng(0).integers(0, 256, (20, 6, 6), dtype=np.uint8)
    found[0, 0] = 0, 0, 0, 255, 255, 255
    Path("images").mkdir()
    for number, pixels in enumerate(found):
        Image.fromarray(pixels).save(f"images/{number:02}.png")
    Path("grey.yaml").write_text(GREY)
    return found


def test_an_image_is_what_it_was_in_arrays_from_0_to_1(nnfs: Nnfs, images: np.ndarray) -> None:
    floats = images.astype(np.float32) / 255
    np.savez("grey.npz", x=floats, y=np.arange(20) % 2)
    np.save("floats.npy", floats)
    assert nnfs("train", "grey.yaml", "-q").code == 0
    expected = nnfs("predict", "floats.npy", "--json").document["predictions"]
    found = nnfs("predict", "images", "--json").document["predictions"]
    assert len(found) == len(expected) == 20
    for one, other in zip(found, expected, strict=True):
        assert one["label"] == other["label"]
        assert one["probability"] == pytest.approx(other["probability"], rel=1e-5)


def test_images_are_refused_after_arrays_of_an_unknown_range(
    nnfs: Nnfs, images: np.ndarray
) -> None:
    floats = (images.astype(np.float32) - 127) / 60
    np.savez("grey.npz", x=floats, y=np.arange(20) % 2)
    np.save("floats.npy", floats)
    assert nnfs("train", "grey.yaml", "-q").code == 0
    assert "brightest value is unknown" in nnfs("predict", "images/00.png").refused(3)
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
        ("/dev/null", "is no place for a file"),
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


def test_no_digit_and_several_are_said_instead_of_answered(
    nnfs: Nnfs, trained: Path, digits: np.ndarray
) -> None:
    Image.new("L", (200, 200), 255).save("blank.png")
    Image.new("L", (28, 28), 0).save("black.png")
    Image.fromarray(np.concatenate(digits[:3, ..., 0], axis=1)).save("three.png")
    Image.fromarray(digits[0, ..., 0]).save("one.png")
    names = ["blank.png", "black.png", "three.png", "one.png"]
    result = nnfs("predict", *names, "--output", "a.csv")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0].startswith("blank.png  no digit found (--force answers all the same)")
    assert lines[1].startswith("black.png  no digit found")
    assert lines[2].startswith("three.png  3 separate figures")
    assert f"run {trained.name}, checkpoint best" in result.err
    rows = list(csv.DictReader(Path("a.csv").read_text().splitlines()))
    assert [row["label"] == "" for row in rows] == [True, True, True, False]
    assert [row["error"] for row in rows] == [
        "no digit found", "no digit found", "3 separate figures", "",
    ]  # fmt: skip
    document = nnfs("predict", *names, "--json").document
    assert Path(document["run"]).name == trained.name
    assert [answer.get("reason") for answer in document["predictions"]][:3] == [
        "no digit found", "no digit found", "3 separate figures",
    ]  # fmt: skip
    assert document["predictions"][0]["label"] is None
    forced = nnfs("predict", *names, "--force", "--json").document["predictions"]
    assert all(answer["label"] in "0123456789" for answer in forced)
    assert "3 separate figures" in forced[2]["notes"]


ARRAYS = DIGITS.replace("{type: digits, geometry: mnist}", "{type: npz, path: digits.npz}")
FOLDER = DIGITS.replace("{type: digits, geometry: mnist}", "{type: image_folder, path: digits}")
TABLE = DIGITS.replace(
    "{type: digits, geometry: mnist}", "{type: csv, path: digits.csv, shape: [28, 28, 1]}"
)


def written(kind: str) -> str:
    """The bundled digits as a stranger has them, and the config that trains on them."""
    found = Digits(geometry="mnist").load(Source()).train
    inputs, targets = found.inputs[:600, ..., 0], found.targets[:600]
    if kind == "npz":
        np.savez("digits.npz", x=inputs, y=targets)
        return ARRAYS
    if kind == "csv":
        table = np.column_stack([inputs.reshape(600, -1), targets])
        names = ",".join([*(f"pixel{n}" for n in range(784)), "label"])
        np.savetxt("digits.csv", table, "%d", ",", header=names, comments="")
        return TABLE
    for number, (image, label) in enumerate(zip(inputs, targets, strict=True)):
        Path(f"digits/{label}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(f"digits/{label}/{number}.png")
    return FOLDER


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["npz", "csv", "folder"])
def test_digits_of_any_source_are_read_as_those_of_mnist(
    nnfs: Nnfs, folder: Path, digits: np.ndarray, kind: str
) -> None:
    Path("digits.yaml").write_text(written(kind))
    assert nnfs("train", "digits.yaml", "-q").code == 0
    large = np.kron(255 - digits[:12, ..., 0], np.ones((5, 5), np.uint8))
    for number, (image, small) in enumerate(zip(large, digits, strict=False)):
        page = np.pad(image, ((10, 90), (60, 5)), constant_values=255)
        Image.fromarray(page).save(f"{number:02}-page.png")
        Image.fromarray(small[..., 0]).save(f"{number:02}-same.png")
    files = sorted(str(path) for path in Path().glob("*.png"))
    answers = nnfs("predict", *files, "--json").document["predictions"]
    pairs = list(zip(answers[::2], answers[1::2], strict=True))
    assert all("centred" in page["notes"] for page, _ in pairs)
    assert sum(page["label"] == same["label"] for page, same in pairs) >= 11
    assert all(same["notes"] == [] for _, same in pairs)


def test_json_shows_no_image(nnfs: Nnfs, folder: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (40, 8, 8), dtype=np.uint8)
    np.savez("p.npz", x=images, y=np.arange(40) % 2)
    Path("p.yaml").write_text(
        "data: {type: npz, path: p.npz}\nlayers: [flatten, {type: dense, units: 2}]\n"
        "loss: cross_entropy\noptimizer: adam\ntrain: {epochs: 1}\n"
    )
    assert nnfs("train", "p.yaml", "-q").code == 0
    np.save("x.npy", images[:1])
    assert len(nnfs("predict", "x.npy", "--show").out.splitlines()) > 4
    assert len(nnfs("predict", "x.npy", "--show", "--json").document["predictions"]) == 1


@pytest.mark.parametrize(
    ("top", "line"),
    [
        ([("7", 0.99312), ("1", 0.0042)], "x.png  7 99.31 %  (1 0.42 %)  [centred]"),
        ([("7", 1.0)], "x.png  7 100.00 %  [centred]"),
        ([("7", None), ("1", None)], "x.png  7  (1)  [centred]"),
    ],
)
def test_the_line_of_an_answer(top: list[tuple[str, float | None]], line: str) -> None:
    assert prediction_line(Prediction("x.png", top, [], ["centred"])) == line
