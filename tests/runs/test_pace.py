"""Progress of many short epochs is thinned; metrics.csv never is."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnfs_cli.cli.app import run as nnfs
from nnfs_cli.runs.pace import MAX_LINES, Pace, round_interval
from nnfs_cli.runs.run import Run

CONFIG = """\
data: {type: xor, samples: 20, validation: 0.2}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: sgd
train: {epochs: 1000, batch_size: full, workers: 1}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(CONFIG)


def told(text: str) -> list[int]:
    """The epochs that have a line in the table."""
    first = [line.split()[0] for line in text.splitlines() if line.strip()]
    return [int(word.partition("/")[0]) for word in first if "/" in word and word[0].isdigit()]


def logged() -> list[int]:
    lines = [line.split() for line in Path("R/train.log").read_text().splitlines()]
    return [int(words[3]) for words in lines if words[2] == "epoch"]


@pytest.mark.parametrize(
    ("epochs", "interval"),
    [(1, 1), (200, 1), (201, 2), (400, 2), (1000, 5), (2000, 10), (4001, 50), (100_000, 500)],
)
def test_round_intervals(epochs: int, interval: int) -> None:
    assert round_interval(epochs) == interval
    assert epochs / interval <= MAX_LINES


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], [*range(5, 1001, 5)]),
        (["train.report_every=300"], [300, 600, 900, 1000]),
        (["train.epochs=7"], [*range(1, 8)]),
        (["train.epochs=7", "train.report_every=2"], [2, 4, 6, 7]),
    ],
)
def test_lines_of_short_epochs(
    capsys: pytest.CaptureFixture[str], words: list[str], expected: list[int]
) -> None:
    assert nnfs(["train", "c.yaml", "--run-dir", "R", *words]) == 0
    assert told(capsys.readouterr().err) == expected
    assert logged() == expected
    rows = Run(Path("R")).read_metrics()
    assert [row["epoch"] for row in rows] == [*range(1, expected[-1] + 1)]


def test_the_epoch_that_ended_a_training_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    stopping = "train.early_stopping={monitor: train_loss, patience: 3, min_delta: 10}"
    assert nnfs(["train", "c.yaml", "--run-dir", "R", stopping, "train.report_every=1000"]) == 0
    last = int(Run(Path("R")).read_metrics()[-1]["epoch"])
    assert last < 10
    assert told(capsys.readouterr().err) == [last]
    assert logged() == [last]


def test_long_epochs_have_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    by_itself, asked, resumed = Pace(1000, 0, None), Pace(1000, 0, 100), Pace(1000, 500, None)
    clock[0] = 0.35
    assert [by_itself.is_due(n) for n in (3, 4, 5)] == [True, False, True]
    assert not asked.is_due(3)
    assert resumed.is_due(503)
    assert not resumed.is_due(504)
