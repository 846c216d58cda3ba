"""A metric that cannot be computed: refused where that is known, no evidence where it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli import Dense, train
from nnfs_cli.components.registry import IMPORTED
from nnfs_cli.errors import UsageError

from .conftest import Nnfs, record, table

CONFIG = """\
data: {type: csv, path: rows.csv, target: label, test: 0.2, validation: 0.2}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.05}
metrics: [roc_auc]
train: {epochs: 6, workers: 1, early_stopping: {monitor: val_roc_auc, patience: 2}}
"""


def rows(labels: list[str]) -> None:
    lines = [f"{n % 7},{n % 5},{label}" for n, label in enumerate(labels)]
    Path("rows.csv").write_text("\n".join(["a,b,label", *lines]) + "\n")
    Path("auc.yaml").write_text(CONFIG)


@pytest.mark.parametrize("command", ["check", "train"])
def test_roc_auc_of_three_classes_is_refused(nnfs: Nnfs, command: str) -> None:
    rows(["x", "y", "z"] * 20)
    line = nnfs(command, "auc.yaml", "layers.0.units=3").refused(2)
    assert "auc.yaml:5:11: metric roc_auc cannot be computed: it is for two classes" in line
    assert "the data has 3" in line


def test_an_undefined_value_does_not_stop_a_training(nnfs: Nnfs) -> None:
    rows(["no"] * 58 + ["yes"] * 2)  # none of the two falls into the validation split
    note = "note: val_roc_auc cannot be computed: the 10 validation samples are all of one class"
    assert note in nnfs("check", "auc.yaml").err + nnfs("check", "auc.yaml").out
    done = nnfs("train", "auc.yaml", "--run-dir", "run")
    assert done.code == 0
    assert note in done.err
    assert {row["val_roc_auc"] for row in table(Path("run"))} == {"nan"}
    assert record(Path("run"))["epochs"] == 6


def test_a_falling_rate_waits_for_defined_values(nnfs: Nnfs) -> None:
    rows(["no"] * 58 + ["yes"] * 2)
    plateau = "schedule={type: plateau, monitor: val_roc_auc, patience: 1}"
    assert nnfs("train", "auc.yaml", plateau, "--run-dir", "run", "-q").code == 0
    assert {float(row["lr"]) for row in table(Path("run"))} == {0.05}


@pytest.mark.parametrize(
    ("metrics", "place"),
    [
        ("[accuracy, accuracy]", "c.yaml:5:21"),
        ("[f1, accuracy, {type: f1}]", "c.yaml:5:25"),
        ("[{type: top_k, k: 2}, {type: top_k, k: 2}]", "c.yaml:5:32"),
    ],
)
def test_two_metrics_in_one_column_are_refused(nnfs: Nnfs, metrics: str, place: str) -> None:
    Path("c.yaml").write_text(CONFIG.replace("[roc_auc]", metrics))
    rows(["x", "y", "z"] * 20)
    for command in ("check", "train", "lr-find"):
        line = nnfs(command, "c.yaml", "layers.0.units=3", "train.early_stopping=null").refused(2)
        assert f"{place}: the metrics name " in line
        assert line.endswith("twice; name it once")
    assert not Path("runs").exists()


def test_the_losss_column_is_its_own(nnfs: Nnfs) -> None:
    rows(["x", "y"] * 30)
    Path("mine.py").write_text(
        "from nnfs_cli import metric\nfrom nnfs_cli.nn.metrics.accuracy import Accuracy\n"
        "@metric('loss')\nclass Mine(Accuracy):\n    pass\n"
    )
    try:
        own = ("metrics=[loss]", "train.early_stopping=null", "--plugin", "mine.py")
        line = nnfs("train", "auc.yaml", *own).refused(2)
    finally:
        IMPORTED["metric"].pop("loss", None)
    assert "a metric is called loss, as the loss is; give it another name" in line


def test_runs_that_have_a_metric_twice_go_on(nnfs: Nnfs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Earlier versions trained them, and wrote one column."""
    rows(["x", "y"] * 30)
    with monkeypatch.context() as before:
        before.setattr("nnfs_cli.experiment.build.require_own_key", lambda *_: None)
        twice = ("metrics=[accuracy, accuracy]", "train.early_stopping=null")
        assert nnfs("train", "auc.yaml", *twice, "--run-dir", "run", "-q").code == 0
    commands = [("resume", "run", "--epochs", 8), ("eval", "run"), ("reproduce", "run")]
    commands += [("trace", "run"), ("inspect", "run"), ("diagnose", "run"), ("watch", "run")]
    for command in commands:
        assert nnfs(*command, "-q").code == 0, command
    assert len(table(Path("run"))) == 8


def test_train_from_python_refuses_them_too() -> None:
    x, y = np.zeros((20, 2), np.float32), np.arange(20) % 2
    with pytest.raises(UsageError, match="the metrics name accuracy twice; name it once"):
        train([Dense(2)], (x, y), loss="cross_entropy", optimizer="sgd", metrics=["accuracy"] * 2)
