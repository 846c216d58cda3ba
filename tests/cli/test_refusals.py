"""Faults and bad inputs through the commands: a documented code, one line a problem, no trace."""

from __future__ import annotations

import gzip
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.mnist import FILES

from .conftest import TOY, Nnfs, contents, latest

CONFIGS = {
    "a python object": ("seed: !!python/object/apply:os.system [id]\n" + TOY, "config.yaml:1"),
    "an alias": ("name: a\nseed: *a\n", "config.yaml:2:7: alias"),
    "a merge key": (TOY + "<<: {seed: 1}\n", "config.yaml:10:"),
    "nested brackets": ("layers: " + "[" * 2000 + "]" * 2000, "config.yaml:1"),
    "a long integer": ("seed: " + "9" * 5000, "config.yaml:1"),
    "a NUL byte": (TOY + "seed: \0", "config.yaml"),
    "an unknown key": (TOY + "sede: 1\n", "did you mean 'seed'"),
    "a duplicate key": (TOY + "name: again\n", "config.yaml:10:"),
    "a wrong type": (TOY + "seed: many\n", "config.yaml:10:"),
    "lr is not a number": (TOY.replace("0.01", ".nan"), "optimizer.lr"),
    "lr is negative": (TOY.replace("0.01", "-1"), "above 0"),
    "no batch": (TOY.replace("batch_size: 16", "batch_size: 0"), "at least 1"),
    "a billion units": (TOY.replace("units: 8", "units: 1_000_000_000"), "units"),
    "an absent layer": (TOY.replace("type: dense, units: 2", "type: dens, units: 2"), "'dense'"),
    "too few outputs": (TOY.replace("units: 2", "units: 3"), "config.yaml:5"),
    "an image to a dense layer": (
        TOY.replace("type: moons, samples: 60, test_samples: 30", "type: digits"),
        "flatten",
    ),
    "classes for a regression": (TOY.replace("moons", "sine"), "needs classes"),
    "a metric for classes": (
        TOY.replace("moons", "sine")
        .replace("cross_entropy", "mse")
        .replace("units: 2", "units: 1"),
        "accuracy is for classes",
    ),
    "an unmeasured monitor": (
        TOY.replace("batch_size: 16", "checkpoint: {monitor: val_accurcy}"),
        "did you mean 'val_accuracy'",
    ),
    "nothing held out to monitor": (
        TOY.replace("validation: 0.2", "validation: 0").replace(
            "batch_size: 16", "early_stopping: {monitor: val_loss}"
        ),
        "needs a validation part",
    ),
    "a list": ("- 1\n", "a mapping of keys"),
    "nothing": ("", "config.yaml"),
    "a circle": ("extends: config.yaml\n", "in a circle"),
    "an absent parent": ("extends: absent.yaml\n", "which is no file"),
}


@pytest.mark.parametrize("fault", CONFIGS)
@pytest.mark.parametrize("command", ["train", "check"])
def test_a_faulty_config(nnfs: Nnfs, folder: Path, fault: str, command: str) -> None:
    text, words = CONFIGS[fault]
    Path("config.yaml").write_text(text)
    began = time.perf_counter()
    result = nnfs(command, "config.yaml")
    assert time.perf_counter() - began < 2.0
    assert words in result.refused(2)
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfe\x00", "UTF-8"), (b"# " + b"x" * (300 << 10), "256 KiB"), (None, "directory")],
)
def test_a_config_that_is_none(nnfs: Nnfs, content: bytes | None, words: str) -> None:
    if content is None:
        Path("config.yaml").mkdir()
    else:
        Path("config.yaml").write_bytes(content)
    assert words in nnfs("train", "config.yaml").refused(2)


def test_a_byte_order_mark_and_crlf_are_accepted(nnfs: Nnfs) -> None:
    Path("config.yaml").write_bytes(b"\xef\xbb\xbf" + TOY.replace("\n", "\r\n").encode())
    assert nnfs("check", "config.yaml").code == 0


TABLES = {
    "a ragged row": ("a,b,label\n1,2,0\n3,1\n5,6,1\n", "row 3"),
    "a word among numbers": ("a,b,label\n1,2,0\n3,many,1\n5,6,1\n4,5,0\n", "row 3"),
    "an empty file": ("", "empty"),
    "one class only": ("a,b,label\n1,2,0\n3,4,0\n5,6,0\n", "one class"),
    "a missing number": ("a,b,label\n1,2,0\n3,nan,1\n5,6,1\n4,5,0\n", "row 3"),
    "no such column": ("a,b,c\n1,2,0\n3,1,1\n", "no column 'label'"),
}


@pytest.mark.parametrize("fault", TABLES)
def test_a_faulty_table(nnfs: Nnfs, toy: Path, fault: str) -> None:
    text, words = TABLES[fault]
    Path("table.csv").write_text(text)
    data = "{type: csv, path: table.csv, target: label, test: 0, validation: 0}"
    line = nnfs("train", toy, f"data={data}").refused(3)
    assert words in line
    assert "table.csv" in line or fault in ("one class only", "no such column")
    assert not Path("runs").exists()


def test_a_table_that_is_not_there(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "data={type: csv, path: absent.csv}").refused(3)


