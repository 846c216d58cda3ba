"""Labels of images from a table of their names, and from the names themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from nnfs_cli.data.dataset import Loaded
from nnfs_cli.data.datasets.image_folder import ImageFolder
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError


def made(root: Path, *names: str) -> str:
    """Images, each of one grey value: its place among the names."""
    for grey, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), grey).save(root / name)
    return str(root)


def load(path: str, labels: str) -> Loaded:
    return ImageFolder(path=path, labels=labels, test=0.0).load(Source())


def labelled(loaded: Loaded) -> dict[int, str]:
    """The class of each image, told by its grey."""
    targets = loaded.train.targets
    greys = loaded.train.inputs[:, 0, 0, 0]
    return {int(g): loaded.labels[t] for g, t in zip(greys, targets, strict=True)}


NAMES = ("a/1.png", "a/2.png", "3.png", "b.c/4.x.png")
TABLES = {
    "names": "1.png,cat\n2.png,dog\n3.png,cat\n4.x.png,dog\n",
    "paths": "file,label\na/1.png,cat\na/2.png,dog\n./3.png,cat\nb.c/4.x.png,dog\n",
    "no endings": "\ufeffid,label\r\n1,cat\r\n2,dog\r\n3,cat\r\n4.x,dog\r\n",
    "other order": "label,w,filename\ncat,1,1.png\ndog,2,2.png\ncat,3,3.png\ndog,4,4.x.png\n",
    "second": "photo\tkind\n1\tcat\n2\tdog\n3\tcat\n4.x\tdog\n",
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_a_table_of_labels(tmp_path: Path, text: str) -> None:
    path = made(tmp_path / "p", *NAMES)
    (tmp_path / "labels.csv").write_bytes(text.encode())
    loaded = load(path, str(tmp_path / "labels.csv"))
    assert labelled(loaded) == {0: "cat", 1: "dog", 2: "cat", 3: "dog"}
    assert ("column 'filename' names the images" in loaded.notice) == ("filename" in text)


def test_the_table_may_lie_in_the_folder_and_images_without_a_row_are_said(tmp_path: Path) -> None:
    path = made(tmp_path / "p", *NAMES)
    (tmp_path / "p" / "l.csv").write_text("1.png,07\n3.png,7\n")
    loaded = load(path, "l.csv")
    assert labelled(loaded) == {0: "07", 2: "7"}
    assert "since l.csv has no row for them: 2 images" in loaded.notice


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,label\n1.png,cat\n9.png,dog\n", "row 3: there is no image '9.png'"),
        ("file,label\n1.png,cat\n../3.png,dog\n", "row 3: there is no image '../3.png'"),
        ("file,label\n1.png,cat\n1,dog\n", "row 3: '1' stands in row 2 already"),
        (
            "file,label\n1.png,cat\n3.png,\n",
            "labels.csv: row 3, column 'label': the value is missing",
        ),
        ("1.png\n3.png\n", "has one column"),
        ("1.png,a\n3.png,\x1b[31m\n", "cannot be printed"),
    ],
)
def test_faults_of_a_table(tmp_path: Path, text: str, message: str) -> None:
    path = made(tmp_path / "p", *NAMES)
    made(tmp_path, "3.png")
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError) as caught:
        load(path, str(tmp_path / "labels.csv"))
    assert message in str(caught.value)


def test_names_that_are_not_unique(tmp_path: Path) -> None:
    path = made(tmp_path / "p", "a/1.png", "b/1.png")
    (tmp_path / "l.csv").write_text("file,label\n1.png,x\n")
    with pytest.raises(DataError, match=r"row 2: there is 2 images '1\.png'"):
        load(path, str(tmp_path / "l.csv"))


@pytest.mark.parametrize(
    ("pattern", "names", "labels"),
    [
        ("{label}_*", ["cat_1.png", "dog_a_2.png"], ["cat", "dog"]),
        ("{label}.*", ["cat.0.png", "dog.png"], ["cat", "dog"]),
        ("*_{label}", ["1_cat.png", "x_2_dog.png"], ["cat", "dog"]),
        ("img-{label}-*-[x]", ["img-a b-1-[x].png", "img-c-2-[x].png"], ["a b", "c"]),
        ("*/{label}/*", ["p/cat/1.png", "q/dog/2.png"], ["cat", "dog"]),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, names: list[str], labels: list[str]) -> None:
    loaded = load(made(tmp_path / "p", *names), pattern)
    assert labelled(loaded) == dict(enumerate(labels))


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{label}-*", "2 images in .* have no label in their names, which are not like"),
        ("{label}{label}", "a pattern has {label} once"),
        ("*{label}****", "at most 3"),
        ("none.csv", "there is no file none.csv"),
    ],
)
def test_faults_of_patterns(tmp_path: Path, pattern: str, message: str) -> None:
    path = made(tmp_path / "p", "cat_1.png", "dog_2.png")
    with pytest.raises(DataError, match=message):
        load(path, pattern)
