"""--skip-done: of many processes with one config, one trains it; numbers are given once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nnfs_cli.runs.run import Run

from .conftest import Nnfs, latest, record, table
from .test_outcome import until_an_epoch

LONG = "train.epochs=100000"
TASKS = 8

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.mark.slow
@pytest.mark.parametrize("wait", [True, False])
def test_eight_tasks_with_one_config_train_it_once(start: Start, toy: Path, wait: bool) -> None:
    options = ["--skip-done", "--json", *(["--wait"] if wait else []), "train.epochs=200"]
    tasks = [start("train", toy, "-q", *options) for _ in range(TASKS)]
    answers = [json.loads(task.communicate(timeout=120)[0]) for task in tasks]
    codes = sorted(task.returncode for task in tasks)
    (run,) = [path for path in Path("runs").iterdir() if (path / "run.json").is_file()][:1]
    assert {Path(answer["run"]).resolve() for answer in answers} == {run.resolve()}
    assert len({path.resolve() for path in Path("runs").glob("*/run.json")}) == 1
    if wait:
        assert codes == [0] * TASKS
        assert sorted(answer["skipped"] for answer in answers) == [False] + [True] * 7
    else:
        assert codes.count(0) >= 1
        assert set(codes) <= {0, 7}
        refused = [answer for answer in answers if "error" in answer]
        assert all(answer["error"]["code"] == 7 for answer in refused)
        assert all(answer["status"] in ("running", "finished") for answer in refused)
    assert record(run)["status"] == "finished"


@pytest.mark.slow
def test_trainings_started_together_get_different_numbers(start: Start, toy: Path) -> None:
    tasks = [start("train", toy, "-q", f"seed={seed}") for seed in range(4)]
    assert [task.wait(timeout=120) for task in tasks] == [0] * 4
    numbers = [record(path.parent)["number"] for path in Path("runs").glob("*-toy-*/run.json")]
    assert sorted(numbers) == [1, 2, 3, 4]


def test_a_config_that_is_being_trained(start: Start, nnfs: Nnfs, toy: Path) -> None:
    first = start("train", toy, LONG, "--print-run-dir")
    assert first.stdout is not None
    run = Path(first.stdout.readline().strip())
    assert run.is_dir(), "the folder is printed as soon as it is there"
    for _ in range(2):
        again = nnfs("train", toy, LONG, "-q", "--skip-done", "--print-run-dir")
        line = again.refused(7)
        assert f"run {run.name} of this config is being trained by another process" in line
        assert "--wait" in line
        assert again.out == "", "no folder is handed on that is not finished"
    told = nnfs("resume", "--json").document
    assert told["error"]["code"] == 7
    assert told["status"] == "running"
    first.kill()
    first.wait()
    assert Run(run).status() == "interrupted"


@pytest.mark.slow
def test_a_waiting_task_goes_on_where_the_other_was_killed(start: Start, toy: Path) -> None:
    first = start("train", toy, "-q", LONG, "--print-run-dir")
    assert first.stdout is not None
    run = Path(first.stdout.readline().strip())
    second = start("train", toy, "-q", LONG, "--skip-done", "--wait")
    assert second.stderr is not None
    assert f"note: waiting for run {run.name}" in second.stderr.readline()
    first.kill()
    assert f"note: going on with run {run.name}" in second.stderr.readline()
    until_an_epoch(run, number=len(table(run)) + 1)
    second.terminate()
    assert second.wait(timeout=30) == 143


def test_a_finished_run_of_an_older_version_gets_its_file(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q")
    for command in (["train", toy, "--skip-done"], ["resume"]):
        (latest() / "finished").unlink()
        assert nnfs(*command, "-q").code == 0
        assert (latest() / "finished").read_bytes() == b""