def test_faulty_arrays(nnfs: Nnfs, toy: Path) -> None:
    faults = {
        "objects.npz": {"x_train": np.array([{}, []], dtype=object), "y_train": np.arange(2)},
        "lengths.npz": {"x_train": np.zeros((4, 2)), "y_train": np.arange(3)},
        "members.npz": {"z": np.zeros(3)},
    }
    for name, arrays in faults.items():
        np.savez(name, **arrays)
        assert name in nnfs("train", toy, f"data={{type: npz, path: {name}}}").refused(3)
    assert not Path("runs").exists()


def test_a_damaged_copy_of_mnist(nnfs: Nnfs, toy: Path) -> None:
    folder = Path("data/mnist")
    folder.mkdir(parents=True)
    header = struct.pack(">IIII", 0x803, 60_000, 28, 28)
    for name in FILES:
        (folder / name).write_bytes(gzip.compress(header + bytes(100)))
    line = nnfs("train", toy, "data=mnist", "--data-dir", "data").refused(3)
    assert "train-images-idx3-ubyte.gz" in line


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _replace_member(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for entry, old in (members | {name: content}).items():
            archive.writestr(entry, old)


def _with_number(value: float) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        name = "parameters/dense_1.weight.npy"
        with zipfile.ZipFile(path) as archive:
            content = archive.read(name)
        _replace_member(path, name, content[:-4] + struct.pack("<f", value))

    return change


DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-40]) and None,
    "one bit": _flip,
    "empty": lambda path: path.write_bytes(b"") and None,
    "text": lambda path: path.write_text("weights") and None,
    "an extra member": lambda path: _replace_member(path, "../evil.npy", b"x"),
    "a pickle": lambda path: _replace_member(path, "parameters/dense_1.weight.npy", b"\x80\x04."),
    "NaN": _with_number(float("nan")),
    "infinity": _with_number(float("inf")),
    "a newer format": lambda path: _replace_member(path, "checkpoint.json", b'{"format": 99}'),
    "no text": lambda path: _replace_member(path, "checkpoint.json", b"[]"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint(nnfs: Nnfs, toy: Path, damage: str) -> None:
    nnfs("train", toy, "-q", "--epochs", 1)
    run = latest()
    for name, command in (("best", ["eval"]), ("last", ["resume", "latest", "--epochs", "3"])):
        DAMAGES[damage](run / f"checkpoints/{name}.npz")
        before = contents(run)
        line = nnfs(*command).refused(3)
        assert f"{name}.npz" in line
        assert contents(run) == before
        if name == "best" and damage != "a newer format":
            assert "--checkpoint last" in line


def test_the_other_checkpoint_works(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q", "--epochs", 1)
    _flip(latest() / "checkpoints/best.npz")
    assert nnfs("eval", "--checkpoint", "last").code == 0
    assert "best" in nnfs("eval", "--checkpoint", "first").refused(3)


@pytest.mark.parametrize("command", [["eval"], ["resume", "latest"], ["plot"], ["runs", "show"]])
def test_there_is_no_run_yet(nnfs: Nnfs, command: list[str]) -> None:
    assert "nnfs train" in nnfs(*command).refused(3)
    assert not Path("runs").exists()


@pytest.mark.parametrize("name", ["absent", "latest~7", "runs/absent", "../..", "/", "best~1"])
def test_an_unknown_run(nnfs: Nnfs, toy: Path, name: str) -> None:
    nnfs("train", toy, "-q", "--epochs", 1)
    nnfs("eval", name).refused(3)


def test_latest_that_leads_nowhere(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q", "--epochs", 1)
    pointer = Path("runs/latest")
    pointer.unlink()
    pointer.symlink_to("gone")
    assert "latest" in nnfs("eval").refused(3)
    pointer.unlink()
    pointer.mkdir()
    assert "latest" in nnfs("eval").refused(3)


def test_the_runs_folder_is_a_file(nnfs: Nnfs, toy: Path) -> None:
    Path("runs").write_text("not a folder")
    line = nnfs("train", toy).refused(5)
    assert "runs" in line
    assert Path("runs").read_text() == "not a folder"


def test_divergence(nnfs: Nnfs, toy: Path) -> None:
    sgd = ["optimizer={type: sgd, lr: 1e6}", "loss=mse", "layers.0.activation=linear"]
    line = nnfs("train", toy, *sgd).refused(4)
    assert "diverged: the loss is" in line
    assert "step" in line
    assert "learning rate 1e+06" in line
    run = latest()
    assert str(run / "checkpoints/last.npz").endswith(line.rsplit("runs/")[-1])
    assert "diverged" in nnfs("runs").out
    assert nnfs("eval", "--checkpoint", "last").code == 0
    assert "diverged and cannot be resumed" in nnfs("resume", "latest", "--epochs", 9).refused(2)
    assert "diverged" in nnfs("train", toy, *sgd, "--skip-done").refused(4)
    assert len(list(Path("runs").glob("2*"))) == 1


def test_constant_features_and_a_last_batch_of_one(nnfs: Nnfs, toy: Path) -> None:
    rows = "".join(f"7,{i},{i % 2}\n" for i in range(17))
    Path("table.csv").write_text("a,b,label\n" + rows)
    norm = "layers=[{type: dense, units: 4}, batch_norm, relu, {type: dense, units: 2}]"
    data = "data={type: csv, path: table.csv, test: 0, validation: 0}"
    result = nnfs("train", toy, data, norm, "--json")
    assert result.code == 0, result.err
    assert result.document["metrics"]["train_loss"] is not None
