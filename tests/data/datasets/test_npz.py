from __future__ import annotations

import contextlib
import io
import os
import tracemalloc
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.data.arrays import read_npy, read_npz
from nnfs_cli.data.dataset import Dataset, Loaded
from nnfs_cli.data.datasets.npz import Npy, Npz
from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.read_file import read_samples
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError

X = np.arange(40, dtype=np.float64).reshape(10, 4)
Y = np.arange(10) % 2


def load(tmp_path: Path, test: float = 0, **arrays: Any) -> Loaded:
    path = tmp_path / "data.npz"
    np.savez(path, **arrays)
    return Npz(path=str(path), test=test).load(Source())


def test_x_and_y(tmp_path: Path) -> None:
    loaded = load(tmp_path, test=0.2, x=X, y=Y)
    assert loaded.test is not None
    assert (len(loaded.train), len(loaded.test)) == (8, 2)
    assert loaded.train.inputs.dtype == np.float32
    assert loaded.labels == ("0", "1")
    assert loaded.kind == "vector"


def test_keras_like_images(tmp_path: Path) -> None:
    images = np.arange(6 * 5 * 5, dtype=np.uint8).reshape(6, 5, 5)
    loaded = load(tmp_path, x_train=images, y_train=Y[:6], x_test=images[:2], y_test=Y[:2, None])
    assert loaded.train.inputs.shape == (6, 5, 5, 1)
    assert loaded.train.inputs.dtype == np.uint8
    assert (loaded.kind, loaded.white) == ("image", 255)
    assert loaded.test is not None
    np.testing.assert_array_equal(loaded.test.targets, [0, 1])


def test_text_classes_and_values(tmp_path: Path) -> None:
    words = np.where(Y, "dog", "cat")
    assert load(tmp_path, x=X, y=words).labels == ("cat", "dog")
    assert load(tmp_path, x=X, y=words.astype("S3")).labels == ("cat", "dog")
    values = load(tmp_path, x=X, y=X[:, :2] / 3)
    assert values.labels == ()
    np.testing.assert_allclose(values.train.targets, X[:, :2] / 3, rtol=1e-6)


def test_classes_with_gaps_are_numbered(tmp_path: Path) -> None:
    loaded = load(tmp_path, x=X, y=Y * 7 - 3)
    assert loaded.labels == ("-3", "4")
    np.testing.assert_array_equal(loaded.train.targets, Y)


FIRST = np.arange(6 * 3 * 8 * 9, dtype=np.uint8).reshape(6, 3, 8, 9)
LAST = np.ascontiguousarray(FIRST.transpose(0, 2, 3, 1))


@pytest.mark.parametrize("channels", ["auto", "first"])
def test_channels_first_are_brought_last(tmp_path: Path, channels: str) -> None:
    np.savez(tmp_path / "d.npz", x_train=FIRST, y_train=Y[:6], x_test=FIRST[4:], y_test=Y[4:6])
    fields: dict[str, Any] = {"path": str(tmp_path / "d.npz"), "channels": channels}
    loaded = Npz(**fields).load(Source())
    assert loaded.test is not None
    np.testing.assert_array_equal(loaded.train.inputs, LAST)
    np.testing.assert_array_equal(loaded.test.inputs, LAST[4:])
    assert loaded.train.inputs.flags.c_contiguous
    assert (loaded.kind, loaded.white) == ("image", 255)
    assert ("channels first" in loaded.notice) == (channels == "auto")


