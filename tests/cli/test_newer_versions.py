"""A run of a newer nnfs, read by this one: both versions are named."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from .conftest import Nnfs, latest


def make_newer(path: Path, place: str) -> None:
    """Let a checkpoint say that a later version wrote it, with a key that this one lacks."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    text = json.loads(members["checkpoint.json"])
    text["nnfs"] = "99.1.0"
    text[place]["accumulate"] = 2
    members["checkpoint.json"] = json.dumps(text).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("place", ["config", "preprocessing", "progress"])
@pytest.mark.parametrize("command", [["predict", "x.npy"], ["resume"], ["reproduce", "latest"]])
def test_an_unknown_key(nnfs: Nnfs, toy: Path, command: list[str], place: str) -> None:
    np.save("x.npy", np.zeros((2, 2), np.float32))
    nnfs("train", toy, "-q")
    for name in ("best", "last"):
        make_newer(latest() / f"checkpoints/{name}.npz", place)
    if place == "config":
        with (latest() / "config.yaml").open("a") as file:
            file.write("accumulate: 2\n")
    if command == ["resume"]:
        command = ["resume", "latest", "--epochs", "9"]
    line = nnfs(*command).refused(3)
    assert "trained by nnfs 99.1.0, and this is" in line
    assert "update nnfs" in line
