"""An experiment as a generator of events, without the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from nnfs_cli.data.source import Source
from nnfs_cli.errors import DivergedError, LockedError, UsageError
from nnfs_cli.runs import start as experiment
from nnfs_cli.runs.checkpointing import Checkpointer
from nnfs_cli.runs.events import Event, Finished, Notice, Skipped, Started
from nnfs_cli.runs.resume import resume
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.loop import Epoch, Step

TEXT = """\
name: small
data: {type: moons, samples: 20, test_samples: 10, validation: 0}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: sgd, lr: 0.1}
train: {epochs: 2, batch_size: 10}
"""
OFFLINE = Source(offline=True)


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
