from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.data.images.geometry import Geometry, like_mnist
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.errors import UsageError
from nnfs_cli.predict.inputs import Failure, Input, read_inputs

ONE, ZERO = np.ones((), np.float32), np.zeros((), np.float32)
FIGURES = like_mnist(28)
DIGITS = Preprocessing(
    (28, 28, 1), ONE, ZERO, tuple("0123456789"), "digit", white=255, figures=FIGURES
)
ROWS = Preprocessing((2,), ONE, ZERO, ("no", "yes"), "vector")
TABLE = Preprocessing(
    (3,),
    ONE,
    ZERO,
    ("no", "yes"),
    "table",
    [
        {"name": "size", "kind": "number"},
        {"name": "colour", "kind": "category", "categories": ["blue", "red"]},
        {"name": "answer", "kind": "target"},
    ],
)


def digit(value: int = 255) -> np.ndarray:
    image = np.zeros((28, 28), dtype=np.uint8)
    image[5:24, 12:17] = value
    return image


def good(found: Sequence[Input | Failure]) -> list[Input]:
    assert all(isinstance(item, Input) for item in found), found
    return [item for item in found if isinstance(item, Input)]


def read(path: object, preprocessing: Preprocessing = DIGITS) -> list[Input]:
    return good(list(read_inputs([str(path)], preprocessing)))


def message(path: object, preprocessing: Preprocessing = DIGITS) -> str:
    (failure,) = read_inputs([str(path)], preprocessing)
    assert isinstance(failure, Failure)
    assert "\n" not in str(failure.error)
    return str(failure.error)


def test_an_image_in_the_datas_own_geometry_is_its_pixels(tmp_path: Path) -> None:
    Image.fromarray(digit()).save(tmp_path / "one.png")
    (item,) = read(tmp_path / "one.png")
    np.testing.assert_array_equal(item.array, digit()[..., None])
    assert item.name == str(tmp_path / "one.png")
    assert item.notes == []


def test_a_folder_is_its_images_in_order(tmp_path: Path) -> None:
    for name in ("b.png", "a.bmp", "c.jpg"):
        Image.fromarray(digit()).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / ".hidden.png").write_bytes(b"")
    assert [Path(item.name).name for item in read(tmp_path)] == ["a.bmp", "b.png", "c.jpg"]


