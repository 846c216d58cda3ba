"""MNIST where there is no network: the bundled digits if the config allows, else exit 3."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from nnfs_cli.data.datasets.mnist import FILES, Mnist

from .conftest import Nnfs, latest, record, state

MNIST = """\
data: {type: mnist, if_unavailable: digits}
layers: [flatten, {type: dense, units: 10}]
loss: cross_entropy
optimizer: adam
metrics: [accuracy]
train: {epochs: 1}
"""


@pytest.fixture
def mnist(folder: Path) -> Path:
    path = folder / "mnist.yaml"
    path.write_text(MNIST)
    return path


def test_the_digits_stand_in_and_it_is_on_record(nnfs: Nnfs, mnist: Path) -> None:
    began = time.monotonic()
    result = nnfs("train", mnist)
    assert time.monotonic() - began < 6.0
    assert result.code == 0
    assert "using the bundled digits in its place" in result.err
    assert "(digits, " in result.out
    run = latest()
    assert record(run)["data"]["substituted_for"] == "mnist"
    config = (run / "config.yaml").read_text()
    assert "type: digits" in config
    assert "type: mnist" not in config

    again = nnfs("train", run / "config.yaml", "-q")
    assert again.err == ""
    assert state(latest()) == state(run)
    assert nnfs("eval").out.count("digits test") == 1
    assert nnfs("resume", "latest", "--epochs", 2).code == 0


def test_otherwise_the_files_are_named(nnfs: Nnfs, mnist: Path) -> None:
    began = time.monotonic()
    line = nnfs("train", mnist, "data.if_unavailable=error").refused(3)
    assert time.monotonic() - began < 6.0
    assert not Path("runs").exists()
    for file in FILES:
        assert file in line
        assert Mnist.archive.files[file] in line
        assert len(Mnist.archive.files[file]) == hashlib.sha256().digest_size * 2
    assert "NNFS_DATA" in line or "--data-dir" in line


def test_check_never_asks_the_network(
    nnfs: Nnfs, mnist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def refuse(*_: object) -> None:
        pytest.fail("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert nnfs("check", mnist).code == 0
