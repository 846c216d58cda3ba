"""`nnfs resume --lr, --schedule, --patience`: what changes, from where on, and that it is known."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli import load_run
from nnfs_cli.compute.process_team import can_fork
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.config.config import load_config
from nnfs_cli.data.source import Source
from nnfs_cli.experiment.build import build
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.runs.checkpoint import read_text
from nnfs_cli.runs.reopen import reopen
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.training.loop import Training

from .conftest import Nnfs, contents, latest, record, state, table
from .test_outcome import Start, until_an_epoch

CONFIG = """\
name: changing
data: {type: moons, samples: 60, test_samples: 30, validation: 0.2}
layers:
  - {type: dense, units: 8, activation: tanh}
  - {type: dense, units: 2}
loss: cross_entropy
optimizer: {type: sgd, lr: 0.05, momentum: 0.9}
metrics: [accuracy]
train: {epochs: 3, batch_size: 7}
"""
STEPS = 7
"""Of an epoch: 48 samples."""
STOPPING = "train.early_stopping={patience: 2, min_delta: 9.0}"
WARM = "{type: cosine, warmup: 4}"
two_workers = pytest.mark.skipif(not can_fork(), reason="only Linux forks workers")


@pytest.fixture
def config(folder: Path) -> Path:
    path = folder / "changing.yaml"
    path.write_text(CONFIG)
    return path


def changes(run: Path) -> list[tuple[str, Any, Any, int, int]]:
    return [tuple(change.values()) for change in record(run)["resumed_with"]]  # type: ignore[misc]


def text(run: Path, name: str = "last") -> dict[str, Any]:
    return read_text(run / f"checkpoints/{name}.npz")


def arrays(run: Path) -> dict[str, np.ndarray]:
    with np.load(run / "checkpoints/last.npz") as found:
        return {name: found[name] for name in found.files if name != "checkpoint.json"}


def test_against_a_loop_by_hand(nnfs: Nnfs, config: Path) -> None:
    """From the weights and velocities of epoch 3 on: a warmup, then half a cosine, of 0.01."""
    nnfs("train", config, "-q")
    run = latest()
    begun = arrays(run)
    done = nnfs("resume", run, "--epochs", 6, "--lr", 0.01, "--schedule", WARM)
    assert done.code == 0
    assert [line for line in done.err.splitlines() if line.startswith("note: ")] == [
        "note: optimizer.lr=0.01 from step 22, times 0.25 by cosine",
        "note: schedule={type: cosine, warmup: 4, final: 0.0, cycles: 1} from step 22",
    ]

    built = build(load_config(config)[0], Source(Path("nowhere")))
    model, batches = built.network.model, built.training.batches
    parameters, loss = model.named_parameters(), CrossEntropy()
    velocities = {}
    for name, parameter in parameters.items():
        parameter.value[...] = begun[f"parameters/{name}"]
        velocities[name] = begun[f"optimizer/velocity/{name}"]
    measured, y = built.network.preprocessing, batches.samples.targets
    x = batches.samples.inputs * measured.scale - measured.shift
    rates, step, left = [], 0, 3 * STEPS
    for epoch in range(3, 6):
        order = stream(0, Purpose.ORDER, epoch).permutation(len(y))
        for start in range(0, len(order), 7):
            chosen = order[start : start + 7]
            curve = (1 + math.cos(math.pi * (step - 4) / (left - 4))) / 2
            rate = 0.01 * ((step + 1) / 4 if step < 4 else curve)
            _, gradient = loss.value_and_grad(model.forward(x[chosen], training=True), y[chosen])
            model.backward(gradient)
            for name, parameter in parameters.items():
                velocities[name] = 0.9 * velocities[name] + parameter.grad
                parameter.value -= rate * velocities[name]
            step += 1
        rates.append(rate)
    ended = arrays(run)
    for name, parameter in parameters.items():
        np.testing.assert_allclose(ended[f"parameters/{name}"], parameter.value, rtol=1e-5)
        assert not np.allclose(begun[f"parameters/{name}"], parameter.value, rtol=1e-3)
    assert [float(row["lr"]) for row in table(run)[3:]] == pytest.approx(rates)
    assert [row["lr"] for row in table(run)[:3]] == ["0.05"] * 3


def test_what_is_on_record(nnfs: Nnfs, config: Path) -> None:
    nnfs("train", config, "-q")
    run = latest()
    original = (run / "config.yaml").read_text()
    nnfs("resume", run, "-q", "--epochs", 5, "--patience", 4)
    nnfs("resume", run, "-q", "--epochs", 6, "--lr", 0.01)
    stopping = {"monitor": None, "patience": 4, "min_delta": 0.0}
    expected = [
        ("train.epochs", 3, 5, 3, 21),
        ("train.early_stopping", None, stopping, 3, 21),
        ("train.epochs", 5, 6, 5, 35),
        ("optimizer.lr", 0.05, 0.01, 5, 35),
    ]
    assert changes(run) == expected
    assert text(run)["resumed_with"] == record(run)["resumed_with"]
    assert (run / "config.yaml").read_text() != original
    assert load_run(run, "last").config.optimizer.lr == 0.01
    shown = nnfs("runs", "show", run).out
    assert "optimizer.lr=0.01 from step 36, before 0.05" in shown
    assert "optimizer.lr=0.01 from step 36" in nnfs("runs", "--columns", "run,changes").out
    assert nnfs("eval", run).err == "", "the best checkpoint may be from before"


def test_patience_begins_anew(nnfs: Nnfs, config: Path) -> None:
    nnfs("train", config, "-q", STOPPING, "train.epochs=60")
    run = latest()
    assert len(table(run)) == 3
    for options, epochs in (
        (["--patience", 4], 7),
        (["--patience", 4], 11),
        (["--lr", 0.01], 15),
        (["--patience", 1, "--schedule", "exponential"], 16),
    ):
        assert nnfs("resume", run, "-q", *options).code == 0
        assert (len(table(run)), record(run)["stopped"]) == (epochs, "early_stopping")
    assert nnfs("reproduce", run).code == 0


PLANS: dict[str, list[str]] = {
    "another rate": ["--lr", "0.3"],
    "a fall": ["--lr", "0.02", "--schedule", "{type: step, every_epochs: 2}"],
    "a plateau": ["--schedule", "{type: plateau, patience: 0, min_delta: 0.5}"],
    "warm restarts": ["--schedule", "{type: cosine, warmup: 0.2, cycles: 2}", "--patience", "9"],
}


@pytest.mark.parametrize(
    "before",
    [
        "constant",
        pytest.param("{type: plateau, patience: 0}", marks=pytest.mark.slow),
        pytest.param("cosine", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("plan", PLANS)
def test_reproduced_with_its_changes(nnfs: Nnfs, config: Path, before: str, plan: str) -> None:
    nnfs("train", config, "-q", f"schedule={before}")
    run = latest()
    for epochs in (5, 7):
        assert nnfs("resume", run, "-q", "--epochs", epochs, *PLANS[plan]).code == 0
    told = nnfs("reproduce", run)
    assert "identical: 49 steps, 7 epochs" in told.out
    facts = record(run)
    for change in facts["resumed_with"]:
        change["step"] -= STEPS
        change["epoch"] -= 1
    (run / "run.json").write_text(json.dumps(facts))
    assert nnfs("reproduce", run).code == 0, "what the checkpoint says counts"


def ended_at(step: int, monkeypatch: pytest.MonkeyPatch, signum: int = signal.SIGTERM) -> None:
    """Send this process a signal in one step of the next training."""
    real = Training.step

    def warned(self: Training, batch: Any) -> Any:
        if self.progress.step == step and self.model.layers:
            os.kill(os.getpid(), signum)
        return real(self, batch)

    monkeypatch.setattr(Training, "step", warned)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=two_workers)])
def test_in_the_middle_of_an_epoch(
    nnfs: Nnfs, config: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    options = ["train.epochs=6", f"train.workers={workers}", "train.batch_size=6"]
    with monkeypatch.context() as patched:
        ended_at(20, patched)
        assert nnfs("train", config, "-q", *options).code == 143
    run = latest()
    (done,) = {(p["epoch"], p["step"]) for p in [text(run)["progress"]]}
    assert (done[0], done[1] % 8) == (2, 5)
    assert nnfs("resume", run, "-q", "--lr", 0.2, "--schedule", "cosine").code == 0
    assert [change[3:] for change in changes(run)] == [done] * 2
    assert nnfs("reproduce", run).code == 0


def test_killed_and_resumed_gives_the_same_bytes(nnfs: Nnfs, start: Start, config: Path) -> None:
    options = ["--epochs", "300", "--lr", "0.01", "--schedule", "cosine", "--patience", "1000"]
    nnfs("train", config, "-q", "--run-dir", "whole")
    shutil.copytree("whole", "killed")
    nnfs("resume", "whole", "-q", *options)
    process = start("resume", "killed", "-q", *options)
    until_an_epoch(Path("killed"), number=9)
    process.kill()
    process.wait()
    Path("killed/run.json").unlink()
    assert nnfs("resume", "killed", "-q").code == 0
    assert state(Path("killed")) == state(Path("whole"))
    for name in ("resumed_with", "fingerprint", "best", "test"):
        assert record(Path("killed"))[name] == record(Path("whole"))[name]


class Killed(BaseException):
    """The process is gone: nothing it does any more reaches the disk."""


@pytest.mark.parametrize("write", range(4))
@pytest.mark.parametrize(
    "options",
    [
        ["--lr", 0.2, "--epochs", 9],
        pytest.param(["--patience", 3], marks=pytest.mark.slow),
        pytest.param(["--epochs", 8], marks=pytest.mark.slow),
    ],
)
def test_killed_at_each_write(
    nnfs: Nnfs, config: Path, monkeypatch: pytest.MonkeyPatch, write: int, options: list[object]
) -> None:
    """A change is made or not made; asked for again it is made."""
    nnfs("train", config, "-q", STOPPING, "train.epochs=7", "--run-dir", "killed")
    shutil.copytree("killed", "whole")
    assert nnfs("resume", "whole", "-q", *options).code == 0
    writes, replace = [], os.replace

    def counted(*paths: Any) -> None:
        writes.append(paths)
        if len(writes) > write:
            raise Killed
        replace(*paths)

    with monkeypatch.context() as dead:
        dead.setattr(os, "replace", counted)
        with pytest.raises(Killed):
            nnfs("resume", "killed", *options)
    run = Path("killed")
    assert record(run)["status"] == "finished" or not (run / "finished").exists()
    done = nnfs("resume", run)
    assert done.code == 0
    if state(run) != state(Path("whole")):
        assert write == 0, "nothing was written but that it trains"
        assert nnfs("resume", run, *options).code == 0
    assert state(run) == state(Path("whole"))
    assert nnfs("reproduce", run).code == 0


def test_a_lost_record_is_made_again(nnfs: Nnfs, config: Path) -> None:
    nnfs("train", config, "-q", STOPPING, "train.epochs=60")
    run = latest()
    nnfs("resume", run, "-q", "--lr", 0.01)
    (run / "run.json").rename("before.json")
    assert nnfs("resume", run, "-q").code == 0
    before = json.loads(Path("before.json").read_text())
    for name in ("resumed_with", "fingerprint", "epochs", "best", "test", "stopped"):
        assert record(run)[name] == before[name]


def test_an_older_checkpoint_put_back(nnfs: Nnfs, config: Path) -> None:
    """What was changed behind it is forgotten."""
    nnfs("train", config, "-q", "train.epochs=6", "--run-dir", "whole")
    nnfs("train", config, "-q", "--run-dir", "back")
    run = Path("back")
    shutil.copytree(run / "checkpoints", "kept")
    nnfs("resume", run, "-q", "--epochs", 4)
    nnfs("resume", run, "-q", "--epochs", 5, "--lr", 0.01)
    shutil.copytree("kept", run / "checkpoints", dirs_exist_ok=True)
    assert nnfs("resume", run, "-q", "--epochs", 6).code == 0
    assert table(run) == table(Path("whole"))
    assert changes(run) == [("train.epochs", 3, 4, 3, 21), ("train.epochs", 4, 6, 3, 21)]
    assert nnfs("reproduce", run).code == 0


def test_the_best_checkpoint_of_before_is_looked_at(nnfs: Nnfs, config: Path) -> None:
    nnfs("train", config, "-q", "train.epochs=5")
    nnfs("resume", "-q", "--epochs", 6, "--lr", 5.0)
    assert text(latest(), "best")["progress"]["epoch"] <= 5
    built = reopen(Run(latest()), RunsFolder(Path("runs")), Source(Path("nowhere")), "best")
    assert built.training.optimizer.lr == 0.05


def diverging(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let gradients overflow in one step, as long as the rate is high."""
    real = Training.step

    def exploding(self: Training, batch: Any) -> Any:
        told = real(self, batch)
        if self.progress.step == step and self.optimizer.lr == 0.05:
            self.model.flat.values[:] = np.inf
        return told

    monkeypatch.setattr(Training, "step", exploding)


