"""A training whose numbers are no longer finite stops; one that learns nothing says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.compute.process_team import can_fork
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy

from .conftest import Nnfs, latest, record


def test_divergence(nnfs: Nnfs, toy: Path) -> None:
    sgd = ["optimizer={type: sgd, lr: 1e6}", "loss=mse", "layers.0.activation=linear"]
    line = nnfs("train", toy, *sgd).refused(4)
    assert "diverged: the loss is" in line
    assert "step" in line
    assert "learning rate 1e+06" in line
    run = latest()
    assert f"`nnfs resume runs/{run.name} --lr LOWER` goes on from the last finite weights" in line
    assert "diverged" in nnfs("runs").out
    assert nnfs("eval", "--checkpoint", "last").code == 0
    assert "diverged and cannot be resumed" in nnfs("resume", "latest", "--epochs", 9).refused(2)
    assert "diverged" in nnfs("train", toy, *sgd, "--skip-done").refused(4)
    assert len(list(Path("runs").glob("2*"))) == 1


@pytest.mark.parametrize(
    "workers", [1, pytest.param(2, marks=pytest.mark.skipif(not can_fork(), reason="Linux only"))]
)
def test_what_is_too_large_before_any_step_is_no_matter_of_the_rate(
    nnfs: Nnfs, toy: Path, workers: int
) -> None:
    rows = "".join(f"{i}e30,{i % 2}\n" for i in range(1, 41))
    Path("large.csv").write_text("a,label\n" + rows)
    data = "data={type: csv, path: large.csv, target: label, normalize: none}"
    line = nnfs("train", toy, data, "loss=mse", f"train.workers={workers}").refused(4)
    assert "at step 1 " in line
    assert line.rstrip().endswith("set data.normalize: standard")
    assert nnfs("train", toy, data, "loss=mse", "data.normalize=standard").code == 0


DEAD = "layers.0.bias_initializer={type: constant, value: -1000}"


@pytest.mark.parametrize(
    "workers",
    [
        1,
        pytest.param(
            2, marks=pytest.mark.skipif(not can_fork(), reason="only Linux forks workers")
        ),
    ],
)
def test_a_dead_network_is_said_once(nnfs: Nnfs, toy: Path, workers: int) -> None:
    options = ["train.epochs=5", "train.batch_size=12", f"train.workers={workers}"]
    alive = nnfs("train", toy, *options)
    assert (alive.code, alive.err.count("note: ")) == (0, 0)
    dead = nnfs("train", toy, *options, DEAD)
    assert dead.code == 0
    (note,) = [line for line in dead.err.splitlines() if line.startswith("note: ")]
    assert note.startswith("note: dense_1.weight, dense_2.weight: all gradients are zero")
    assert "use leaky_relu" in note
    assert dead.err.index("\n  2/5 ") < dead.err.index(note) < dead.err.index("\n  3/5 ")


def test_what_has_learnt_everything_is_not_dead(nnfs: Nnfs, toy: Path) -> None:
    """A hinge loss of zero has no gradient, and needs none."""
    rows = "".join(f"{i},{int(i >= 0)}\n" for i in (*range(-20, -10), *range(10, 20)))
    Path("apart.csv").write_text("a,label\n" + rows)
    data = "data={type: csv, path: apart.csv, target: label, test: 0, validation: 0}"
    easy = ["layers=[{type: dense, units: 2}]", "loss=hinge", "optimizer.lr=1", "train.epochs=9"]
    result = nnfs("train", toy, data, *easy)
    assert result.code == 0
    assert "\n  9/9     0.000 " in result.err
    assert "note: " not in result.err


def test_the_last_finite_checkpoint_after_good_epochs(
    nnfs: Nnfs, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, steps = CrossEntropy.value_and_grad, []

    def exploding(self: CrossEntropy, outputs: np.ndarray, targets: np.ndarray) -> object:
        steps.append(1)
        loss, grad = real(self, outputs, targets)
        return loss, grad * (np.float32(np.inf) if len(steps) == 10 else 1)

    with monkeypatch.context() as broken:
        broken.setattr(CrossEntropy, "value_and_grad", exploding)
        line = nnfs("train", toy, "train.epochs=9").refused(4)
    assert "epoch 3" in line
    assert record(latest())["best"]["epoch"] == 2
    for name in ("best", "last"):
        assert nnfs("eval", "--checkpoint", name).code == 0
