"""The figures of every epoch: in metrics.csv alone, and compared when a checkpoint is read."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from nnfs_cli.cli.app import run as nnfs
from nnfs_cli.errors import DataError, MachineError
from nnfs_cli.runs.checkpoint import read_text, save
from nnfs_cli.runs.history import HistoryHash, history_of
from nnfs_cli.runs.run import Run

CONFIG = """\
data: {type: xor, samples: 40, validation: 0.2}
layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.02}
schedule: {type: plateau, patience: 2}
train: {epochs: EPOCHS, batch_size: full, workers: 1}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def trained(epochs: int, name: str = "R") -> Run:
    Path("c.yaml").write_text(CONFIG.replace("EPOCHS", str(epochs)))
    assert nnfs(["train", "c.yaml", "-q", "--run-dir", name]) == 0
    return Run(Path(name))


def test_a_checkpoint_does_not_grow_with_the_epochs() -> None:
    sizes = [trained(n, f"R{n}").checkpoint("last").stat().st_size for n in (1100, 2200)]
    assert sizes[1] - sizes[0] < 500  # digits of numbers alone: 1,000 epochs were 50,000 bytes


def test_the_history_is_what_the_rows_say() -> None:
    run = trained(5)
    history = history_of(run, read_text(run.checkpoint("last")))
    rows = run.read_metrics()
    assert [record["val_loss"] for record in history] == [row["val_loss"] for row in rows]
    assert [*history[0]] == ["train_loss", "val_loss"]


CHANGES: dict[str, Callable[[list[str]], list[str]]] = {
    "a digit": lambda lines: [lines[0], lines[1].replace("0.", "1."), *lines[2:]],
    "a row less": lambda lines: lines[:-1],
    "two rows changed places": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "a column renamed": lambda lines: [lines[0].replace("val_loss", "val_lost"), *lines[1:]],
    "emptied": lambda lines: [],
}


@pytest.mark.parametrize("change", CHANGES)
def test_rows_that_are_not_what_was_written_are_refused(
    change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = trained(4)
    before = run.checkpoint("last").read_bytes()
    lines = run.metrics.read_text().splitlines(keepends=True)
    run.metrics.write_text("".join(CHANGES[change](lines)))
    assert nnfs(["resume", "R", "--epochs", "6"]) == 3
    error = capsys.readouterr().err
    assert "metrics.csv is not what this run wrote" in error
    assert "init_from=R" in error
    assert run.checkpoint("last").read_bytes() == before
    run.metrics.write_text("".join(lines))
    assert nnfs(["resume", "R", "--epochs", "6", "-q"]) == 0
    assert nnfs(["eval", "R", "-q"]) == 0


def test_weights_can_be_taken_from_a_run_whose_rows_are_lost() -> None:
    trained(4).metrics.unlink()
    assert nnfs(["train", "c.yaml", "-q", "init_from=R", "--run-dir", "S"]) == 0
    assert nnfs(["predict", "c.csv", "--run", "R"]) == 3  # there is no such file; R is not at fault
    assert nnfs(["eval", "R", "-q"]) == 0


def as_format_1(run: Run) -> None:
    for name in ("last", "best"):
        path = run.checkpoint(name)
        with np.load(path) as found:
            arrays = {key: found[key] for key in found.files if key != "checkpoint.json"}
        text = read_text(path)
        text["progress"]["history"] = history_of(run, text)
        save(path, arrays, text | {"format": 1})


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_text("epoch,loss\n1,x\n")])
def test_format_1_goes_on_without_its_rows(harm: Callable[[Path], object]) -> None:
    """It holds its history itself; metrics.csv is written again, as format 2 counts on it."""
    goal = trained(6, "whole")
    run = trained(4)
    as_format_1(run)
    harm(run.metrics)
    assert nnfs(["resume", "R", "--epochs", "6", "-q"]) == 0
    assert nnfs(["resume", "R", "--epochs", "7", "-q"]) == 0
    assert nnfs(["resume", "whole", "--epochs", "7", "-q"]) == 0
    last = "checkpoints/last.npz"
    assert (run.path / last).read_bytes() == (goal.path / last).read_bytes()
    steps = [(row["epoch"], row["step"], row["train_loss"]) for row in run.read_metrics()]
    assert steps == [(r["epoch"], r["step"], r["train_loss"]) for r in goal.read_metrics()]


