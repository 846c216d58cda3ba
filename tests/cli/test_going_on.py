"""A run that stopped early goes on when it is asked to."""

from __future__ import annotations

from pathlib import Path

from .conftest import Nnfs, record, table

STOPPING = "train.early_stopping={patience: 2, min_delta: 9.0}"


def test_more_epochs_after_an_early_stop(nnfs: Nnfs, toy: Path) -> None:
    run = Path("run")
    nnfs("train", toy, "-q", "--run-dir", run, "train.epochs=60", STOPPING)
    before = table(run)
    assert len(before) == 3
    told = nnfs("resume", run, "-q")
    assert told.code == 0
    assert "stopped early after 3 epochs; --epochs N goes on" in told.out
    assert table(run) == before, "without being asked for more it is finished"
    for epochs in (60, 80):
        assert nnfs("resume", run, "-q", "--epochs", epochs).code == 0
        assert len(table(run)) == len(before) + 2, "patience counts from there"
        assert table(run)[: len(before)] == before
        before = table(run)
        assert record(run)["stopped"] == "early_stopping"
    assert nnfs("reproduce", run).code == 0
