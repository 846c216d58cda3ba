"""Which checkpoint is written when, and that it holds what it should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, DivergedError
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.runs.checkpoint import read_text
from nnfs_cli.runs.checkpointing import Checkpointer, progress_from
from nnfs_cli.runs.describe import training_facts
from nnfs_cli.runs.history import history_of
from nnfs_cli.runs.run import Run
from nnfs_cli.training.early_stopping import Watch
from nnfs_cli.training.loop import Epoch, Step

CONFIG = """\
data: {type: xor, samples: 40, validation: 0}
layers: [{type: dense, units: 4}, {type: dropout, rate: 0.5}, tanh, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.1}
metrics: [accuracy]
train: {epochs: 6, batch_size: 16, checkpoint: {every_epochs: 2, every_seconds: 1000}}
"""


@pytest.fixture
def built() -> Built:
    return build(validate(parse(CONFIG, "c")), Source(offline=True))


@pytest.fixture
def saver(built: Built, tmp_path: Path) -> Checkpointer:
    run = Run(tmp_path)
    run.checkpoint("last").parent.mkdir()
    run.metrics.touch()
    return Checkpointer(built, run, training_facts(built, {}, "f"))


def trained(saver: Checkpointer) -> Iterator[Step | Epoch]:
    """The events of the training, its rows written as a session writes them."""
    for event in saver.training:
        if isinstance(event, Epoch):
            saver.run.append_metrics({"epoch": event.epoch} | event.record)
        yield event


def history(saver: Checkpointer, name: str = "last") -> list[dict[str, float]]:
    return history_of(saver.run, read_text(saver.run.checkpoint(name)))


def saved(saver: Checkpointer, name: str = "last") -> dict[str, Any]:
    progress: dict[str, Any] = read_text(saver.run.checkpoint(name))["progress"]
    return progress


def test_nothing_is_written_twice(saver: Checkpointer) -> None:
    saver.save()
    before = saver.run.checkpoint("last").stat().st_mtime_ns
    saver.save()
    assert saver.run.checkpoint("last").stat().st_mtime_ns == before
    assert (saved(saver)["step"], history(saver)) == (0, [])
    assert not saver.run.checkpoint("best").exists()


def test_an_epoch_that_ends_after_a_save_is_not_forgotten(saver: Checkpointer) -> None:
    """Its last step was saved, but not that it was its last."""
    for event in trained(saver):
        if isinstance(event, Epoch):
            break
        saver.save()
    saver.save()
    assert (saved(saver)["epoch"], saved(saver)["batch"]) == (1, 0)
    assert len(history(saver)) == 1


def test_best_and_last_fit_together(saver: Checkpointer) -> None:
    weights = {}
    for event in trained(saver):
        if isinstance(event, Epoch):
            saver.after_epoch()
            weights[event.epoch] = saver.training.model.flat.values.copy()
    saver.save()
    assert saved(saver)["epoch"] == 6
    best = Watch("train_loss").best_epoch(history(saver))
    assert saved(saver, "best")["epoch"] == best == saver.best
    for name, epoch in (("best", best), ("last", 6)):
        saver.training.model.flat.values[...] = 0
        saver.restore(name)
        assert np.array_equal(saver.training.model.flat.values, weights[epoch or 0])


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.6, [None, 2, 2, 4, 4, 6]), (0.3, [None, None, None, 4, 4, 4]), (0.1, [None] * 6)],
)
def test_saves_are_due_after_some_epochs_and_some_time(
    saver: Checkpointer,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    expected: list[int | None],
) -> None:
    """Every second epoch, at least a second apart; within an epoch after a thousand seconds."""
    clock = [500.0]
    saver._saved_at = 500.0
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    found = []
    for event in saver.training:
        saver.after_step()
        if isinstance(event, Epoch):
            clock[0] += seconds
            saver.after_epoch()
            there = saver.run.checkpoint("last").exists()
            found.append(saved(saver)["epoch"] if there else None)
    assert found == expected
    saver.save()
    saver.training.progress.step += 1
    for later, is_saved in ((999.0, False), (1.0, True)):
        clock[0] += later
        saver.after_step()
        assert (saved(saver)["step"] == saver.training.progress.step) == is_saved


def test_weights_that_are_not_finite_are_never_saved(saver: Checkpointer) -> None:
    saver.save()
    next(iter(saver.training))
    saver.training.model.flat.values[0] = np.nan
    with pytest.raises(DivergedError):
        saver.save()
    assert saved(saver)["step"] == 0


def test_progress_there_and_back(saver: Checkpointer) -> None:
    next(iter(saver.training))
    saver.save()
    last = saver.run.checkpoint("last")
    text = read_text(last)
    assert progress_from(text, last, saver.training, []) == saver.training.snapshot()
    beyond = {"progress": text["progress"] | {"epoch": 7, "step": 21, "batch": 0}}
    with pytest.raises(DataError, match="its progress has 7 epochs, of 6"):
        progress_from(beyond, last, saver.training, [])
    for wrong in ({"step": 9}, {"batch": 10**6}, {"metric_sums": []}, {"metric_sums": [[1.0]]}):
        with pytest.raises(DataError, match="is not a valid checkpoint: its progress has"):
            progress_from({"progress": text["progress"] | wrong}, last, saver.training, [])


def test_a_history_without_what_the_training_records(saver: Checkpointer) -> None:
    for event in trained(saver):
        if isinstance(event, Epoch):
            break
    saver.save()
    last = saver.run.checkpoint("last")
    text, past = read_text(last), history(saver)
    assert progress_from(text, last, saver.training, past).history == past
    del past[-1]["train_loss"]
    with pytest.raises(DataError, match="no train_loss in its history"):
        progress_from(text, last, saver.training, past)
