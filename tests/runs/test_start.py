"""An experiment as a generator of events, without the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from nnfs_cli.data.source import Source
from nnfs_cli.errors import (
    DivergedError,
    InterruptedRun,
    LockedError,
    MachineError,
    NnfsError,
    NotWritableError,
    UsageError,
)
from nnfs_cli.runs import start as experiment
from nnfs_cli.runs.checkpoint import read_text
from nnfs_cli.runs.checkpointing import Checkpointer
from nnfs_cli.runs.describe import lost_record
from nnfs_cli.runs.events import Event, Finished, Notice, Prune, Skipped, Started
from nnfs_cli.runs.resume import resume
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.loop import Epoch, Step, Training

TEXT = """\
name: small
data: {type: moons, samples: 20, test_samples: 10, validation: 0}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: sgd, lr: 0.1}
train: {epochs: 2, batch_size: 10}
"""
OFFLINE = Source(offline=True)
CHANGED = {"epoch": 1, "step": 2, "key": "optimizer.lr", "before": 0.2, "value": 0.1}


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    return Request(path, runs=RunsFolder(tmp_path / "runs"), source=OFFLINE)


def kinds(events: Iterable[Event]) -> list[type]:
    return [type(event) for event in events]


def trained(request: Request) -> Run:
    end = list(start(request))[-1]
    assert isinstance(end, Finished)
    return end.run


def test_what_happens(request_: Request) -> None:
    one = [Step, Step, Epoch]
    assert kinds(start(request_)) == [Started, *one, *one, Finished]


def test_everything_is_on_disk_before_it_is_told(request_: Request) -> None:
    for event in start(request_):
        if isinstance(event, Started):
            run = event.run
            assert run.checkpoint("last").is_file()
            assert request_.runs.latest().id == run.id
            assert run.read().status == "running"
        elif isinstance(event, Epoch):
            assert len(run.read_metrics()) == event.epoch
    assert run.status() == "finished"
    assert run.checkpoint("best").is_file()


def test_leaving_in_the_middle_is_an_interruption(request_: Request) -> None:
    events = start(request_)
    run = next(event.run for event in events if isinstance(event, Started))
    next(events)
    events.close()
    assert run.read().status == "interrupted"
    run.lock()  # is free
    run.unlock()


def test_the_run_is_locked_while_it_trains(request_: Request) -> None:
    events = start(request_)
    run = next(event.run for event in events if isinstance(event, Started))
    with pytest.raises(LockedError):
        list(resume(Run(run.path), request_.runs, OFFLINE))
    events.close()


def test_best_and_last_fit_together(request_: Request) -> None:
    run = trained(request_)
    record = run.read()
    assert record.best is not None
    assert record.best.monitor == "train_loss"
    losses = [row["train_loss"] for row in run.read_metrics()]
    assert record.best.value == min(losses)
    assert record.metrics["train_loss"] == min(losses)


def test_divergence_keeps_the_last_finite_weights(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnfs_cli.nn.losses.cross_entropy import CrossEntropy

    true, calls = CrossEntropy.value_and_grad, []

    def breaking(self: CrossEntropy, outputs: object, targets: object) -> object:
        calls.append(1)
        loss, grad = true(self, outputs, targets)  # type: ignore[arg-type]
        return (float("nan") if len(calls) == 4 else loss), grad

    monkeypatch.setattr(CrossEntropy, "value_and_grad", breaking)
    events = start(request_)
    run = next(event.run for event in events if isinstance(event, Started))
    with pytest.raises(DivergedError, match=r"step 4 \(epoch 2, learning rate 0.1\)"):
        list(events)
    record = run.read()
    assert record.status == "diverged"
    assert record.best is not None
    assert record.best.epoch == 1
    assert run.checkpoint("best").is_file(), "the first epoch was good and is kept"
    with pytest.raises(UsageError, match="diverged"):
        list(resume(run, request_.runs, OFFLINE, ["train.epochs=5"]))


def test_a_failed_save_is_on_record_and_the_checkpoint_before_it_stays(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = start(request_)
    run = next(event.run for event in events if isinstance(event, Started))
    before = run.checkpoint("last").read_bytes()

    def full(self: Checkpointer) -> None:
        from nnfs_cli.errors import MachineError

        raise MachineError("no space left")

    monkeypatch.setattr(Checkpointer, "save", full)
    with pytest.raises(Exception, match="no space left"):
        list(events)
    assert run.read().status == "interrupted"
    assert run.checkpoint("last").read_bytes() == before


def test_skip_done(request_: Request) -> None:
    run = trained(request_)
    again = Request(
        request_.config, runs=request_.runs, source=OFFLINE, skip_done=True, name="other"
    )
    events = list(start(again))
    assert kinds(events) == [Skipped]
    assert isinstance(events[0], Skipped)
    assert events[0].run.id == run.id


def test_a_resumed_early_end_needs_no_step(request_: Request) -> None:
    run = trained(request_)
    record = json.loads((run.path / "run.json").read_text()) | {"status": "interrupted"}
    (run.path / "run.json").write_text(json.dumps(record | {"test": None}))
    assert kinds(resume(run, request_.runs, OFFLINE)) == [Started, Finished]
    assert run.read().test is not None


def test_prepare_writes_nothing(request_: Request, tmp_path: Path) -> None:
    built, _ = experiment.prepare(request_)
    assert built.config.name == "small"
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_stand_ins_are_announced_first(request_: Request) -> None:
    text = (
        TEXT.replace(
            "type: moons, samples: 20, test_samples: 10",
            "type: mnist, if_unavailable: digits, limit: 20",
        )
        .replace("layers: [", "layers: [flatten, ")
        .replace("units: 2", "units: 10")
    )
    request_.config.write_text(text)
    first = next(start(request_))
    assert isinstance(first, Notice)
    assert "digits" in first.text


def again(request: Request, **settings: Any) -> Request:
    return replace(request, skip_done=True, **settings)


def test_a_run_that_has_trained_everything_has_nothing_left(request_: Request) -> None:
    run = trained(request_)
    for overrides in ([], ["train.epochs=2"]):
        (run.path / "finished").unlink()
        assert kinds(resume(run, request_.runs, OFFLINE, overrides)) == [Skipped]
        assert (run.path / "finished").is_file()
    with pytest.raises(UsageError, match=r"trained its 2 epochs, so optimizer\.lr changes nothing"):
        list(resume(run, request_.runs, OFFLINE, ["optimizer.lr=0.5"]))


def test_a_prune_is_saved_and_on_record(request_: Request) -> None:
    events = start(request_)
    run = next(event.run for event in events if isinstance(event, Started))
    next(events)
    with pytest.raises(Prune):
        events.throw(Prune())
    record = run.read()
    assert (record.status, record.stopped) == ("interrupted", "pruned")
    assert read_text(run.checkpoint("last"))["progress"]["step"] == 1
    assert kinds(resume(run, request_.runs, OFFLINE))[-1] is Finished


@pytest.mark.parametrize(
    ("error", "told", "code", "message"),
    [
        (KeyboardInterrupt(), InterruptedRun, 130, "interrupted at once; the last checkpoint is"),
        (MemoryError(), MachineError, 5, "out of memory"),
    ],
)
def test_an_error_from_outside_is_told_and_on_record(
    request_: Request, error: BaseException, told: type[NnfsError], code: int, message: str
) -> None:
    events = start(request_)
    run = next(event.run for event in events if isinstance(event, Started))
    with pytest.raises(told, match=message) as caught:
        events.throw(error)
    assert caught.value.code == code
    assert caught.value.facts["status"] == "interrupted"
    assert caught.value.facts["run"] == str(run.path)
    assert (run.read().status, run.is_locked()) == ("interrupted", False)


def test_a_second_interrupt_while_a_training_is_put_away_is_told(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    events = start(request_)
    run = next(event.run for event in events if isinstance(event, Started))
    next(events)
    monkeypatch.setattr(Training, "_join", interrupted)
    with pytest.raises(InterruptedRun, match="interrupted at once"):
        events.throw(InterruptedRun(2, "the first", ""))
    assert (run.read().status, run.is_locked()) == ("interrupted", False)


def test_one_that_waits_takes_what_the_other_has_trained(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(request_)
    run.update(status="running")
    other = Run(run.path)
    other.lock()
    with pytest.raises(LockedError):
        list(start(again(request_)))
    waits: list[tuple[str, float]] = []

    def wait_for(waited: Run, saves_every: float) -> None:
        waits.append((waited.id, saves_every))
        run.update(status="finished")
        other.unlock()

    monkeypatch.setattr(experiment, "wait_for", wait_for)
    told, end = start(again(request_, wait=True))
    assert isinstance(told, Notice)
    assert told.text.startswith(f"waiting for run {run.id} of this config, which another process")
    assert isinstance(end, Skipped)
    assert waits == [(run.id, 30.0)]


def test_where_nothing_can_be_written_an_earlier_run_is_taken(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: RunsFolder) -> NoReturn:
        raise NotWritableError("runs may only be read")

    monkeypatch.setattr(RunsFolder, "registering", refuse)
    with pytest.raises(NotWritableError, match="train elsewhere: --runs-dir DIR"):
        list(start(again(request_)))
    monkeypatch.undo()
    run = trained(request_)
    monkeypatch.setattr(RunsFolder, "registering", refuse)
    (end,) = start(again(request_))
    assert isinstance(end, Skipped)
    assert end.run.id == run.id


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("new_facts", KeyboardInterrupt()),
        ("annotate", KeyboardInterrupt()),
        ("Checkpointer.save", MachineError("no space left")),
        ("Checkpointer.save", KeyboardInterrupt()),
        ("Session", KeyboardInterrupt()),
        ("RunsFolder.point_latest_at", KeyboardInterrupt()),
    ],
)
def test_a_run_that_could_not_begin_leaves_nothing(
    request_: Request, place: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(f"nnfs_cli.runs.start.{place}", refuse)
    with pytest.raises(type(error)):
        list(start(request_))
    assert [path.name for path in request_.runs.path.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("harm", "skips"),
    [
        (lambda run: None, True),
        (lambda run: run.config.write_text("data: ["), False),
        (lambda run: run.config.unlink(), False),
        (lambda run: run.update(resumed_with=[CHANGED]), False),
        (lambda run: run.update(fingerprint="another"), True),
    ],
    ids=["sound", "damaged", "no config", "changed", "another fingerprint"],
)
def test_the_fingerprint_of_an_older_version_is_computed_anew(
    request_: Request, harm: Callable[[Run], object], skips: bool
) -> None:
    run = trained(request_)
    run.update(environment=run.read().environment | {"nnfs": "0.0.1"})
    harm(run)
    assert (kinds(start(again(request_)))[-1] is Skipped) is skips


def test_what_started_from_a_run_that_is_gone_has_no_fingerprint(request_: Request) -> None:
    first = trained(request_)
    second = trained(replace(request_, overrides=[f"init_from={first.path}"]))
    assert second.read().fingerprint
    for gone in (False, True):
        (second.path / "run.json").unlink()
        if gone:
            shutil.rmtree(first.path)
        text = read_text(second.checkpoint("last"))
        found = lost_record(second, text, request_.runs)
        second.write(found.to_json())
        assert bool(found.fingerprint) is not gone
        assert (found.status, found.id) == ("interrupted", second.id)
