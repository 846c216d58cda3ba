"""Configs to start from: every one of them is valid, whatever the table's columns are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from nnfs_cli.config.config import load_config, validate
from nnfs_cli.config.presets import presets, starting_config, write_config
from nnfs_cli.config.recipes import recipes
from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.experiment.build import build

RECIPES = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))


def test_every_recipe_is_listed() -> None:
    assert list(presets()) == [path.stem for path in RECIPES] == list(recipes())


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_says_what_it_is_and_is_handed_out_as_it_stands(path: Path) -> None:
    summary = presets()[path.stem]
    assert summary
    assert summary.endswith(".")
    start = starting_config(path.stem, None)
    name, text = start.name, start.text
    assert (name, text) == (path.stem, path.read_text())
    assert validate(parse(text, name)).name == name


def test_what_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no preset 'mnits'; did you mean 'mnist'\?"):
        starting_config("mnits", None)
    with pytest.raises(UsageError, match="--target goes with a CSV file"):
        starting_config("mnist", "y")
    with pytest.raises(DataError, match="has no class folders"):
        starting_config(str(tmp_path), None)
    with pytest.raises(DataError, match=r"none\.csv"):
        starting_config(str(tmp_path / "none.csv"), None)


TAKES = "; init takes a recipe's name, a CSV file or a folder of images"


def test_what_looks_like_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flat").mkdir()
    Path("flat/0.png").touch()
    Path("README").touch()
    for preset, message in {
        "missing/": f"there is no folder 'missing/'{TAKES}",
        "mnist.d": f"there is no folder 'mnist.d'{TAKES}",
        "flat/0.png": f"'flat/0.png' is no folder and no CSV file{TAKES}",
        "README": f"'README' is no folder and no CSV file{TAKES}",
        "mnist.yaml": "there is no preset 'mnist.yaml'; did you mean 'mnist'?",
        "textbooks/flower": "there is no preset 'textbooks/flower'; did you mean 'flower'?",
    }.items():
        with pytest.raises(UsageError) as caught:
            starting_config(preset, None)
        assert str(caught.value) == message
    with pytest.raises(UsageError, match="there is no preset"):
        starting_config("x" * 300, None)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        *(
            ("t.csv.bz2", "unpack it"),
            ("t.xlsx", "save it as CSV"),
            ("t.parquet", "save it as CSV"),
        ),
        ("t.npz", "take a recipe, and write `data: {type: npz, path: FILE}` in it"),
    ],
)
def test_files_of_other_kinds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, remedy: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("a\tb\n1\t2\n")
    with pytest.raises(UsageError) as caught:
        starting_config(name)
    assert str(caught.value) == f"{name!r} is no folder and no CSV file; {remedy}"


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    write_config(path, "a: 1\n", force=False)
    with pytest.raises(UsageError, match="exists; choose another --output, or add --force"):
        write_config(path, "b: 1\n", force=False)
    assert path.read_text() == "a: 1\n"
    write_config(path, "b: 1\n", force=True)
    assert path.read_text() == "b: 1\n"


CLASSES = ["setosa", "virginica", "versicolor"]
TRICKY = ["no", "7", "a: b", "# x", "two\nlines", "", "naïve", "{k}", "\x07", "'", '"q"']


def table(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    import csv

    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def proposed(path: Path, target: str | None, folder: Path) -> tuple[str, list[str]]:
    """The network that a proposed config builds: the loss, and its output's shape."""
    text = starting_config(str(path), target).text
    assert all(line.isprintable() for line in text.split("\n"))
    config = folder / "proposed.yaml"
    config.write_text(text)
    built = build(load_config(config)[0], Source(cache_dir=folder, offline=True))
    assert config.read_text().startswith("# Made from ")
    return built.config.loss.word, [*built.data.preprocessing.labels]


@pytest.mark.parametrize("tricky", [*TRICKY[:5], *TRICKY[6:]])
def test_any_name_and_label(tmp_path: Path, tricky: str) -> None:
    labels = [tricky, "other"]
    rows: list[list[object]] = [[n / 7, n * n, labels[n % 2]] for n in range(60)]
    path = table(tmp_path / "data.csv", ["one", "two", tricky], rows)
    loss, found = proposed(path, tricky, tmp_path)
    assert loss == "cross_entropy"
    assert set(found) == {label.strip() for label in labels}


