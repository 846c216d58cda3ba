"""A metric that cannot be computed: refused where that is known, no evidence where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

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