@pytest.mark.parametrize(
    ("shape", "channels", "expected"),
    [
        ((6, 1, 8, 9), "auto", (8, 9, 1)),
        ((6, 4, 8, 9), "auto", (8, 9, 4)),
        ((6, 3, 8, 9), "last", (3, 8, 9)),
        ((6, 3, 8, 3), "auto", (3, 8, 3)),  # may be either: taken as it is
        ((6, 3, 4, 9), "auto", (3, 4, 9)),
        ((6, 3, 8, 3), "first", (8, 3, 3)),
        ((6, 8, 9, 3), "auto", (8, 9, 3)),
        ((6, 2, 8, 9), "auto", (2, 8, 9)),
        ((6, 2, 8, 9), "first", (8, 9, 2)),
        ((6, 3, 8), "auto", (3, 8, 1)),
    ],
)
def test_where_channels_are(
    tmp_path: Path, shape: tuple[int, ...], channels: Any, expected: tuple[int, ...]
) -> None:
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    np.savez(tmp_path / "d.npz", x=x, y=Y[:6])
    loaded = Npz(path=str(tmp_path / "d.npz"), channels=channels, test=0).load(Source())
    assert loaded.train.inputs.shape == (6, *expected)
    assert bool(loaded.notice) == (channels == "auto" and expected[-1] == shape[1] != shape[-1])


def test_channels_first_need_four_axes(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    with pytest.raises(DataError, match="no images with channels first"):
        Npz(path=str(tmp_path / "d.npz"), channels="first").load(Source())


def test_another_file_may_have_channels_first_too(tmp_path: Path) -> None:
    data = data_from_arrays(LAST, Y[:6], test=0, validation=0)
    np.savez(tmp_path / "other.npz", x=FIRST, y=Y[:6])
    samples = read_samples(tmp_path / "other.npz", data.preprocessing)
    np.testing.assert_array_equal(samples.inputs, LAST)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, bool])
def test_one_hot_rows_are_classes(tmp_path: Path, dtype: Any) -> None:
    rows = np.eye(40)[np.r_[np.arange(40), 7, 3]].astype(dtype)
    x = np.arange(42.0)
    loaded = load(tmp_path, x_train=x, y_train=rows, x_test=x[:2], y_test=rows[-2:])
    assert loaded.labels == tuple(str(column) for column in range(40))
    assert loaded.train.targets.tolist() == [*range(40), 7, 3]
    assert loaded.test is not None
    assert loaded.test.targets.tolist() == [7, 3]
    other = np.array([[1, 1], [0, 1]] * 5)
    assert load(tmp_path, x=X, y=other).labels == ()
    assert load(tmp_path, x=X, y=other * [1, 0]).labels == ()  # a row of zeros
    values = Npz(path=str(tmp_path / "data.npz"), task="regression", test=0)
    np.savez(tmp_path / "data.npz", x=x, y=rows)
    assert values.load(Source()).train.targets.shape == (42, 40)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X}, "no array 'y'"),
        ({"x_train": X, "y_train": Y, "x_test": X}, "no array 'y_test'"),
        ({"inputs": X, "y": Y}, "no array 'x', but inputs, y"),
        ({"x": X, "y": Y[:9]}, "one entry for each sample"),
        ({"x": X, "y": Y.reshape(5, 2, 1)}, "one entry for each sample"),
        ({"x": X, "y": np.array([{}] * 10)}, "Python objects"),
        ({"x": X.astype(str), "y": Y}, "not numeric"),
        ({"x": X[:0], "y": Y[:0]}, "no samples"),
        ({"x": np.where(X == 6, np.inf, X), "y": Y}, "row 1, column 2"),
        (
            {"x": np.where(X == X, 1e39, X), "y": Y},
            r"inputs have 1e\+39 in row 0, .*float32 cannot",
        ),
        ({"x": X, "y": np.where(Y, np.nan, 0.5)}, "targets have NaN or infinity in row 1"),
        ({"x_train": X, "y_train": Y, "x_test": X[:, :3], "y_test": Y}, "has the shape"),
        ({"x_train": X, "y_train": Y, "x_test": X, "y_test": Y + 5}, "the class '5'"),
        (
            {"x_train": X, "y_train": np.eye(2)[Y], "x_test": X, "y_test": np.eye(3)[Y]},
            "are no one-hot rows of 2 classes",
        ),
        (
            {"x_train": X, "y_train": Y, "x_test": X, "y_test": np.ones((10, 2))},
            "are no one-hot rows of 2 classes",
        ),
    ],
)
def test_faults(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        load(tmp_path, **arrays)
    assert str(tmp_path) in caught.value.message


class Bomb:
    exploded = False

    def __reduce__(self) -> tuple[Any, ...]:
        return (setattr, (Bomb, "exploded", True))


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=np.array([Bomb()], dtype=object), y=Y)
    with pytest.raises(DataError, match="Python objects"):
        Npz(path=str(path)).load(Source())
    (tmp_path / "p.npy").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(DataError, match="no NumPy array"):
        Npy(inputs=str(tmp_path / "p.npy"), targets=str(tmp_path / "p.npy")).load(Source())
    assert not Bomb.exploded


