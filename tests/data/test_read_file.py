from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.data.catalogue import download, listing
from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.datasets.npz import Npz
from nnfs_cli.data.datasets.sine import Sine
from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.inspection import inspect
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.read_file import read_samples
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, UsageError

TABLE = "length,colour,species\n" + "1.5,red,iris\n2.5,blue,rose\n" * 10


@pytest.fixture
def flowers(tmp_path: Path) -> Preprocessing:
    (tmp_path / "train.csv").write_text(TABLE)
    data = prepare(Csv(path=str(tmp_path / "train.csv")), Source())
    return Preprocessing.from_json(json.loads(json.dumps(data.preprocessing.to_json())))


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "other.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "length,colour,species\n9,blue,rose\n",
        "species,colour,length\nrose,blue,9\n",
        "9,blue,rose\n",
        "9,blue\n",
        "colour,length\nblue,9\n",
    ],
)
def test_a_table_in_a_runs_terms(tmp_path: Path, flowers: Preprocessing, text: str) -> None:
    samples = read_samples(write(tmp_path, text), flowers)
    np.testing.assert_array_equal(samples.inputs, [[9, 1, 0]])
    assert samples.targets.tolist() == ([1] if "rose" in text else [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("length,colour\n9,pink\n", "row 2, column 'colour': training never saw 'pink'"),
        ("length,colour\n9,\n", "row 2, column 'colour': the value is missing"),
        ("length,colour\nlong,red\n", "row 2, column 'length': 'long' is not a number"),
        ("length\n9\n", "no column 'colour'"),
        ("1,2,3,4\n", "4 columns"),
        ("9,red,tulip\n", "the class 'tulip'"),
    ],
)
def test_a_table_that_does_not_fit(
    tmp_path: Path, flowers: Preprocessing, text: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_samples(write(tmp_path, text), flowers)


def test_targets_can_be_required(tmp_path: Path, flowers: Preprocessing) -> None:
    with pytest.raises(DataError, match="has no targets"):
        read_samples(write(tmp_path, "9,blue\n"), flowers, targets="all")


def test_rows_from_elsewhere(flowers: Preprocessing) -> None:
    encoded = flowers.encode_rows([["9", "red"], ["8", "blue"]])
    np.testing.assert_array_equal(encoded, [[9, 0, 1], [8, 1, 0]])
    named = flowers.encode_rows([["red", "9"]], names=["colour", "length"])
    np.testing.assert_array_equal(named, [[9, 0, 1]])
    with pytest.raises(DataError, match="row 2, column '1': training never saw 'pink'"):
        flowers.encode_rows([["9", "red"], ["9", "pink"]])
    with pytest.raises(DataError, match="row 2 has 1 columns, but row 1 has 2"):
        flowers.encode_rows([["9", "red"], ["9"]])
    with pytest.raises(DataError, match="no row"):
        flowers.encode_rows([])


def test_arrays_in_a_runs_terms(tmp_path: Path) -> None:
    data = prepare(Digits(), Source())
    assert data.test is not None
    flat = data.test.inputs.reshape(-1, 64)
    np.savez(tmp_path / "d.npz", x=flat, y=data.test.targets)
    samples = read_samples(tmp_path / "d.npz", data.preprocessing, targets="all")
    np.testing.assert_array_equal(samples.inputs, data.test.inputs)
    np.testing.assert_array_equal(samples.targets, data.test.targets)
    np.save(tmp_path / "d.npy", flat)
    assert read_samples(tmp_path / "d.npy", data.preprocessing).targets.size == 0
    np.savetxt(tmp_path / "d.csv", flat[:5], fmt="%d", delimiter=",")
    table = read_samples(tmp_path / "d.csv", data.preprocessing)
    np.testing.assert_array_equal(table.inputs, data.test.inputs[:5])
    np.save(tmp_path / "e.npy", flat[:, :60])
    with pytest.raises(DataError, match="samples of 60; the network takes 8 x 8 x 1"):
        read_samples(tmp_path / "e.npy", data.preprocessing)


@pytest.mark.parametrize("name", ["absent.csv", "image.bmp"])
def test_files_that_are_no_samples(tmp_path: Path, flowers: Preprocessing, name: str) -> None:
    (tmp_path / "image.bmp").write_bytes(b"BM")
    with pytest.raises(DataError):
        read_samples(tmp_path / name, flowers)


def test_inspection_counts_leaks_and_balance(tmp_path: Path) -> None:
    x: Any = np.arange(60.0).reshape(20, 3)
    x[:, 2] = 5
    y = np.arange(20) % 2
    np.savez(tmp_path / "d.npz", x_train=x, y_train=y, x_test=x[:4], y_test=y[:4])
    data = prepare(Npz(path=str(tmp_path / "d.npz"), validation=0), Source())
    report = json.loads(json.dumps(inspect(data)))
    assert report["duplicates"]["train/test"] == 4
    assert report["duplicates"]["train"] == 0
    assert report["splits"]["train"]["balance"] == {"0": 10, "1": 10}
    assert report["features"]["constant"] == 1
    assert report["features"]["each"]["x0"]["max"] == 57
    assert report["splits"]["test"]["samples"] == 4


def test_inspection_of_tables_and_regressions(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    report = inspect(prepare(Csv(path=str(tmp_path / "t.csv")), Source()))
    assert list(report["features"]["each"]) == ["length", "colour=blue", "colour=red"]
    assert report["duplicates"]["train"] == 12
    targets = inspect(prepare(Sine(), Source()))["splits"]["train"]["targets"]
    assert abs(targets["mean"]) < 0.1


def test_the_catalogue(tmp_path: Path) -> None:
    source = Source(data_dir=tmp_path, cache_dir=tmp_path / "cache", offline=True)
    entries = {entry.name: entry for entry in listing(source)}
    assert entries["digits"].availability == "bundled"
    assert entries["digits"].classes == 10
    assert entries["mnist"].availability == "needs download"
    assert entries["xor"].classes == 2
    assert entries["csv"].availability == "your file"
    assert all(entry.summary for entry in entries.values())
    assert download("xor", source) == []
    with pytest.raises(UsageError, match="did you mean 'mnist'"):
        download("mnits", source)
    with pytest.raises(DataError, match="no copy of kmnist"):
        download("kmnist", source)


def test_a_folder_is_no_file_of_samples(tmp_path: Path, flowers: Preprocessing) -> None:
    with pytest.raises(DataError, match=r"is a folder; name a \.csv, \.tsv or \.npz file"):
        read_samples(tmp_path, flowers)


@pytest.mark.parametrize("text", ["1,2\n", "1,2,3,0,5\n", "1,2,x\n"])
def test_a_table_of_another_width_for_a_network_of_arrays(tmp_path: Path, text: str) -> None:
    data = data_from_arrays(np.arange(60.0).reshape(20, 3), [0, 1] * 10)
    with pytest.raises(DataError, match=r"is not a table of 3 numbers a row \(and a target, last"):
        read_samples(write(tmp_path, text), data.preprocessing)
    read = read_samples(write(tmp_path, "1,2,3,1\n4,5,6,0\n"), data.preprocessing)
    assert read.inputs.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert read.targets.tolist() == [1, 0]


def test_inspection_counts_the_samples_that_have_a_label() -> None:
    has = np.array([[1, 1], [0, 1], [0, 1], [0, 0]] * 5)
    data = data_from_arrays(np.arange(20.0), has, validation=0, test=0)
    report = inspect(data)
    assert report["targets"] == ["0", "1"]
    assert report["splits"]["train"]["balance"] == {"0": 5, "1": 15}
    assert "targets" not in report["splits"]["train"]


def test_inspection_of_values_by_naive_sums() -> None:
    y = np.array([[-3.0], [1.0], [0.5], [7.5]] * 2)
    found = inspect(data_from_arrays(np.arange(8.0), y, validation=0, test=0))
    mean = sum(y.ravel()) / 8
    deviation = (sum((v - mean) ** 2 for v in y.ravel()) / 8) ** 0.5
    targets = found["splits"]["train"]["targets"]
    assert targets == pytest.approx({"min": -3, "max": 7.5, "mean": mean, "deviation": deviation})
    each = found["features"]["each"]["x0"]
    assert each == pytest.approx({"min": 0, "max": 7, "mean": 3.5, "deviation": 5.25**0.5})