def test_a_diverged_run_goes_on_with_a_lower_rate(
    nnfs: Nnfs, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverging(monkeypatch, step=17)
    line = nnfs("train", config, "train.epochs=6").refused(4)
    run = latest()
    assert f"`nnfs resume runs/{run.name} --lr LOWER` goes on" in line
    before = contents(run)
    for options in ([], ["--lr", 0.05], ["--lr", 0.1], ["--schedule", "cosine"], ["--epochs", 9]):
        assert "with a lower one: --lr LOWER" in nnfs("resume", run, *options).refused(2)
    assert contents(run) == before
    assert (text(run)["progress"]["epoch"], text(run, "best")["progress"]["epoch"]) == (0, 1)
    assert nnfs("resume", run, "--lr", 0.01).code == 0
    assert changes(run) == [("optimizer.lr", 0.05, 0.01, 1, 7)]
    assert record(run)["status"] == "finished"
    assert [row["lr"] for row in table(run)] == ["0.05"] + ["0.01"] * 5
    assert nnfs("reproduce", run).code == 0


def test_it_leaves_its_fingerprint(nnfs: Nnfs, config: Path) -> None:
    def skipped(*options: str) -> bool:
        told = nnfs("train", config, "-q", "--skip-done", "--json", *options).document
        return bool(told["skipped"])

    nnfs("train", config, "-q")
    nnfs("resume", "-q", "--epochs", 4)
    assert skipped(), "only --epochs was changed"
    nnfs("resume", "-q", "--epochs", 5, "--lr", 0.01)
    assert record(latest())["fingerprint"] == ""
    assert not skipped(), "no run of this config is left"
    for options in (["optimizer.lr=0.01", "train.epochs=5"], ["train.epochs=5"]):
        assert not skipped(*options)
        assert skipped(*options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--lr", 0], "`optimizer.lr` expects a number above 0"),
        (["--lr", "nan"], "`optimizer.lr` expects a number above 0"),
        (["--schedule", "cosin"], "did you mean 'cosine'"),
        (["--schedule", "{type: cosine, warmup: x}"], "`schedule.warmup` expects "),
        (["--schedule", "{type: plateau, monitor: val_f1}"], "'val_f1' is not measured"),
        (["--schedule", "{type: cosine"], "not valid YAML"),
        (["--patience", 0], "`train.early_stopping.patience` expects "),
        (["--epochs", 3, "--lr", 0.01], "so optimizer.lr changes nothing; add --epochs N"),
        (["--lr", 0.01, "--epochs", 2], "3 epochs already"),
    ],
)
def test_wrong_values(nnfs: Nnfs, config: Path, options: list[object], words: str) -> None:
    nnfs("train", config, "-q")
    before = contents(latest())
    if "--epochs" not in options:
        options = ["--epochs", 5, *options]
    assert words in nnfs("resume", "latest", *options).refused(2)
    assert contents(latest()) == before