def test_a_header_that_asks_for_terabytes_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)}
    )
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header.getvalue())
        archive.writestr("y.npy", header.getvalue())
    with pytest.raises(DataError, match="damaged: 0 bytes instead of"):
        Npz(path=str(path)).load(Source())


@pytest.mark.parametrize("keep", [0, 10, 200, -30])
def test_truncated_archives(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=X, y=Y)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match="no valid"):
        Npz(path=str(path)).load(Source())


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=X, y=Y)
    content = bytearray(path.read_bytes())
    content[300] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="no valid"):
        Npz(path=str(path)).load(Source())


def test_two_npy_files(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.asfortranarray(X))
    np.save(tmp_path / "y.npy", Y)
    source = Source(data_dir=tmp_path)
    loaded = Npy(inputs="x.npy", targets="y.npy", test=0).load(source)
    np.testing.assert_array_equal(loaded.train.inputs, X)
    np.testing.assert_array_equal(loaded.train.targets, Y)
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:-1])
    with pytest.raises(DataError, match="damaged"):
        Npy(inputs="x.npy", targets="y.npy").load(source)


@pytest.mark.parametrize(
    ("largest", "dtype", "white"),
    [
        (9, np.uint8, 255),
        (1, bool, 1),
        (1.0, np.float32, 1),
        (0.51, np.float64, 1),
        (0.4, np.float64, None),
        (16, np.float64, None),
        (200, np.float32, 255),
        (255, np.int64, 255),
        (256, np.int64, None),
        (40_000, np.uint16, 65_535),
        (70_000, np.int64, None),
    ],
)
def test_what_is_white_in_images(
    tmp_path: Path, largest: float, dtype: type, white: int | None
) -> None:
    images = np.zeros((10, 3, 3), dtype)
    images[2, 1, 1] = largest
    assert load(tmp_path, x=images, y=Y).white == white
    assert load(tmp_path, x=images.reshape(10, 9), y=Y).white is None
    if largest > 0.5 and dtype not in (bool, np.uint8, np.uint16):
        images[3, 1, 1] = -1
        assert load(tmp_path, x=images, y=Y).white is None


