"""A run that its sweep has pruned: every command calls it so, and it goes on if it is asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnfs_cli.runs.events import Prune
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.loop import Epoch

from .conftest import Nnfs, record


@pytest.fixture
def pruned(toy: Path) -> Path:
    """A run as a sweep leaves it after its first epoch."""
    events = start(Request(toy))
    assert any(isinstance(event, Epoch) for event in events)
    with pytest.raises(Prune):
        events.throw(Prune("pruned after epoch 1: others did better"))
    return Path("runs/latest").resolve()


def test_every_command_says_pruned(nnfs: Nnfs, pruned: Path) -> None:
    assert record(pruned)["status"] == "interrupted", "what older versions can read"
    for sign, found in (("=pruned", 1), ("=interrupted", 0), ("=prun*", 1)):
        told = nnfs("runs", "--where", f"status{sign}", "--json").document
        assert [run["status"] for run in told["runs"]] == ["pruned"] * found
    assert "pruned" in nnfs("runs").out
    shown = nnfs("runs", "show").out
    assert "pruned" in shown
    assert "interrupted" not in shown
    assert nnfs("watch", "--once").out.splitlines()[0].endswith("  pruned")
    assert f"there is {pruned.name} (pruned)" in nnfs("compare", "latest").refused(3)
    assert nnfs("report", "-q").code == 0
    assert ", pruned" in (pruned / "report.html").read_text("utf-8")


@pytest.mark.parametrize("line", [["resume"], ["train", "toy.yaml", "--skip-done"]])
def test_it_goes_on_and_says_so(nnfs: Nnfs, pruned: Path, line: list[str]) -> None:
    told = nnfs(*line, "-q")
    notes = [line for line in told.err.splitlines() if line.startswith("note:")]
    assert notes == [f"note: run {pruned.name} was pruned after epoch 1; it goes on from there"]
    assert record(pruned)["status"] == "finished"
    assert [run["status"] for run in nnfs("runs", "--json").document["runs"]] == ["finished"]