@pytest.mark.parametrize("name", ["no", "1e3", "a: b", "# x", "new\nline", "ü", "[x]"])
def test_any_file_name(tmp_path: Path, name: str) -> None:
    rows: list[list[object]] = [[n / 7, n / 3, 2.5 * n + 0.1] for n in range(60)]
    path = table(tmp_path / f"{name}.csv", ["one", "two", "y"], rows)
    loss, labels = proposed(path, "y", tmp_path)
    assert (loss, labels) == ("mse", [])


def test_a_target_by_position(tmp_path: Path) -> None:
    rows: list[list[object]] = [[CLASSES[n % 3], n / 7, n / 3] for n in range(60)]
    path = table(tmp_path / "data.csv", ["kind", "one", "two"], rows)
    for target in ("0", "-3", "kind"):
        assert proposed(path, target, tmp_path) == ("cross_entropy", sorted(CLASSES))


def test_names_and_ids_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    rows = [f"{i + 100},person {i},{i * 7 % 40},{'ab'[i % 2]}" for i in range(60)]
    path.write_text("\n".join(["id,name,age,label", *rows]) + "\n")
    text = starting_config(str(path), None).text
    assert "  ignore: [id, name] #" in text
    assert "1 features" in text
    config = validate(parse(text, "people.yaml"))
    assert config.data.load(Source()).train.inputs.shape[1] == 1


@pytest.mark.parametrize("divided", [False, True])
@pytest.mark.parametrize(("pixels", "side"), [(5, 16), (23, 16), (24, 32), (33, 32), (500, 64)])
def test_a_folder_of_images(tmp_path: Path, divided: bool, pixels: int, side: int) -> None:
    folder = tmp_path / "it's: #1"
    for part in ("train", "val", "test") if divided else ("",):
        for label in ("yes: {no}", "#2"):
            (folder / part / label).mkdir(parents=True)
            for number in range(10):
                image = Image.new("RGB", (pixels, pixels), (number, 200, 3))
                image.save(folder / part / label / f"{number}.png")
    start = starting_config(str(folder), None)
    name, text = start.name, start.text
    assert name == folder.name
    built = build(validate(parse(text, "written")), Source())
    assert built.config.name == folder.name
    assert built.data.preprocessing.input_shape == (side, side, 3)
    assert built.data.validation
    assert built.data.test
    assert ("validation:" in text) is not divided
    assert built.network.model.output_shape == (2,)
    purpose = " for training" if divided else ""
    assert text.startswith(f"# Made from {folder}: 20 images{purpose}, 2 classes.\nname: ")


def images(folder: Path, *classes: str) -> Path:
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(9):
            Image.new("L", (9, 9), number).save(folder / name / f"{number}.png")
    return folder


@pytest.mark.parametrize("part", ["", "train/"])
def test_a_single_class_is_refused(tmp_path: Path, part: str) -> None:
    folder = images(tmp_path / "alone", f"{part}cat")
    with pytest.raises(DataError, match=r"alone has images of one class only, 'cat'; add a sub"):
        starting_config(str(folder), None)


def test_folders_that_are_no_split_are_named(tmp_path: Path) -> None:
    folder = images(tmp_path / "pets", "train/cat", "train/dog", "notes", "two\nlines")
    text = starting_config(str(folder), None).text
    assert "\n# Left out, since they are not part of the data: notes, two lines\nname: " in text
    assert validate(parse(text, "c")).name == "pets"
    images(folder, *"abcdef")
    text = starting_config(str(folder), None).text
    assert ": a, b, c, d, e, ...\nname: " in text


def test_columns_of_thousands_of_names_are_left_out(tmp_path: Path) -> None:
    rows = "".join(f"id-{i},{i / 7:.3f},{i % 2}\n" for i in range(1500))
    (tmp_path / "t.csv").write_text("customer,a,y\n" + rows)
    start = starting_config(str(tmp_path / "t.csv"), None)
    assert start.taken[2:] == [
        "columns   1 to learn from",
        "left out  customer: hardly two rows are alike",
    ]
    assert "ignore: [customer]" in start.text


@pytest.mark.parametrize("between", ["   ", "\t", " \t "])
def test_a_table_of_blanks(tmp_path: Path, between: str) -> None:
    rows = [f' {n * 0.5:.2f}  {n % 3}{between}{n % 7}\t"car {n % 5}"' for n in range(1, 40)]
    path = tmp_path / "cars.data"
    path.write_text("\n".join(rows) + "\n")
    proposal = starting_config(str(path), "1")
    assert proposal.name == "cars"
    config = validate(parse(proposal.text, "c.yaml"))
    assert isinstance(config.data, Csv)
    assert config.data.delimiter == "blanks"
    assert len(config.data.load(Source()).columns) == 4