def test_a_folder_is_all_images_in_it_but_hidden_ones(tmp_path: Path) -> None:
    kept = ["a/x.png", "a-b.png", "b/deep/down/y.PNG", "c.png"]
    for name in (*kept, "b/.hidden/z.png", "__MACOSX/b/y.png", "b/._y.png", "b/notes.txt"):
        (tmp_path / "all" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(digit()).save(tmp_path / "all" / name, format="PNG")
    found = [str(Path(item.name).relative_to(tmp_path / "all")) for item in read(tmp_path / "all")]
    assert found == [str(path) for path in sorted(map(Path, kept))]


def test_links_to_folders_are_followed_unless_they_lead_in_a_circle(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "all", tmp_path / "elsewhere"
    for part in (folder / "a", elsewhere):
        part.mkdir(parents=True)
        Image.fromarray(digit()).save(part / "x.png")
    (folder / "b").symlink_to(elsewhere, target_is_directory=True)
    (elsewhere / "back").symlink_to(folder / "a", target_is_directory=True)
    (folder / "a" / "on").symlink_to(elsewhere, target_is_directory=True)
    (folder / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    found = [str(Path(item.name).relative_to(folder)) for item in read(folder)]
    assert {"a/x.png", "b/x.png"} <= set(found)
    assert len(found) < 10


def test_a_folder_is_named_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "all" / "a").mkdir(parents=True)
    Image.fromarray(digit()).save(tmp_path / "all" / "a" / "x.png")
    monkeypatch.chdir(tmp_path)
    assert [item.name for item in read("all")] == ["all/a/x.png"]
    assert [item.name for item in read("../" + tmp_path.name)] == [
        f"../{tmp_path.name}/all/a/x.png"
    ]


def test_the_other_files_are_answered(tmp_path: Path) -> None:
    for name in ("a.png", "e.png"):
        Image.fromarray(digit()).save(tmp_path / name)
    (tmp_path / "b.png").write_bytes(b"")
    (tmp_path / "c.png").write_text("text")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "d.png").write_bytes(whole[: len(whole) - 30])
    paths = [str(tmp_path / "none.png"), str(tmp_path), str(tmp_path / "e.png")]
    found = list(read_inputs(paths, DIGITS))
    assert [type(item) for item in found] == [
        Failure,
        Input,
        Failure,
        Failure,
        Failure,
        Input,
        Input,
    ]
    assert [Path(item.name).name for item in found][2:5] == ["b.png", "c.png", "d.png"]


def test_reading_is_lazy(tmp_path: Path) -> None:
    Image.fromarray(digit()).save(tmp_path / "a.png")
    items = read_inputs([str(tmp_path / "a.png"), str(tmp_path / "later.png")], DIGITS)
    assert isinstance(next(items), Input)
    Image.fromarray(digit()).save(tmp_path / "later.png")
    assert isinstance(next(items), Input)


def test_arrays_of_many_inputs_and_of_one(tmp_path: Path) -> None:
    images = np.stack([digit(n) for n in (101, 102, 103)])
    np.save(tmp_path / "many.npy", images)
    np.save(tmp_path / "one.npy", images[0])
    np.savez(tmp_path / "test.npz", x_test=images, y_test=np.array([1, 1, 1]))
    for name in ("many.npy", "test.npz"):
        items = read(tmp_path / name)
        assert [item.name for item in items] == [f"{tmp_path / name}[{i}]" for i in range(3)]
        np.testing.assert_array_equal(items[2].array, images[2][..., None])
    (one,) = read(tmp_path / "one.npy")
    np.testing.assert_array_equal(one.array, images[0][..., None])


@pytest.mark.parametrize("shape", [(12, 10, 3), (10, 3, 3), (4, 5, 1)])
def test_channels_first_in_a_stack_and_alone(tmp_path: Path, shape: tuple[int, ...]) -> None:
    network = Preprocessing(shape, ONE, ZERO, ("a", "b"), "image", white=255)
    last = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    for name, array in {
        "last.npy": last,
        "first.npy": np.moveaxis(last, -1, 0),
        "stack.npy": np.moveaxis(last, -1, 0)[None],
    }.items():
        np.save(tmp_path / name, array)
        (item,) = read(tmp_path / name, network)
        np.testing.assert_array_equal(item.array, last, name)


def test_tables_are_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("size,colour\n1.5,red\n\n2,blue\n")
    items = read(path, TABLE)
    assert [item.name for item in items] == [f"{path}:2", f"{path}:4"]
    assert [item.array.tolist() for item in items] == [[1.5, 0, 1], [2, 1, 0]]
    bare = tmp_path / "bare.tsv"
    bare.write_text("1\t2\n3\t4\n")
    assert [item.name for item in read(bare, ROWS)] == [f"{bare}:1", f"{bare}:2"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [("size,colour\n1,green\n", "green"), ("size\n1\n", "colour"), ("", "empty"), ("a,b\n1\n", "")],
)
def test_faults_in_tables_name_the_file(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    said = message(tmp_path / "t.csv", TABLE)
    assert "t.csv" in said
    assert fault in said


def test_what_cannot_be_an_input(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    Image.fromarray(digit()).save(tmp_path / "a.png")
    np.save(tmp_path / "wrong.npy", np.zeros((4, 5)))
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "cut.npy").write_bytes((tmp_path / "wrong.npy").read_bytes()[:-8])
    assert "there is no file" in message(tmp_path / "none.png")
    assert "no images" in message(tmp_path / "empty")
    (tmp_path / "empty" / "sub").mkdir()
    (tmp_path / "empty" / "sub" / "a.txt").touch()
    assert "no images" in message(tmp_path / "empty")
    assert "takes 28 x 28 x 1" in message(tmp_path / "wrong.npy")
    assert "Python objects" in message(tmp_path / "objects.npy")
    assert "damaged" in message(tmp_path / "cut.npy")
    assert "not a table or an array" in message(tmp_path / "a.png", ROWS)
    assert "no regular file" in message("/dev/null")


def png(image: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def piped(content: bytes, preprocessing: Preprocessing = DIGITS) -> list[Input | Failure]:
    return list(read_inputs(["-"], preprocessing, stdin=io.BytesIO(content)))


def test_standard_input_is_known_by_its_content() -> None:
    (image,) = good(piped(png(digit())))
    assert image.name == "stdin"
    np.testing.assert_array_equal(image.array, digit()[..., None])
    (plain,) = good(piped(b"P2\n28 28\n255\n" + b"0 " * 784))
    assert not plain.array.any()
    rows = good(piped(b"size,colour\n3,red\n4,red\n", TABLE))
    assert [row.name for row in rows] == ["stdin:2", "stdin:3"]
    assert [row.name for row in good(piped(b"1\t2\n", ROWS))] == ["stdin:1"]
    packed = good(piped(gzip.compress(b"size,colour\n3,red\n"), TABLE))
    assert [row.name for row in packed] == ["stdin:2"]
    np.testing.assert_array_equal(packed[0].array, rows[0].array)
    arrays = good(piped(npy(np.stack([digit()] * 2))))
    assert [item.name for item in arrays] == ["stdin[0]", "stdin[1]"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "stdin"),
        (b"1,2,3\n", "stdin is not a table of 784"),
        (b"\xff\xfe\xfd\xfc", "stdin is no image"),
        (b"PK\x03\x04 and then nothing", "stdin is no valid .npz"),
    ],
)
def test_faults_of_standard_input(content: bytes, fault: str) -> None:
    (failure,) = piped(content)
    assert isinstance(failure, Failure)
    assert fault in str(failure.error)
    assert "/tmp" not in str(failure.error)


def test_standard_input_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnfs_cli.predict.inputs.MAX_STDIN", 10)
    (failure,) = piped(b"x" * 11)
    assert isinstance(failure, Failure)
    assert "standard input has more than" in str(failure.error)


def test_options_overrule_what_is_detected(tmp_path: Path) -> None:
    path = tmp_path / "dark.png"
    Image.fromarray(255 - digit()).save(path)
    (seen,) = read_inputs([str(path)], DIGITS)
    (kept,) = read_inputs([str(path)], DIGITS, invert=False, center=False)
    assert isinstance(seen, Input)
    assert isinstance(kept, Input)
    np.testing.assert_array_equal(seen.array, digit()[..., None])
    np.testing.assert_array_equal(kept.array, 255 - digit()[..., None])


@pytest.mark.parametrize("shape", [(16, 20, 1), (28, 28, 3), (2,)])
def test_centring_is_refused_at_once_where_it_cannot_be(shape: tuple[int, ...]) -> None:
    network = Preprocessing(shape, ONE, ZERO, ("a", "b"), "image", white=255)
    with pytest.raises(UsageError, match="--center is for square grey images"):
        read_inputs(["a.png"], network, center=True)


@pytest.mark.parametrize("figures", [None, FIGURES])
@pytest.mark.parametrize("shape", [(16, 20, 1), (28, 28, 3), (16, 20, 3)])
def test_images_for_any_shape_without_centring(
    tmp_path: Path, shape: tuple[int, ...], figures: Geometry | None
) -> None:
    Image.fromarray(digit()).save(tmp_path / "a.png")
    network = Preprocessing(shape, ONE, ZERO, ("a", "b"), "image", white=255, figures=figures)
    (plain,) = read(tmp_path / "a.png", network)
    assert plain.array.shape == shape
    (kept,) = good(
        list(read_inputs([str(tmp_path / "a.png")], network, invert=False, center=False))
    )
    np.testing.assert_array_equal(kept.array, plain.array)
    (inverted,) = good(list(read_inputs([str(tmp_path / "a.png")], network, invert=True)))
    np.testing.assert_array_equal(inverted.array, 255 - plain.array)


def test_inverting_is_refused_at_once_where_there_are_no_images() -> None:
    with pytest.raises(UsageError, match="--invert is for images, and the network takes 2;"):
        read_inputs(["a.csv"], ROWS, invert=True)


IMAGES = Preprocessing((28, 28, 1), ONE, ZERO, ("a", "b"), "image", white=255)


@pytest.mark.parametrize("white", [1, 65_535])
@pytest.mark.parametrize("figures", [None, FIGURES])
@pytest.mark.parametrize(
    ("invert", "center"), [(None, None), (True, None), (None, True), (True, True)]
)
@pytest.mark.parametrize("size", [28, 60])
def test_an_image_is_scaled_to_the_range_of_the_training(
    tmp_path: Path,
    white: int,
    figures: Geometry | None,
    invert: bool | None,
    center: bool | None,
    size: int,
) -> None:
    paper = np.zeros((size, size), dtype=np.uint8)
    paper[1:21, 2:10] = np.random.default_rng(0).integers(100, 256, (20, 8))
    Image.fromarray(paper).save(tmp_path / "a.png")

    def sample(white: int) -> np.ndarray:
        network = replace(IMAGES, white=white, figures=figures)
        paths = [str(tmp_path / "a.png")]
        (item,) = good(list(read_inputs(paths, network, invert=invert, center=center)))
        return item.array

    bytes_, scaled = sample(255), sample(white)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, bytes_ * (white / 255), rtol=1e-6)
    assert len(np.unique(scaled)) > 20


