"""A training whose numbers are no longer finite stops, and keeps the last that were."""

from __future__ import annotations

from pathlib import Path

from .conftest import Nnfs, latest


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
