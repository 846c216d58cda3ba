"""What files bring beside the samples: it is used, or it is named."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import Nnfs, latest

TABLE = """\
data: {type: csv, path: t.csv, target: kind, validation: 0}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: adam
metrics: [accuracy]
train: {epochs: 1, workers: 1}
"""
ARRAYS = TABLE.replace("type: csv, path: t.csv, target: kind", "type: npz, path: t.npz")
GREYS = """\
data: {type: image_folder, path: levels, validation: 0}
layers: [flatten, {type: dense, units: 10}]
loss: {type: cross_entropy, class_weights: WEIGHTS}
optimizer: {type: adam, lr: 0.05}
metrics: [accuracy]
train: {epochs: 20, batch_size: 16, workers: 1}
"""


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def trained_on_a_table(nnfs: Nnfs, folder: Path) -> None:
    lines = [f"{n},{n % 2},{'ab'[n % 2]}" for n in range(40)]
    Path("t.csv").write_text("\n".join(["size,odd,kind", *lines]) + "\n")
    Path("t.yaml").write_text(TABLE)
    assert nnfs("train", "t.yaml", "-q").code == 0


@pytest.fixture
def greys(folder: Path) -> None:
    """Ten classes of 2 x 2 pixels, called 1 to 10, brighter with the number."""
    generator = np.random.default_rng(0)
    for label in range(1, 11):
        Path(f"levels/{label}").mkdir(parents=True)
        for number in range(8):
            pixels = 24 * label + generator.integers(-6, 7, (2, 2))
            Image.fromarray(pixels.astype(np.uint8)).save(f"levels/{label}/{number}.png")


@pytest.mark.parametrize("command", [["predict", "n.csv"], ["eval", "--data", "n.csv"]])
def test_columns_that_training_had_not_are_named(
    nnfs: Nnfs, trained_on_a_table: None, command: list[str]
) -> None:
    Path("n.csv").write_text("city,odd,size,kind,zip\nx,1,3,b,1\ny,0,4,a,2\n")
    result = nnfs(*command)
    assert result.code == 0
    told = (result.out + result.err).count("training had no such columns: 'city', 'zip'")
    assert told == 1
    Path("n.csv").write_text("odd,size,kind\n1,3,b\n0,4,a\n")
    result = nnfs(*command)
    assert "not used" not in result.out + result.err


@pytest.mark.parametrize("command", [["predict", "n.npz"], ["eval", "--data", "n.npz"]])
def test_arrays_that_are_not_used_are_named(nnfs: Nnfs, folder: Path, command: list[str]) -> None:
    x, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    np.savez("t.npz", x=x, y=y)
    Path("t.yaml").write_text(ARRAYS)
    assert nnfs("train", "t.yaml", "-q").code == 0
    np.savez("n.npz", x=x[:4], y=y[:4], sources=y[:4], ids=y[:4])
    result = nnfs(*command)
    assert result.code == 0
    assert (result.out + result.err).count("not used of n.npz: ids, sources") == 1
    np.savez("n.npz", x=x[:4], y=y[:4])
    result = nnfs(*command)
    assert "not used" not in result.out + result.err


def test_files_of_a_folder_that_are_called_no_image_are_named(nnfs: Nnfs, greys: None) -> None:
    Path("g.yaml").write_text(GREYS.replace("WEIGHTS", "null"))
    assert nnfs("train", "g.yaml", "-q", "--epochs", "1").code == 0
    Path("levels/3/holiday.HEIC").write_bytes(b"x")
    for command in (["predict", "levels"], ["eval", "--data", "levels"]):
        result = nnfs(*command)
        assert result.code == 0
        assert (result.out + result.err).count("called no image: .heic (1)") == 1
    Path("none").mkdir()
    assert "the folder none has no images; name one" in nnfs("predict", "none").err
    Path("none/holiday.HEIC").write_bytes(b"x")
    result = nnfs("predict", "none")
    assert result.code == 3
    assert "has no images, but files of other kinds: .heic (1)" in result.err


@pytest.mark.parametrize("weights", ["{2: 1000}", "[1, 1000, 1, 1, 1, 1, 1, 1, 1, 1]"])
def test_class_weights_by_name_and_in_the_order_that_check_shows(
    nnfs: Nnfs, greys: None, weights: str
) -> None:
    Path("g.yaml").write_text(GREYS.replace("WEIGHTS", weights))
    shown = nnfs("check", "g.yaml").out
    others = ", ".join(f"{label}: 1" for label in range(3, 11))
    assert f"weights     1: 1, 2: 1000, {others}\n" in shown
    assert nnfs("train", "g.yaml", "-q").code == 0
    answers = nnfs("predict", "levels").out.splitlines()
    assert len(answers) == 80
    assert sum(line.split()[1] == "2" for line in answers) > 40  # of 8
    assert nnfs("reproduce", "latest").code == 0


def test_a_class_weight_of_no_class(nnfs: Nnfs, greys: None) -> None:
    Path("g.yaml").write_text(GREYS.replace("WEIGHTS", "{1: 2, 11: 3}"))
    result = nnfs("check", "g.yaml")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "g.yaml:3:" in result.err
    assert "class_weights names '11', which is no class; did you mean '1" in result.err
    result = nnfs("check", "g.yaml", "loss.class_weights={1: -2}")
    assert result.code == 2
    assert "each value a number from 0 to 1e+12" in result.err
    shown = nnfs("check", "g.yaml", "loss.class_weights={1: 2}", "loss.class_weights.1=5").out
    assert "weights     1: 5, 2: 1" in shown


def test_a_regression_is_told_by_its_targets_name(nnfs: Nnfs, trained_on_a_table: None) -> None:
    changes = ["data.target=size", "layers.0.units=1", "loss=mse", "metrics=[rmse]"]
    assert nnfs("train", "t.yaml", "data.task=regression", *changes, "-q").code == 0
    assert nnfs("eval", "latest").code == 0
    table = rows_of(latest() / "eval/test/predictions.csv")
    assert table[0] == ["index", "true_size", "predicted_size", "sample"]
    lines = Path("t.csv").read_text().splitlines()
    for _, true, _, sample in table[1:]:
        line = int(sample.removeprefix("t.csv:"))
        assert float(lines[line - 1].split(",")[0]) == float(true)


def test_missing_values_are_counted_by_column(nnfs: Nnfs, folder: Path) -> None:
    rows = [[str(n), str(n * n % 7), "ab"[n % 2]] for n in range(30)]
    rows[4][0] = rows[9][0] = ""
    rows[6][1] = "NA"
    Path("t.csv").write_text("\n".join(["age,fare,kind", *map(",".join, rows)]) + "\n")
    result = nnfs("init", "t.csv")
    assert result.code == 3
    assert "row 6, column 'age': the value is missing" in result.err
    assert "(in 30 rows: 2 of 'age', 1 of 'fare')" in result.err
    assert "--ignore" in result.err
    result = nnfs("init", "t.csv", "--ignore", "age")
    assert "row 8, column 'fare': the value is missing; fill it in" in result.err
    rows[6][1] = "3"
    Path("t.csv").write_text("\n".join(["age,fare,kind", *map(",".join, rows)]) + "\n")
    result = nnfs("init", "t.csv", "--ignore", "age")
    assert result.code == 0
    assert "left out  age: as asked" in result.out
    assert nnfs("train", "t.yaml", "-q", "--epochs", "1").code == 0
    result = nnfs("init", "t.csv", "--ignore", "agee", "--force")
    assert (result.code, "did you mean 'age'?" in result.err) == (3, True)
    assert nnfs("init", "moons", "--ignore", "age").code == 2


@pytest.mark.parametrize("command", [["predict", "n.csv"], ["eval", "--data", "n.csv"]])
def test_a_missing_value_is_not_to_be_mended_by_the_config(
    nnfs: Nnfs, trained_on_a_table: None, command: list[str]
) -> None:
    Path("n.csv").write_text("odd,size,kind\n1,,b\n0,4,a\n")
    result = nnfs(*command)
    assert result.code == 3
    assert (
        "row 2, column 'size': the value is missing; fill it in or remove the row\n" in result.err
    )


def test_a_column_called_id_with_a_number_of_its_own_in_each_row_is_left_out(
    nnfs: Nnfs, folder: Path
) -> None:
    ids = np.random.default_rng(0).permutation(60)
    rows = [f"{ids[n]},{n % 5},{ids[n]},{'ab'[n % 2]}" for n in range(60)]
    Path("t.csv").write_text("\n".join(["PassengerId,n,paid,kind", *rows]) + "\n")
    assert nnfs("init", "t.csv").code == 0
    assert "  ignore: [PassengerId] #" in Path("t.yaml").read_text()


@pytest.mark.parametrize(
    ("names", "pixels", "shape"),
    [
        ([f"pixel{n}" for n in range(784)], 784, "[28, 28, 1]"),
        ([f"{n // 28 + 1}x{n % 28 + 1}" for n in range(784)], 784, "[28, 28, 1]"),
        ([f"p_{n // 8}_{n % 8}" for n in range(64)], 64, "[8, 8, 1]"),
        ([f"gene{n}x" for n in range(64)], 64, ""),
        ([f"p{n}" for n in range(65)], 65, ""),
        ([*(f"p{n}" for n in range(63)), "mean"], 64, ""),
    ],
)
def test_a_table_of_pixels_becomes_images(
    nnfs: Nnfs, folder: Path, names: list[str], pixels: int, shape: str
) -> None:
    cells = np.random.default_rng(0).integers(0, 256, (40, pixels))
    rows = [",".join(map(str, [n % 4, *cells[n]])) for n in range(40)]
    Path("t.csv").write_text("\n".join([",".join(["label", *names]), *rows]) + "\n")
    result = nnfs("init", "t.csv")
    assert result.code == 0
    assert ("as images of" in result.out) == bool(shape)
    text = Path("t.yaml").read_text()
    assert (f"  shape: {shape} " in text) == bool(shape)
    assert text.count("  # column ") == 30
    assert f"  # and {pixels + 1 - 30} columns more\n" in text
    assert nnfs("train", "t.yaml", "-q", "--epochs", "1").code == 0
    if shape:
        side = int(pixels**0.5)
        Image.fromarray(cells[0].reshape(side, side).astype(np.uint8)).save("one.png")
        assert nnfs("predict", "one.png", "--no-center", "--no-invert").code == 0


@pytest.mark.parametrize("path", ["C:\\Users\\me\\t.csv", "D:\\Daten\\t.csv", "C:\\temp\\new.csv"])
def test_a_windows_path_in_double_quotes(nnfs: Nnfs, folder: Path, path: str) -> None:
    Path("t.yaml").write_text(TABLE.replace("t.csv", f'"{path}"'))
    result = nnfs("check", "t.yaml")
    assert result.code in (2, 3)
    assert "use single quotes, or /" in result.err
    assert result.err.count("\n") == 1
    Path("t.yaml").write_text(TABLE.replace("t.csv", f"'{path}'"))
    assert f"there is no file {path};" in nnfs("check", "t.yaml").err