def test_a_dark_image_is_scaled_as_a_light_one(tmp_path: Path) -> None:
    Image.fromarray(np.ones((28, 28), dtype=np.uint8)).save(tmp_path / "a.png")
    (item,) = read(tmp_path / "a.png", replace(IMAGES, white=1))
    np.testing.assert_allclose(item.array, 1 / 255, rtol=1e-6)


@pytest.mark.parametrize(("white", "most"), [(1, 1), (255, 200), (65_535, 40_000), (None, 3)])
def test_arrays_of_the_trainings_range_stay(tmp_path: Path, white: int | None, most: float) -> None:
    values = np.linspace(0, most, 28 * 28, dtype=np.float32).reshape(1, 28, 28)
    np.save(tmp_path / "a.npy", values)
    (item,) = read(tmp_path / "a.npy", replace(IMAGES, white=white))
    np.testing.assert_array_equal(item.array[..., 0], values[0])
    assert item.notes == []


def test_an_image_is_refused_where_the_range_of_the_training_is_unknown(tmp_path: Path) -> None:
    Image.fromarray(digit()).save(tmp_path / "a.png")
    np.save(tmp_path / "b.npy", digit().astype(np.float32))
    paths = [str(tmp_path / name) for name in ("a.png", "b.npy")]
    failure, item = read_inputs(paths, replace(IMAGES, white=None))
    assert isinstance(failure, Failure)
    assert "brightest value is unknown; give it an array (.npy)" in str(failure.error)
    assert isinstance(item, Input)


def test_a_name_that_no_disk_takes_is_a_failure_among_the_others(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", digit())
    long = "x" * 5000
    failure, array = read_inputs([long, str(tmp_path / "a.npy")], DIGITS)
    assert isinstance(failure, Failure)
    assert failure.error.message == f"cannot read {long}: File name too long"
    assert isinstance(array, Input)
