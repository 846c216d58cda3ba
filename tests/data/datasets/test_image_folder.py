"""Folders of images that Pillow wrote, with everything that people's folders have in them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.components.described import describe
from nnfs_cli.compute import resources as available
from nnfs_cli.data.dataset import Dataset, Loaded
from nnfs_cli.data.datasets.image_folder import ImageFolder
from nnfs_cli.data.images.image_file import open_image
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, MachineError, UsageError
from nnfs_cli.predict.centering import fit_image

GENERATOR = np.random.default_rng(0)


def grey(height: int = 4, width: int = 5) -> np.ndarray:
    return GENERATOR.integers(0, 256, (height, width), dtype=np.uint8)


def colour(height: int = 4, width: int = 5) -> np.ndarray:
    return GENERATOR.integers(0, 256, (height, width, 3), dtype=np.uint8)


def put(path: Path, pixels: np.ndarray, **options: Any) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return pixels


def load(path: Path, **fields: Any) -> Loaded:
    return ImageFolder(path=str(path), **({"test": 0} | fields)).load(Source())


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Three cats and two dogs, grey, with other things around them."""
    for name in ("dog/a.png", "dog/sub/B.PNG", "cat/1.png", "cat/2.bmp", "cat/3.png"):
        put(tmp_path / "pets" / name, grey())
    for name in (".hidden/x.png", "cat/.x.png", "__MACOSX/cat/1.png", "dog/.thumbs/x.png"):
        put(tmp_path / "pets" / name, colour(9, 9))
    put(tmp_path / "pets" / "loose.png", colour(9, 9))
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("no image")
    return tmp_path / "pets"


def test_classes_are_the_folders_in_the_order_of_their_names(pets: Path) -> None:
    loaded = load(pets)
    assert loaded.labels == ("cat", "dog")
    assert loaded.train.inputs.dtype == np.uint8
    assert loaded.train.inputs.shape == (5, 4, 5, 1)
    assert loaded.train.targets.tolist() == [0, 0, 0, 1, 1]
    expected = [pets / name for name in ("cat/1.png", "cat/2.bmp", "cat/3.png", "dog/a.png")]
    for pixels, file in zip(loaded.train.inputs, expected, strict=False):
        np.testing.assert_array_equal(pixels[..., 0], np.asarray(Image.open(file)))
    assert (loaded.kind, loaded.white) == ("image", 255)
    assert "called no image: .txt (1)" in loaded.notice
    assert "in no class folder: 1" in loaded.notice
    assert (loaded.test, loaded.validation) == (None, None)


def test_a_share_is_split_off_for_the_test(tmp_path: Path) -> None:
    for n in range(20):
        put(tmp_path / "ab"[n % 2] / f"{n}.png", grey())
    data = prepare(ImageFolder(path=str(tmp_path), test=0.2, validation=0.25), Source())
    assert data.test is not None
    assert data.validation is not None
    assert (len(data.train), len(data.validation), len(data.test)) == (12, 4, 4)
    assert data.test.targets.tolist() == [0, 0, 1, 1]
    again = prepare(Dataset.read(describe(data.dataset)), Source())
    assert again.hash == data.hash
    put(tmp_path / "a" / "0.png", grey())
    assert prepare(data.dataset, Source()).hash != data.hash


@pytest.mark.parametrize("names", ["train val test", "Training valid testing", "train validation"])
def test_a_divided_folder_is_used_as_it_is_divided(tmp_path: Path, names: str) -> None:
    parts = names.split()
    kept = {}
    for number, part in enumerate(parts):
        for label in ("no", "yes") if number < 2 else ("yes",):
            for n in range(3 - number):
                kept[part, label, n] = put(tmp_path / part / label / f"{n}.png", grey())
    put(tmp_path / "unlabelled" / "x.png", grey())
    dataset = ImageFolder(path=str(tmp_path), test=0.5, validation=0.5)
    data = prepare(dataset, Source())
    assert data.train.targets.tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_array_equal(data.train.inputs[4, ..., 0], kept[parts[0], "yes", 1])
    assert data.validation is not None
    assert data.validation.targets.tolist() == [0, 0, 1, 1]
    np.testing.assert_array_equal(data.validation.inputs[1, ..., 0], kept[parts[1], "no", 1])
    assert (data.test is not None) == (len(parts) == 3)
    if data.test is not None:
        assert data.test.targets.tolist() == [1]
    assert data.notice == "left out beside the training split: unlabelled"
    assert prepare(ImageFolder(path=str(tmp_path), validation=0), Source()).validation is None


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    for name in ("train/1.png", "bus/1.png", "test/1.png"):
        put(tmp_path / name, grey())
    assert load(tmp_path).labels == ("bus", "test", "train")