def test_what_it_is_already(nnfs: Nnfs, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that is put into the queue again and again says the same each time."""
    with monkeypatch.context() as patched:
        ended_at(10, patched)
        nnfs("train", config, "-q", "schedule=cosine")
    shutil.copytree(latest(), "plain")
    nnfs("resume", "plain", "-q")
    done = nnfs("resume", "-q", "--epochs", 3, "--lr", 0.05, "--schedule", "cosine")
    assert (done.code, done.err.count("note: ")) == (0, 1)
    assert "the schedule is this one already" in done.err
    assert state(latest()) == state(Path("plain"))


@pytest.mark.parametrize(
    "forged",
    [
        {"key": "train.early_stopping.patience", "value": 3, "before": 1},
        {"key": "optimizer.lr", "value": 0.05, "before": "x"},
        {"key": "schedule", "value": {"type": "constant"}, "before": {"type": "sometimes"}},
        {"key": "layers", "value": [], "before": []},
        {"key": "optimizer.lr", "value": 0.05, "before": 0.1, "step": 99},
        {"key": "schedule", "value": json.loads("[" * 400 + "]" * 400), "before": None},
    ],
)
def test_forged_changes(nnfs: Nnfs, config: Path, forged: dict[str, Any]) -> None:
    """What strangers put into run.json is refused in a line, or not believed."""
    nnfs("train", config, "-q")
    run = latest()
    change = {"epoch": 2, "step": 14} | forged
    (run / "run.json").write_text(json.dumps(record(run) | {"resumed_with": [change]}))
    for command in (["reproduce", run], ["resume", run, "--epochs", 4], ["eval", run], ["runs"]):
        done = nnfs(*command)
        assert done.code in (0, 3, 6), done
        assert len(done.errors) == (done.code != 0)
