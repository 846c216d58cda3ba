"""Starting from another run: what is taken, and the scaling that its weights know."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.config.yaml_reader import read_file
from nnfs_cli.runs.checkpoint import read_text

from .conftest import Nnfs

CONFIG = """\
data: {type: npz, path: big.npz}
layers: [{type: dense, units: 16, activation: relu}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.02}
metrics: [accuracy]
train: {epochs: 10, workers: 1}
"""
TAKEN = ("base.yaml", "data.path=small.npz", "init_from=BASE", "optimizer.lr=1e-12")


@pytest.fixture
def base(nnfs: Nnfs, folder: Path) -> Path:
    """A run of a rule, and a file of samples of the same rule that lie elsewhere."""
    generator = np.random.default_rng(3)
    x = generator.normal(0, 1, (1000, 2)).astype(np.float32)
    np.savez("big.npz", x=x, y=(x.sum(1) > 0).astype(int))
    parts = generator.normal(2, 0.4, (160, 2)), generator.normal(-0.6, 0.3, (40, 2))
    x = np.concatenate(parts).astype(np.float32)[generator.permutation(200)]
    np.savez("small.npz", x=x, y=(x.sum(1) > 0).astype(int))
    Path("base.yaml").write_text(CONFIG)
    assert nnfs("train", "base.yaml", "--run-dir", "BASE", "-q").code == 0
    return folder


def yaml_of(run: str) -> Any:
    return read_file(Path(run, "config.yaml")).value


def scaling(run: str) -> list[object]:
    stored = read_text(Path(run, "checkpoints/last.npz"))["preprocessing"]
    return [stored["scale"], stored["shift"]]


def test_a_new_scaling_is_said_and_the_old_one_can_be_kept(nnfs: Nnfs, base: Path) -> None:
    anew = nnfs("train", *TAKEN, "--epochs", "1", "--run-dir", "T")
    assert "data.normalize=init_from keeps the scaling" in anew.err
    assert "deviation 1.1" in anew.err  # of the small file, by its definition above
    assert scaling("T") != scaling("BASE")
    kept = ("data.normalize=init_from", "--run-dir", "V")
    result = nnfs("train", *TAKEN, *kept, "--epochs", "1")
    assert result.code == 0
    assert "keeps the scaling" not in result.err
    assert scaling("V") == scaling("BASE")
    assert nnfs("eval", "V", "--json").document["metrics"]["accuracy"] == 1.0
    assert nnfs("reproduce", "V").code == 0
    Path("all").mkdir()
    for name in ("BASE", "V", "small.npz"):
        shutil.copytree(name, f"all/{name}") if Path(name).is_dir() else shutil.copy(name, "all")
    again = yaml_of("all/V")
    assert (Path("all/V") / again["init_from"]).resolve() == Path("all/BASE").resolve()
    shutil.move("BASE", "GONE")  # the scaling is the run's own by now
    assert nnfs("resume", "V", "--epochs", "2", "-q").code == 0
    assert scaling("V") == scaling("GONE")


def test_check_says_what_would_be_taken(nnfs: Nnfs, base: Path) -> None:
    result = nnfs("check", *TAKEN)
    assert result.code == 0
    assert "took 4 of 4 arrays from" in result.err
    assert "data.normalize=init_from keeps the scaling" in result.err
    assert "classes     2, in this order: 0, 1" in result.out
    assert "no run 'nowhere'" in nnfs("check", "base.yaml", "init_from=nowhere").refused(3)
    alone = nnfs("check", "base.yaml", "data.normalize=init_from")
    assert "add init_from: RUN" in alone.refused(2)