def test_mixed_sizes_become_the_commonest_and_are_announced(pets: Path) -> None:
    put(pets / "dog" / "tall.png", grey(40, 6))
    loaded = load(pets)
    assert loaded.train.inputs.shape == (6, 4, 5, 1)
    assert "1 of 6 images were resized to 4 x 5" in loaded.notice
    assert "data.size" in loaded.notice
    chosen = load(pets, size=[7, 8])
    assert chosen.train.inputs.shape == (6, 7, 8, 1)
    assert "resized" not in chosen.notice
    assert load(pets, size=6).train.inputs.shape == (6, 6, 6, 1)


def test_one_coloured_image_makes_all_coloured(pets: Path) -> None:
    put(pets / "dog" / "z.png", colour())
    put(pets / "dog" / "zz.png", grey())
    auto, grayscale = load(pets), load(pets, channels="grayscale")
    assert auto.train.inputs.shape == (7, 4, 5, 3)
    np.testing.assert_array_equal(
        auto.train.inputs[:5], load(pets, channels="color").train.inputs[:5]
    )
    first = np.asarray(Image.open(pets / "cat" / "1.png"))
    np.testing.assert_array_equal(auto.train.inputs[0], first[..., None].repeat(3, axis=2))
    assert grayscale.train.inputs.shape == (7, 4, 5, 1)
    luma = np.asarray(Image.open(pets / "dog" / "z.png").convert("L"))
    np.testing.assert_array_equal(grayscale.train.inputs[5, ..., 0], luma)


def test_every_kind_of_image_is_seen_as_predict_sees_it(tmp_path: Path) -> None:
    base = colour(6, 8)
    put(tmp_path / "a" / "0.png", base)
    put(tmp_path / "a" / "1.png", np.dstack([base, base[..., 0]]))  # with transparency
    put(tmp_path / "a" / "2.png", base[..., 0].astype(np.uint16) * 257)
    put(tmp_path / "b" / "3.webp", base)
    put(tmp_path / "b" / "4.jpg", base, exif=_orientation(6))
    Image.fromarray(base).convert("CMYK").save(tmp_path / "b" / "5.jpg")
    frames = [Image.fromarray(base), Image.fromarray(255 - base)]
    frames[0].save(tmp_path / "b" / "6.gif", save_all=True, append_images=frames[1:])
    loaded = load(tmp_path, size=[5, 7])
    files = sorted(tmp_path.rglob("*.*"))
    assert len(files) == len(loaded.train) == 7
    for file, pixels in zip(files, loaded.train.inputs, strict=True):
        image = open_image(file, file.name)
        seen = fit_image(image, (5, 7, 3), 255, None, None, None).sample
        np.testing.assert_array_equal(pixels, seen, err_msg=file.name)


def _orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


def test_sizes_are_those_of_turned_images(tmp_path: Path) -> None:
    for name, orientation in (("a/1.jpg", 6), ("b/1.jpg", 8), ("b/2.jpg", 3)):
        put(tmp_path / name, colour(8, 16), exif=_orientation(orientation))
    loaded = load(tmp_path)
    assert loaded.train.inputs.shape == (3, 16, 8, 3)
    assert "1 of 3 images were resized to 16 x 8" in loaded.notice


def test_every_bad_image_is_named_at_once(pets: Path) -> None:
    whole = (pets / "cat" / "1.png").read_bytes()
    bomb = bytearray(whole)
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    bad = {"zero.png": b"", "text.jpg": b"hello", "cut.png": whole[:-25], "bomb.png": bytes(bomb)}
    for name, content in bad.items():
        (pets / "dog" / name).write_bytes(content)
    (pets / "dog" / "dangling.png").symlink_to(pets / "nothing.png")
    os.mkfifo(pets / "dog" / "pipe.png")
    with pytest.raises(DataError, match="6 of 11 images cannot be used: ") as caught:
        load(pets)
    text = str(caught.value)
    assert caught.value.code == 3
    assert "\n" not in text
    named = [
        name for name in (*bad, "dangling.png", "pipe.png") if str(pets / "dog" / name) in text
    ]
    assert len(named) == 5
    assert "and 1 more; repair or remove them" in text


