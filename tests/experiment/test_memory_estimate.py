"""The forecast of memory, term by term, against sizes that are counted by hand or traced."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nnfs_cli.compute.team import Team
from nnfs_cli.config.config import load_config
from nnfs_cli.data.source import Source
from nnfs_cli.experiment import memory_estimate
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.experiment.memory_estimate import peak_bytes
from nnfs_cli.runs.run import Run
from nnfs_cli.training.loop import Epoch

CONFIG = """\
data: {type: digits, validation: 97, normalize: none}
layers:
  - flatten
  - {type: dense, units: 500, activation: relu, trainable: false}
  - {type: dense, units: 300, activation: relu}
  - {type: dense, units: 10}
loss: cross_entropy
optimizer: adam
train: {batch_size: 512, workers: 1}
"""
FROZEN = 64 * 500 + 500
LEARNING = 500 * 300 + 300 + 300 * 10 + 10


class Several(Team):
    """A team of three, of which only the size matters."""

    size = 3


Make = Callable[..., Built]


@pytest.fixture
def made(tmp_path: Path) -> Make:
    def make(*overrides: str) -> Built:
        (tmp_path / "c.yaml").write_text(CONFIG)
        config, document = load_config(tmp_path / "c.yaml", overrides)
        return build(config, Source(offline=True), document)

    return make


def test_copies_of_the_best_epoch_and_of_earlier_values(
    made: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_estimate, "resident_peak", lambda built: 1_000_000)
    best = 4 * (FROZEN + LEARNING) + 2 * 4 * LEARNING  # all weights, and Adam's two vectors
    monkeypatch.setattr(memory_estimate, "history_bytes", lambda built: 77)
    assert peak_bytes(made()) == 1_000_000 + best + 2 * 4 * LEARNING + 77


@pytest.mark.parametrize("metrics", ["metrics=[]", "metrics=[accuracy, f1, precision, top_k]"])
def test_the_figures_of_all_epochs(made: Make, tmp_path: Path, metrics: str) -> None:
    small = "layers=[flatten, {type: dense, units: 10}]"
    built = made(small, "data.limit=20", "data.validation=0.2", metrics, "train.epochs=300")
    run, held = Run(tmp_path), []
    tracemalloc.start()
    for event in built.training:
        if isinstance(event, Epoch):
            start = {"epoch": event.epoch, "step": event.step, "time_s": 0.123, "lr": event.lr}
            run.append_metrics(start | event.record)
            if event.epoch in (100, 300):
                run.sync_rows()
                held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    forecast = memory_estimate.history_bytes(built) * 200 / 300
    assert held[1] - held[0] == pytest.approx(forecast, rel=0.25)


def test_what_the_test_needs_at_the_end(made: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten numbers for each target with squared errors; bytes stay bytes, others are scaled."""
    monkeypatch.setattr(memory_estimate, "resident_peak", lambda built: 0)
    built = made()
    assert built.data.test is not None
    count = len(built.data.test)
    assert peak_bytes(made("loss=mse")) - peak_bytes(built) == count * 10 * 4
    samples = replace(built.data.train, inputs=built.data.train.inputs.astype(np.float32))
    before = peak_bytes(built)
    built.training.batches = built.network.batches(samples, 512)
    assert peak_bytes(built) - before == count * 64 * 4


@pytest.mark.parametrize(
    ("overrides", "learning"),
    [
        ((), LEARNING),
        (("layers=[flatten, {type: dense, units: 10}]", "train.batch_size=1500"), 650),
    ],
    ids=["mostly scratch and gradients", "mostly the batch"],
)
def test_what_every_other_worker_needs(
    made: Make, monkeypatch: pytest.MonkeyPatch, overrides: tuple[str, ...], learning: int
) -> None:
    monkeypatch.setattr(memory_estimate, "resident_peak", lambda built: 0)
    list(islice(made(*overrides).training, 2))  # what is imported on the way counts no more
    built = made(*overrides)
    training, size = built.training, built.training.batches.batch_size
    tracemalloc.start()
    list(islice(training, 2))
    scratch, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    alone = peak_bytes(built)
    monkeypatch.setattr(training, "team", Several())
    batch = size * (64 + 64 * 4 + 2 * 8)  # pixels, as float32 too; targets, encoded too
    interpreter = 12 * 1024 * 1024
    worker = (peak_bytes(built) - alone) / 2 - interpreter
    assert worker == pytest.approx(scratch + batch + 4 * learning, abs=450_000)


def test_where_no_system_tells_the_arrays_count(
    made: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.setattr("nnfs_cli.experiment.memory_estimate.Path", lambda _: tmp_path / "none")
    built = made()
    training_alone = replace(built, data=replace(built.data, validation=None, test=None))
    others = peak_bytes(built) - peak_bytes(training_alone)
    assert others == (1797 - len(built.data.train)) * (64 + 8)
    nothing = replace(built.data, train=built.data.train.pick(np.arange(0)))
    training = peak_bytes(built) - peak_bytes(replace(built, data=nothing))
    assert training == len(built.data.train) * (64 + 8)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such figure")
@pytest.mark.parametrize(("platform", "unit"), [("linux", 1024), ("darwin", 1)])
def test_where_proc_is_hidden_the_system_is_asked_in_its_own_unit(
    made: Make, monkeypatch: pytest.MonkeyPatch, platform: str, unit: int
) -> None:
    import resource

    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    built = made()
    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(resource, "getrusage", lambda who: SimpleNamespace(ru_maxrss=77))
    assert memory_estimate.resident_peak(built) == 77 * unit
