"""How a run ended, for programs: JSON answers, run.json, the file ``finished``, and make."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.runs.session import Session

from .conftest import Nnfs, latest, record, state

LONG = "train.epochs=100000"
Start = Callable[..., "subprocess.Popen[str]"]
LATEST = Path("runs/latest")
KEYS = ("run", "status", "epochs", "stopped")


def outcome(document: dict[str, Any]) -> tuple[str, int, str | None]:
    assert set(KEYS) <= set(document)
    assert Path(document["run"]).resolve() == latest()
    return document["status"], document["epochs"], document["stopped"]


def until_an_epoch(run: Path, number: int = 1) -> None:
    """Wait for a run in another process."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        metrics = run / "metrics.csv"
        if metrics.is_file() and metrics.read_text().count("\n") > number:
            return
        time.sleep(0.02)
    raise TimeoutError


def is_finished(run: Path) -> bool:
    there = (run / "finished").exists()
    assert there == (record(run)["status"] == "finished")
    return there


def test_a_whole_training(nnfs: Nnfs, toy: Path) -> None:
    for command in (["train", toy], ["resume"], ["reproduce", "latest"]):
        assert outcome(nnfs(*command, "--json").document) == ("finished", 3, None)
        assert is_finished(latest())
        assert record(latest())["stopped"] is None


def test_stopped_by_the_clock(nnfs: Nnfs, toy: Path) -> None:
    told = nnfs("train", toy, "--json", LONG, "train.max_time=0.2s").document
    status, epochs, stopped = outcome(told)
    assert (status, stopped) == ("finished", "max_time")
    assert 0 < epochs < 100000
    assert record(latest())["stopped"] == "max_time"
    assert is_finished(latest())
    line = f"stopped after {epochs} epochs, as train.max_time says; --epochs N goes on"
    assert line in nnfs("resume").out
    assert outcome(nnfs("resume", "--epochs", 100000, "--json").document)[1] > epochs


def test_stopped_early(nnfs: Nnfs, toy: Path) -> None:
    stopping = "train.early_stopping={patience: 1, min_delta: 9.0}"
    assert outcome(nnfs("train", toy, "--json", LONG, stopping).document) == (
        "finished", 2, "early_stopping",
    )  # fmt: skip
    assert is_finished(latest())


def test_diverged(nnfs: Nnfs, toy: Path) -> None:
    done = nnfs("train", toy, "--json", "optimizer={type: sgd, lr: 1e6}")
    assert done.code == 4
    status, _, stopped = outcome(done.document)
    assert (status, stopped) == ("diverged", "diverged")
    assert record(latest())["stopped"] == "diverged"
    assert not is_finished(latest())
    again = nnfs("train", toy, "--json", "optimizer={type: sgd, lr: 1e6}", "--skip-done")
    assert outcome(again.document)[0] == "diverged"
    assert outcome(nnfs("resume", "--json").document)[0] == "diverged"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(start: Start, toy: Path, signum: int) -> None:
    process = start("train", toy, "--json", "-q", LONG)
    until_an_epoch(LATEST)
    assert not is_finished(latest())
    process.send_signal(signum)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 128 + signum
    status, epochs, stopped = outcome(json.loads(out))
    assert (status, stopped) == ("interrupted", "interrupted")
    assert epochs == record(latest())["epochs"] > 0
    assert record(latest())["stopped"] == "interrupted"
    assert not is_finished(latest())


def test_a_resume_takes_the_file_away_while_it_trains(start: Start, nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q")
    process = start("resume", "-q", "--epochs", "100000")
    until_an_epoch(LATEST, number=4)
    assert not is_finished(latest())
    process.kill()


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("heal", [["resume"], ["train", "toy.yaml", "--skip-done"]])
def test_killed_between_run_json_and_finished(
    nnfs: Nnfs, toy: Path, monkeypatch: pytest.MonkeyPatch, heal: list[str]
) -> None:
    """It is listed as what it is, and asking for it again adds the file."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as dead:
        dead.setattr(Path, "touch", killed)
        dead.setattr(Session, "_ended_by", killed)
        with pytest.raises(Killed):
            nnfs("train", toy, "-q")
    before = state(latest())
    assert nnfs("runs", "--json").document["runs"][0]["status"] == "finished"
    assert not (latest() / "finished").exists()
    assert nnfs(*heal, "-q", "--json").document["status"] == "finished"
    assert is_finished(latest())
    assert state(latest()) == before


def test_run_json_deleted_by_make(start: Start, nnfs: Nnfs, toy: Path) -> None:
    """make deletes the target of a rule that it interrupts, while or after we save."""
    process = start("train", toy, "-q", "--run-dir", "out", LONG)
    until_an_epoch(Path("out"))
    Path("out/run.json").unlink()
    process.terminate()
    assert process.wait(timeout=30) == 143, "not 3: it keeps what it wrote"
    assert record(Path("out"))["status"] == "interrupted"


def test_run_json_is_made_again(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q", "--run-dir", "out", "train.epochs=2")
    nnfs("train", toy, "-q", "--run-dir", "whole")
    before = record(Path("out"))
    Path("out/run.json").unlink()
    refused = nnfs("train", toy, "--run-dir", "out").refused(2)
    assert "`nnfs resume`" in refused
    done = nnfs("resume", "out", "--epochs", "3")
    assert done.code == 0
    assert "run.json is missing and written anew from last.npz" in done.err
    assert state(Path("out")) == state(Path("whole"))
    now, whole = record(Path("out")), record(Path("whole"))
    same = ("environment", "workers", "plugins", "data", "parameters", "seed", "best", "test")
    assert {key: now[key] for key in same} == {key: whole[key] for key in same}
    assert now["fingerprint"] == before["fingerprint"]
    assert nnfs("reproduce", "out").code == 0


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_under_make(folder: Path, toy: Path) -> None:
    """An interrupted rule goes on, and counts as done only when its run is finished."""
    root = Path(__file__).parents[2]
    rule = (
        "out/%/finished: toy.yaml\n"
        f"\t{sys.executable} -m nnfs_cli train toy.yaml -q --run-dir out/$* --skip-done "
        "seed=$* train.epochs=$(EPOCHS)\n"
    )
    Path("Makefile").write_text("all: out/1/finished out/2/finished\n" + rule)
    env = os.environ | {"PYTHONPATH": str(root)}
    command = ["make", "-j2", "EPOCHS=3000"]
    with subprocess.Popen(command, env=env, start_new_session=True, stderr=-1) as make:
        deadline = time.monotonic() + 30
        while len(list(Path("out").glob("*/metrics.csv"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(make.pid, signal.SIGINT)
        make.communicate(timeout=30)
    assert not list(Path("out").glob("*/finished"))
    again = subprocess.run(command, env=env, capture_output=True, text=True, timeout=90)
    assert again.returncode == 0, again.stderr
    assert {path.parent.name for path in Path("out").glob("*/finished")} == {"1", "2"}
    third = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
    assert "Nothing to be done" in third.stdout
