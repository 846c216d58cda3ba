"""`nnfs resume`: more epochs, and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from .conftest import Nnfs, contents, latest, record, state, table

HARD = """\
name: hard
data: {type: moons, samples: 60, test_samples: 30, validation: 0.2}
layers:
  - {type: dense, units: 8}
  - batch_norm
  - relu
  - {type: dropout, rate: 0.2}
  - {type: dense, units: 2}
loss: cross_entropy
optimizer: {type: sgd, lr: 0.05, momentum: 0.9}
metrics: [accuracy]
train: {epochs: 3, batch_size: 7}
"""


@pytest.fixture
def hard(folder: Path) -> Path:
    path = folder / "hard.yaml"
    path.write_text(HARD)
    return path


@pytest.mark.parametrize(
    "schedule",
    ["constant", "{type: step, every_epochs: 2}", "{type: plateau, patience: 1, gamma: 0.5}"],
)
def test_more_epochs_are_as_if_planned_from_the_start(
    nnfs: Nnfs, hard: Path, schedule: str
) -> None:
    nnfs("train", hard, "-q", f"schedule={schedule}", "train.epochs=8")
    whole = latest()
    nnfs("train", hard, "-q", f"schedule={schedule}")
    result = nnfs("resume", "latest", "--epochs", 8)
    assert result.code == 0, result.err
    assert "planned anew" not in result.err
    ours, theirs = state(latest()), state(whole)
    ours.pop("checkpoints/best.npz"), theirs.pop("checkpoints/best.npz")
    assert ours == theirs
    assert record(latest())["test"] == record(whole)["test"]
    with (
        np.load(latest() / "checkpoints/best.npz") as mine,
        np.load(whole / "checkpoints/best.npz") as other,
    ):
        names = [name for name in other.files if name != "checkpoint.json"]
        assert all(np.array_equal(mine[name], other[name]) for name in names)


def test_a_schedule_that_plans_ahead_is_planned_anew(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q", "schedule=cosine")
    result = nnfs("resume", "latest", "--epochs", 6)
    assert result.code == 0
    notes = [line for line in result.err.splitlines() if line.startswith("note: ")]
    assert notes == ["note: cosine is planned anew over 6 epochs"]
    assert len(table(latest())) == 6
    assert float(table(latest())[3]["lr"]) > float(table(latest())[5]["lr"])


def test_what_ran_further_can_be_resumed_again(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q")
    for epochs in (4, 6):
        assert nnfs("resume", "latest", "--epochs", epochs).code == 0
    assert [row["epoch"] for row in table(latest())] == list("123456")
    assert "train.epochs" not in nnfs("resume", "latest").err
    assert "6 epochs already" in nnfs("resume", "latest", "--epochs", 2).refused(2)


def test_an_edited_config_is_refused(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q")
    run = latest()
    path = run / "config.yaml"
    text = path.read_text().replace("lr: 0.05", "lr: 0.01").replace("epochs: 3", "epochs: 5")
    path.write_text(text)
    before = contents(run)
    line = nnfs("resume", "latest", "--epochs", 5).refused(2)
    assert "optimizer.lr" in line
    assert "train.epochs" in line
    assert contents(run) == before


def test_killed_between_more_epochs_and_the_first_checkpoint(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q", "train.epochs=6")
    whole = state(latest())
    nnfs("train", hard, "-q")
    run = latest()
    config = (run / "config.yaml").read_text().replace("epochs: 3", "epochs: 6")
    (run / "config.yaml").write_text(config)
    changed = record(run) | {"planned_epochs": 6, "status": "running"}
    (run / "run.json").write_text(json.dumps(changed))
    assert nnfs("resume", "latest").code == 0
    assert state(run)["checkpoints/last.npz"] == whole["checkpoints/last.npz"]


def test_a_run_that_had_stopped_early_does_not_go_on(nnfs: Nnfs, hard: Path) -> None:
    stop = "train.early_stopping={monitor: train_loss, patience: 1, min_delta: 100}"
    nnfs("train", hard, "-q", stop, "train.epochs=9")
    run = latest()
    whole = state(run)
    (run / "run.json").write_text(json.dumps(record(run) | {"status": "interrupted"}))
    result = nnfs("resume", "latest")
    assert result.code == 0
    assert "stopped early" in result.err
    assert state(run) == whole


def test_half_a_row_and_rows_of_lost_epochs_are_cut_off(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q", "train.epochs=6")
    whole = table(latest())
    nnfs("train", hard, "-q")
    with (latest() / "metrics.csv").open("a") as file:
        file.write("4,99,9.9,0.1,1,1,1,1\n5,99,9")
    assert nnfs("resume", "latest", "--epochs", 6).code == 0
    assert table(latest()) == whole


def test_other_data_is_refused(nnfs: Nnfs, hard: Path) -> None:
    rows = [f"{i},{i % 7},{i % 2}\n" for i in range(40)]
    table_file = Path("table.csv")
    table_file.write_text("a,b,label\n" + "".join(rows))
    nnfs("train", hard, "-q", "data={type: csv, path: table.csv}")
    table_file.write_text("a,b,label\n" + "".join(rows[::-1]))
    before = contents(latest())
    for command in (["resume", "latest", "--epochs", "5"], ["eval"]):
        assert "is not what run" in nnfs(*command).refused(3)
    assert contents(latest()) == before


def test_another_machine_is_announced(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q")
    facts = record(latest())
    facts["environment"]["numpy"] = "1.0.0"
    (latest() / "run.json").write_text(json.dumps(facts))
    result = nnfs("resume", "latest", "--epochs", 4)
    assert result.code == 0
    assert "note: the machine differs (numpy was 1.0.0 and is " in result.err


def test_stale_temporary_files_are_swept(nnfs: Nnfs, hard: Path) -> None:
    from nnfs_cli.atomic import write_atomically

    nnfs("train", hard, "-q")
    checkpoints = latest() / "checkpoints"
    before = {*contents(checkpoints)}
    seen: list[str] = []

    def die(file: object) -> None:
        seen.extend({*contents(checkpoints)} - before)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(checkpoints / "last.npz", die)
    (checkpoints / seen[0]).write_bytes(b"half")
    assert nnfs("resume", "latest", "--epochs", 4).code == 0
    assert {*contents(checkpoints)} == before


@pytest.mark.slow
def test_of_two_resumes_at_once_one_trains(
    nnfs: Nnfs, hard: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    nnfs("train", hard, "-q", "train.epochs=400")
    whole = state(latest())
    nnfs("train", hard, "-q", "train.epochs=2", "--run-dir", "both")
    both = [start("resume", "both", "--epochs", "400", "-q") for _ in range(2)]
    codes = [process.wait(60) for process in both]
    assert 0 in codes
    assert set(codes) <= {0, 7}
    assert state(Path("both"))["checkpoints/last.npz"] == whole["checkpoints/last.npz"]
    assert len(table(Path("both"))) == 400


def test_more_epochs_than_a_config_may_have(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q")
    before = contents(latest())
    line = nnfs("resume", "latest", "--epochs", 100_001).refused(2)
    assert "`train.epochs` expects a whole number from 1 to 100,000, received 100001" in line
    assert contents(latest()) == before


def test_a_run_of_a_file_whose_name_no_config_may_have_can_be_read(nnfs: Nnfs, hard: Path) -> None:
    for name in ("x" * 101, os.fsdecode(b"caf\xe9")):
        named = hard.with_name(f"{name}.yaml")
        lines = [line for line in HARD.splitlines() if not line.startswith("name:")]
        named.write_text("\n".join(lines))
        assert nnfs("train", named, "-q").code == 0
        for command in (("eval",), ("resume", "latest", "--epochs", 4), ("runs", "show")):
            assert nnfs(*command).code == 0


def test_no_number_that_json_does_not_have(nnfs: Nnfs, hard: Path) -> None:
    """A metric that is not defined is null in run.json, and not a number when it is read."""
    nnfs("train", hard, "-q", "train.epochs=1", "data.test_samples=1", "metrics=[roc_auc]")
    text = (latest() / "run.json").read_text()
    json.loads(text, parse_constant=pytest.fail)
    assert nnfs("runs", "--json").code == 0


def test_a_copy_by_hard_links_stays_as_it_is(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q")
    copy = Path("copy")
    shutil.copytree(latest(), copy, copy_function=os.link)
    before = contents(copy)
    assert nnfs("resume", "latest", "--epochs", 5).code == 0
    assert contents(copy) == before


def test_time_goes_on_where_it_stopped(nnfs: Nnfs, hard: Path) -> None:
    nnfs("train", hard, "-q")
    path = latest() / "metrics.csv"
    lines = path.read_text().splitlines()
    last = lines[-1].split(",")
    last[2] = "1000.5"
    path.write_text("\n".join([*lines[:-1], ",".join(last), ""]))
    assert nnfs("resume", "latest", "--epochs", 5).code == 0
    seconds = [float(line.split(",")[2]) for line in path.read_text().splitlines()[1:]]
    assert 1000.5 <= seconds[3] <= seconds[4] < 1060
    assert record(latest())["seconds"] >= 1000.5
