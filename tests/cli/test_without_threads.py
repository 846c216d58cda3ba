"""A container at its limit of processes starts no thread either: everything works on one."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.compute.threads import together

from .conftest import Nnfs, latest, record, state

DIGITS = """\
data: {type: digits}
layers: [flatten, {type: dense, units: 64, activation: relu}, {type: dense, units: 10}]
loss: cross_entropy
optimizer: adam
train: {epochs: 1, batch_size: 256}
"""


def refuse(thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


@pytest.fixture
def without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.mark.slow
def test_the_same_bytes(nnfs: Nnfs, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("digits.yaml").write_text(DIGITS)
    np.save("x.npy", np.random.default_rng(0).integers(0, 17, (9000, 8, 8, 1)).astype(np.uint8))
    assert nnfs("train", "digits.yaml", "-q").code == 0
    before, told = state(latest()), nnfs("predict", "x.npy").out
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert nnfs("train", "digits.yaml", "-q").code == 0
    assert state(latest()) == before
    assert nnfs("predict", "x.npy").out == told
    for command in ("eval", "resume", "reproduce latest"):
        assert nnfs(*command.split()).code == 0, command


@pytest.mark.usefixtures("without_threads")
def test_idx_files(nnfs: Nnfs, data_folder: Path) -> None:
    config = DIGITS.replace("digits", "fashion_mnist").replace("256", "8")
    Path("fashion.yaml").write_text(config)
    assert nnfs("train", "fashion.yaml", "-q", "--data-dir", data_folder).code == 0
    assert record(latest())["data"]["name"] == "fashion_mnist"


@pytest.mark.parametrize("patched", [False, True])
def test_together(patched: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if patched:
        monkeypatch.setattr(threading.Thread, "start", refuse)
    assert together(lambda: 1, lambda: "two") == (1, "two")
    called: list[int] = []
    with pytest.raises(KeyError):
        together(lambda: {}[1], lambda: called.append(1))
    with pytest.raises(KeyError):
        together(lambda: called.append(2), lambda: {}[1])
    assert 2 in called