def odd(descr: str, shape: str, content: bytes = b"", version: int = 1) -> bytes:
    """A .npy file with this header, whatever it says."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    length = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes((version, 0)) + length + text + content


ODD = {
    "a negative length": odd("'<f8'", "(-1,)"),
    "two negative lengths": odd("'<f8'", "(-2, -4)", bytes(64)),
    "a truth value for a length": odd("'<f8'", "(True, 2)", bytes(16)),
    "65 axes": odd("'<f8'", str((1,) * 65), bytes(8)),
    "33 axes": odd("'<f8'", str((1,) * 33), bytes(8)),
    "items of no size": odd("'<U0'", "(10,)"),
    "items of no size, many": odd("'|S0'", f"({2**62},)"),
    "void items": odd("'|V0'", "(3,)"),
    "fields": odd("[('a', '<f8')]", "(2,)", bytes(16)),
    "dates": odd("'<M8[s]'", "(2,)", bytes(16)),
    "complex numbers": odd("'<c16'", "(2,)", bytes(32)),
    "a length beyond all": odd("'<f8'", f"({10**30},)"),
    "a product beyond all": odd("'<f8'", f"({2**40}, {2**40})"),
    "no text": odd("'<U1'", "(2,)", b"\xff" * 8),
    "bytes that are no text": odd("'|S2'", "(2,)", b"\xff\xfe\xff\xfe"),
    "another version": odd("'<f8'", "(2,)", bytes(16), 7),
    "a header of a set": odd("{1}", "(2,)", bytes(16)),
    "a header of Python 2": odd("'<f8'", "(2L,)", bytes(16)),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("packed", [False, True], ids=["npy", "npz"])
def test_odd_headers(tmp_path: Path, name: str, packed: bool) -> None:
    good = io.BytesIO()
    np.save(good, np.arange(2))
    if packed:
        with zipfile.ZipFile(tmp_path / "data.npz", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.npy", ODD[name])
            archive.writestr("y.npy", good.getvalue())
        data: Dataset = Npz(str(tmp_path / "data.npz"), test=0)
    else:
        (tmp_path / "x.npy").write_bytes(ODD[name])
        (tmp_path / "y.npy").write_bytes(good.getvalue())
        data = Npy(str(tmp_path / "x.npy"), str(tmp_path / "y.npy"), test=0)
    if name == "a header of Python 2":
        assert len(data.load(Source(offline=True)).train.inputs) == 2
        return
    with pytest.raises(DataError) as caught:
        data.load(Source(offline=True))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_damaged_stream(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, x=np.random.default_rng(0).random((50, 4)), y=np.arange(50) % 2)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        with contextlib.suppress(DataError):
            Npz(str(path)).load(Source(offline=True))


def test_what_nobody_asked_for_is_not_inflated(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=X, y=Y)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.npy", odd("'<f8'", "(12500000,)", bytes(100_000_000)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="does not know: 'bomb'"):
            Npz(str(path)).load(Source(offline=True))
        assert {*read_npz(path, lambda names: [n for n in names if n != "bomb"])} == {"x", "y"}
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


def test_others_are_named_by_the_alphabet(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=X, y=Y, zebra=X, ape=X)
    with pytest.raises(DataError, match="does not know: 'ape', 'zebra'"):
        Npz(str(tmp_path / "data.npz")).load(Source(offline=True))


@pytest.mark.parametrize("suffix", ["npz", "npy"])
def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / f"d.{suffix}"
    folder.mkdir()
    with pytest.raises(DataError, match=f"cannot read .*d.{suffix}: Is a directory"):
        (read_npz if suffix == "npz" else read_npy)(folder)


def archive_of(path: Path, *names: str) -> Path:
    """A .npz whose members are all the same array."""
    good = io.BytesIO()
    np.save(good, np.arange(3))
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that occurs twice
        for name in names:
            archive.writestr(name, good.getvalue())
    return path


def test_members_are_arrays_of_different_names_and_not_too_many(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    assert {*read_npz(archive_of(path, "a.npy", "notes.txt"))} == {"a"}
    for names in ((), ("notes.txt",)):
        with pytest.raises(DataError, match=r"d\.npz has no array inside; write it with numpy"):
            read_npz(archive_of(path, *names))
    most = [f"{number}.npy" for number in range(1000)]
    assert len(read_npz(archive_of(path, *most), lambda names: names[:2])) == 2
    for names in (("a.npy", "a.npy"), (*most, "a.npy")):
        with pytest.raises(DataError, match="is no valid"):
            read_npz(archive_of(path, *names))


def test_an_array_that_ends_before_its_directory_says_is_damaged(tmp_path: Path) -> None:
    path, content = tmp_path / "d.npz", odd("'<f8'", "(3,)", bytes(24))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", content)
    whole, size = path.read_bytes(), len(content).to_bytes(4, "little")
    longer = whole.replace(content, odd("'<f8'", "(4,)", bytes(24)))
    at = longer.index(size, longer.index(b"PK\x01\x02") + 24)
    path.write_bytes(longer[:at] + (len(content) + 8).to_bytes(4, "little") + longer[at + 4 :])
    with pytest.raises(DataError, match=r"no valid \.npz file|it ends early"):
        read_npz(path)


def test_a_file_that_shrinks_while_it_is_read_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, whole = tmp_path / "x.npy", tmp_path / "whole.npy"
    np.save(whole, X)
    path.write_bytes(whole.read_bytes()[:-1])
    monkeypatch.setattr(Path, "stat", lambda _: os.stat(whole))
    with pytest.raises(DataError, match=r"x\.npy is damaged: it ends early; write it again"):
        read_npy(path)
