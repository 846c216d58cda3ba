"""IDX files of the user's own, as published relatives of MNIST come."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.datasets.idx import Idx
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.read_file import read_samples
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, UsageError

IMAGES = np.random.default_rng(0).integers(0, 9, (20, 23, 25), dtype=np.uint8) * 28
LABELS = np.arange(20, dtype=np.uint8) % 4


def saved(path: Path, array: np.ndarray, code: int = 8) -> str:
    head = bytes((0, 0, code, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    content = head + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    return {
        "inputs": saved(tmp_path / "train-images-idx3-ubyte.gz", IMAGES),
        "targets": saved(tmp_path / "train-labels.idx1-ubyte", LABELS),
        "test_inputs": saved(tmp_path / "t10k-images-idx3-ubyte.gz", IMAGES[:6]),
        "test_targets": saved(tmp_path / "t10k-labels-idx1-ubyte.gz", LABELS[:6]),
    }


@pytest.mark.parametrize("transpose", [False, True])
def test_files_are_read_and_their_like_are_answered(files: dict[str, str], transpose: bool) -> None:
    data = prepare(Idx(**files, transpose=transpose, validation=0), Source())  # type: ignore[arg-type]
    images = IMAGES.transpose(0, 2, 1) if transpose else IMAGES
    np.testing.assert_array_equal(data.train.inputs[..., 0], images)
    np.testing.assert_array_equal(data.train.targets, LABELS)
    assert data.preprocessing.labels == ("0", "1", "2", "3")
    assert data.preprocessing.white == 255
    again = read_samples(Path(files["test_inputs"]), data.preprocessing)
    np.testing.assert_array_equal(again.inputs[..., 0], images[:6])
    np.testing.assert_array_equal(again.targets, LABELS[:6])
    assert again.origins is not None
    assert again.origins[5] == "t10k-images-idx3-ubyte.gz[5]"


def test_labels_are_not_needed_for_answers(files: dict[str, str], tmp_path: Path) -> None:
    data = prepare(Idx(**files), Source())  # type: ignore[arg-type]
    Path(files["test_targets"]).unlink()
    path = Path(files["test_inputs"])
    assert len(read_samples(path, data.preprocessing).targets) == 0
    with pytest.raises(DataError, match="has no targets"):
        read_samples(path, data.preprocessing, targets="all")


def test_emnist_is_said_to_lie_on_its_side(tmp_path: Path) -> None:
    paths = {
        "inputs": saved(tmp_path / "emnist-letters-train-images-idx3-ubyte", IMAGES),
        "targets": saved(tmp_path / "emnist-letters-train-labels-idx1-ubyte", LABELS),
    }
    assert "data.transpose=true" in prepare(Idx(**paths), Source()).notice
    assert "transpose" not in prepare(Idx(**paths, transpose=True), Source()).notice


def test_faults(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="test_inputs and test_targets go together"):
        Idx(inputs="a", targets="b", test_inputs="c")
    other = saved(tmp_path / "f-idx1-ubyte", LABELS.astype(">f4"), code=13)
    text = tmp_path / "t-idx1-ubyte"
    text.write_text("label\n1\n")
    for targets, message in (
        (other, "no idx file of bytes"),
        (str(text), "no idx file of bytes"),
        (saved(tmp_path / "few-idx1-ubyte", LABELS[:5]), "one entry for each sample"),
        (str(tmp_path / "none"), "there is no file"),
    ):
        with pytest.raises(DataError) as caught:
            Idx(inputs=files["inputs"], targets=targets).load(Source())
        assert message in str(caught.value)
    with pytest.raises(DataError, match="are no images"):
        Idx(inputs=files["targets"], targets=files["targets"], transpose=True).load(Source())
