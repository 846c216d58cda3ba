"""`nnfs lr-find`: a curve, a picture, a proposal; no run."""

from __future__ import annotations

import builtins
import os
from pathlib import Path
from typing import Any

import pytest

from .conftest import Nnfs


def test_a_curve_and_a_proposal(nnfs: Nnfs, toy: Path) -> None:
    result = nnfs("lr-find", toy)
    assert result.code == 0
    *curve, marker, axis, proposal = result.out.splitlines()
    assert len(curve) == 12
    assert marker.strip() == "^"
    assert "1e-06" in axis
    assert proposal.startswith("optimizer.lr=0.")
    assert nnfs("train", toy, "-q", proposal).code == 0


def test_it_writes_no_run_and_answers_programs(nnfs: Nnfs, toy: Path) -> None:
    document = nnfs("lr-find", toy, "--json", "--steps", 60).document
    assert document["command"] == "lr-find"
    assert document["remedy"] == [f"optimizer.lr={document['proposal']:g}"]
    assert len(document["rates"]) == len(document["losses"]) == len(document["averages"]) <= 60
    assert document["lr"] == 0.01
    assert document["file"] is None
    assert not Path("runs").exists()


def test_a_picture(nnfs: Nnfs, toy: Path) -> None:
    pytest.importorskip("matplotlib")
    result = nnfs("lr-find", toy, "--output", "curve.svg", "--theme", "dark")
    assert result.out.endswith("curve.svg\n")
    assert Path("curve.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("form", ["png", "svg"])
def test_only_its_own_plots_are_replaced(nnfs: Nnfs, toy: Path, form: str) -> None:
    pytest.importorskip("matplotlib")
    words = ("lr-find", toy, "--steps", "30", "--lowest", "1e-3", "-o", f"curve.{form}")
    Path(f"curve.{form}").write_bytes(b"a photo")
    assert "is not a plot of nnfs lr-find's" in nnfs(*words).refused(2)
    assert Path(f"curve.{form}").read_bytes() == b"a photo"
    assert nnfs(*words, "--force").code == 0
    assert nnfs(*words).code == 0
    assert "add --output" in nnfs("lr-find", toy, "--force").refused(2)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_not_waited_for(nnfs: Nnfs, toy: Path) -> None:
    pytest.importorskip("matplotlib")
    os.mkfifo("curve.svg")
    for force in ((), ("--force",)):
        line = nnfs("lr-find", toy, "-o", "curve.svg", *force).refused(2)
        assert "curve.svg exists and is not a plot" in line


def test_what_is_refused(nnfs: Nnfs, toy: Path) -> None:
    assert "does not end in .svg or .png" in nnfs("lr-find", toy, "-o", "curve.jpg").refused(2)
    line = nnfs("lr-find", toy, "--lowest", "1", "--highest", "0.1").refused(2)
    assert "--lowest 1 is not below --highest 0.1" in line
    assert "nothing is learnt" in nnfs(
        "lr-find", toy, "--lowest", "1e-12", "--highest", "1e-11"
    ).refused(6)
    assert "latest" in nnfs("lr-find", "latest").refused(2)
    refused = nnfs("lr-find", toy, "-o", "nowhere/curve.svg").refused(5)
    assert "there is no folder nowhere" in refused


def test_without_matplotlib(nnfs: Nnfs, toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    line = nnfs("lr-find", toy, "-o", "curve.svg").refused(5)
    assert "pip install 'nnfs-cli[plot]'" in line
    assert nnfs("lr-find", toy).code == 0


def test_what_noise_hides_is_looked_for_in_more_steps(nnfs: Nnfs) -> None:
    """Weights that know the data already have little left to learn; that is not nothing."""
    Path("d.yaml").write_text(
        "data: {type: digits, validation: 0.1}\nlayers: [flatten, {type: dense, units: 10}]\n"
        "loss: cross_entropy\noptimizer: {type: adam, lr: 0.01}\ntrain: {epochs: 4, workers: 1}\n"
    )
    assert nnfs("train", "d.yaml", "--run-dir", "before", "-q").code == 0
    line = nnfs("lr-find", "d.yaml", "init_from=before", "train.epochs=2").refused(6)
    assert "nothing is learnt at any rate from 1e-06 to 1000 in 100 steps; try --steps 400" in line
    result = nnfs("lr-find", "d.yaml", "init_from=before", "train.epochs=2", "--steps", 400)
    assert result.out.splitlines()[-1].startswith("optimizer.lr=0.0")
