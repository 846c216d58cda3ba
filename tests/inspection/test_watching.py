"""How a run stands, from files that are written here by hand."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.inspection.watching import standing
from nnfs_cli.runs.record import FINISHED, RUNNING
from nnfs_cli.runs.run import Run

RECORD: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden/format_1/run.json").read_text()
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path)
    run.write(RECORD | {"status": RUNNING, "best": None})
    run.config.write_text("train: {epochs: 20}\n")
    return run


def rows(run: Run, *times: float) -> None:
    lines = (f"{n},{1 / n},{t}" for n, t in enumerate(times, 1))
    run.metrics.write_text("\n".join(["epoch,train_loss,time_s", *lines]) + "\n")


def test_the_time_that_is_left_is_that_of_the_last_ten_epochs(run: Run) -> None:
    run.lock()
    found = standing(run)
    assert (found.epochs, found.planned, found.figures) == (0, 20, {})
    assert (found.seconds_per_epoch, found.seconds_left) == (None, None)
    rows(run, 100.0, 200.0, *(200.0 + 3 * n for n in range(1, 11)))
    found = standing(run)
    assert (found.status, found.epochs) == (RUNNING, 12)
    assert found.seconds_per_epoch == pytest.approx(3.0)
    assert found.seconds_left == pytest.approx(8 * 3.0)
    assert found.figures["train_loss"] == [1 / n for n in range(1, 13)]
    run.config.write_text("train: {epochs: 10}\n")
    assert standing(run).seconds_left == 0.0
    run.update(status=FINISHED)
    assert standing(run).seconds_left is None


def test_a_resume_begins_to_count_time_anew(run: Run) -> None:
    run.lock()
    rows(run, 2.0, 4.0, 1.0, 3.0)
    assert standing(run).seconds_per_epoch == pytest.approx(2.0), "steps of 2, 2, and 2 seconds"


@pytest.mark.parametrize(
    "text", ["", "- 1\n", "train: 3\n", "train: {epochs: 0}\n", "train: {epochs: x}\n", "a: [\n"]
)
def test_a_config_that_plans_nothing(run: Run, text: str) -> None:
    run.lock()
    rows(run, 2.0)
    run.config.write_text(text)
    found = standing(run)
    assert (found.planned, found.seconds_left) == (None, None)
    assert found.seconds_per_epoch == 2.0


def test_how_long_it_has_been_silent(run: Run) -> None:
    assert standing(run).silent_for is None
    rows(run, 2.0)
    os.utime(run.metrics, (time.time() - 50, time.time() - 50))
    assert standing(run).silent_for == pytest.approx(50, abs=5)
    os.utime(run.metrics, (time.time() + 50, time.time() + 50))
    assert standing(run).silent_for == 0.0, "another machine's clock may be ahead"


def test_the_gradients_of_the_epochs_that_were_measured(run: Run) -> None:
    run.layers.write_text(
        "epoch,step,name,norm,gradient_norm,update_ratio,mean,std,dead,saturated\n"
        "1,5,dense_1.weight,1,0.5,0.1,,,,\n1,5,dense_1.activation,,,,0,1,0,\n"
        "2,10,dense_1.weight,1,0.25,0.1,,,,\n2,10,dense_1.bias,1,3,0.1,,,,\n"
    )
    assert standing(run).gradients == {"dense_1.weight": [0.5, 0.25], "dense_1.bias": [3.0]}