def test_only_bad_images(tmp_path: Path) -> None:
    for label in "ab":
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.png").write_bytes(b"")
    with pytest.raises(DataError, match="2 of 2 images cannot be used"):
        load(tmp_path)


def test_links(pets: Path, tmp_path: Path) -> None:
    (pets / "dog" / "again").symlink_to(pets / "dog")
    (pets / "fox").symlink_to(put_fox(tmp_path))
    (pets / "dog" / "link.png").symlink_to(pets / "dog" / "a.png")
    loaded = load(pets)
    assert loaded.labels == ("cat", "dog", "fox")
    assert loaded.train.targets.tolist() == [0, 0, 0, 1, 1, 1, 2]
    (pets / "all").symlink_to(pets)
    with pytest.raises(DataError, match="all is a link to a folder that it is in; remove it"):
        load(pets)


def put_fox(folder: Path) -> Path:
    put(folder / "elsewhere" / "1.png", grey())
    return folder / "elsewhere"


def test_folders_that_are_no_data_set(pets: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no folder .*/none; paths are relative to"):
        load(tmp_path / "none")
    with pytest.raises(DataError, match=r"loose\.png is no folder"):
        load(pets / "loose.png")
    with pytest.raises(DataError, match="cat has no class folders; put the images of each class"):
        load(pets / "cat")
    (pets / "eel").mkdir()
    (pets / "fox").mkdir()
    (pets / "fox" / "readme.txt").write_text("none yet")
    with pytest.raises(
        DataError,
        match=r"for 'eel', 'fox', but files of other kinds: \.txt \(2\); add some or remove",
    ):
        load(pets)
    put(tmp_path / "one" / "cat" / "1.png", grey())
    with pytest.raises(DataError, match="one class, 'cat'"):
        prepare(ImageFolder(path=str(tmp_path / "one"), test=0, validation=0), Source())


def test_a_class_only_the_test_split_has(tmp_path: Path) -> None:
    for name in ("train/a/1.png", "train/b/1.png", "test/a/1.png", "test/c/1.png"):
        put(tmp_path / name, grey())
    with pytest.raises(DataError, match="test has the class 'c', which training has not"):
        load(tmp_path)


def test_a_name_that_cannot_be_printed(pets: Path) -> None:
    put(pets / "a\nb" / "1.png", grey())
    with pytest.raises(DataError, match=r"has the class 'a\\nb'"):
        load(pets)


def test_memory_is_asked_for_before_it_is_taken(
    pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(available, "available_bytes", lambda: 2 * 5 * 700 * 700)
    assert load(pets, size=700, channels="grayscale").train.inputs.nbytes == 5 * 700 * 700
    with pytest.raises(MachineError, match=r"keeping 5 images of 701 x 701 .*; lower data.size"):
        load(pets, size=701, channels="grayscale")
    put(pets / "cat" / "4.png", colour())
    with pytest.raises(MachineError, match="x 3 bytes"):
        load(pets, size=600)


def test_photos_need_a_size(tmp_path: Path) -> None:
    for label in "ab":
        put(tmp_path / label / "1.png", np.zeros((800, 10), np.uint8))
    with pytest.raises(DataError, match=r"800 x 10 pixels.*; set data.size"):
        load(tmp_path)
    assert load(tmp_path, size=8).train.inputs.shape == (2, 8, 8, 1)
    for size in (0, 769, [8], [8, 8, 8]):
        with pytest.raises(UsageError):
            ImageFolder(path=str(tmp_path), size=size)


def test_progress_is_told(pets: Path) -> None:
    told: list[tuple[str, int, int]] = []
    source = Source(progress=lambda *what: told.append(what))
    ImageFolder(path=str(pets), test=0).load(source)
    assert told == [("reading pets", 1, 5), ("reading pets", 5, 5)]


def test_it_is_found_in_the_data_folder(pets: Path) -> None:
    source = Source(data_dir=pets.parent)
    assert len(ImageFolder(path="pets", test=0).load(source).train) == 5