def test_the_hash_reads_each_epoch_once() -> None:
    class Counted(list[dict[str, float]]):
        reads = 0

        def __getitem__(self, index: object) -> dict[str, float]:  # type: ignore[override]
            Counted.reads += 1
            return super().__getitem__(index)  # type: ignore[index, return-value]

    history, hashes = Counted(), HistoryHash()
    for epoch in range(50):
        history.append({"train_loss": epoch / 7})
        assert hashes.of(history) == HistoryHash().of([*history])
    assert Counted.reads <= 51  # the names are read with the first


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_text("x\n")])
def test_rows_that_another_program_takes_away_come_back(
    tmp_path: Path, harm: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    run = Run(tmp_path)
    for epoch in (1, 2, 3):
        clock[0] += 1.0
        run.append_metrics({"epoch": epoch, "train_loss": 1 / epoch})
    harm(run.metrics)
    run.append_metrics({"epoch": 4, "train_loss": 0.25})
    run.sync_rows()
    assert [row["train_loss"] for row in run.read_metrics()] == [1.0, 0.5, 1 / 3, 0.25]
    assert run.metrics.read_text().startswith("epoch,train_loss\n1,1.0\n")


def test_rows_wait_for_one_another_but_not_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    run, seen = Run(tmp_path), []
    for epoch in range(1, 41):
        clock[0] += 0.03
        run.append_metrics({"epoch": epoch})
        seen.append(run.metrics.read_text().count("\n") - 1)
    assert all(0 <= epoch - there <= 4 for epoch, there in enumerate(seen, 1))
    assert len(set(seen)) <= 12
    clock[0] += 0.2
    run.write_due_rows()
    assert run.metrics.read_text().count("\n") == 41


def test_a_second_process_adds_to_what_is_there(tmp_path: Path) -> None:
    first = Run(tmp_path)
    first.append_metrics({"epoch": 1})
    first.sync_rows()
    second = Run(tmp_path)
    second.append_metrics({"epoch": 2})
    second.sync_rows()
    assert first.metrics.read_text() == "epoch\n1\n2\n"


def test_a_hash_that_is_none_is_refused() -> None:
    run = trained(3)
    path = run.checkpoint("last")
    with np.load(path) as found:
        arrays = {key: found[key] for key in found.files if key != "checkpoint.json"}
    text = read_text(path)
    for wrong in ({"epochs": 2}, {"sha256": "x"}, {"epochs": -1}, {"more": 1}):
        past = text["progress"]["history"] | wrong
        changed = text | {"progress": text["progress"] | {"history": past}}
        with pytest.raises(MachineError, match="could not be read again"):
            save(path, arrays, changed)
    assert os.path.getsize(path)
    with pytest.raises(DataError):
        history_of(run, text | {"progress": {"history": {"epochs": 9, "sha256": "0" * 64}}})


def test_rows_that_could_not_be_written_are_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full in the middle of them, and then was not."""
    run = Run(tmp_path)
    original = Path.open

    class Full:
        def __init__(self, file: BinaryIO) -> None:
            self.file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, text: bytes) -> None:
            self.file.write(text[: len(text) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

    def full(path: Path, mode: str = "r", **more: Any) -> Any:
        opened = original(path, mode, **more)
        return Full(opened) if path.name == "metrics.csv" and mode == "ab" else opened

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        with pytest.raises(MachineError, match="no room to write"):
            run.append_metrics({"epoch": 1, "train_loss": 0.5})
    run.append_metrics({"epoch": 2, "train_loss": 0.25})
    run.sync_rows()
    assert run.metrics.read_text().splitlines()[0] == "epoch,train_loss"
    assert [row["train_loss"] for row in run.read_metrics()] == [0.5, 0.25]
