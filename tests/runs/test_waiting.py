"""Waiting for a run that another process trains, or may train."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.errors import LockedError
from nnfs_cli.runs import waiting
from nnfs_cli.runs.lock import Lock
from nnfs_cli.runs.record import FINISHED, RUNNING
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.waiting import wait_for

RECORD: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden/format_1/run.json").read_text()
)


class Others:
    """What another process does while this one waits, a thing a look; time passes at each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, locked: bool | None, *deeds: Any) -> None:
        self.deeds, self.now, self.looks = [*deeds], 0.0, 0
        monkeypatch.setattr(waiting.time, "sleep", self.sleep)
        monkeypatch.setattr(waiting.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(Lock, "is_taken", lambda lock: locked)

    def sleep(self, seconds: float) -> None:
        assert seconds == waiting.LOOK_AGAIN_SECONDS
        self.now += 100.0
        self.looks += 1
        deed = self.deeds.pop(0) if self.deeds else None
        if deed:
            deed()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "r")
    run.path.mkdir()
    run.write(RECORD | {"status": RUNNING})
    return run


def test_it_returns_when_the_other_has_finished(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    others = Others(monkeypatch, True, *[None] * 30, lambda: run.update(status=FINISHED))
    wait_for(run, 1.0)
    assert others.looks == 31, "a lock that is held is waited for without an end"
    wait_for(run, 1.0)
    assert others.looks == 31


def test_it_returns_when_the_run_is_gone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    others = Others(monkeypatch, True, None, (run.path / "run.json").unlink)
    wait_for(run, 1.0)
    assert others.looks == 2


@pytest.mark.parametrize(("saves_every", "looks"), [(1.0, 7), (200.0, 7), (400.0, 13)])
def test_silence_where_no_lock_tells_is_not_waited_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, saves_every: float, looks: int
) -> None:
    """After ten minutes, or three checkpoints that did not come."""
    others = Others(monkeypatch, None)
    silence = max(600.0, 3 * saves_every)
    told = f"says running, but nothing of it changed in {silence / 60:.0f} minutes"
    with pytest.raises(LockedError, match=told) as caught:
        wait_for(run, saves_every)
    assert others.looks == looks
    assert "if it was killed" in caught.value.hint


@pytest.mark.parametrize("name", ["metrics.csv", "train.log", "checkpoints/last.npz"])
def test_whatever_grows_is_a_sign_of_life(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (run.path / "checkpoints").mkdir()

    def grow() -> None:
        with (run.path / name).open("a") as file:
            file.write("x")

    others = Others(monkeypatch, None, *[None] * 5, grow)
    with pytest.raises(LockedError):
        wait_for(run, 1.0)
    assert others.looks == 6 + 7
