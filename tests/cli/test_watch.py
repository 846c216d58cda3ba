"""``nnfs watch``: what a run's files say, as text, as JSON, and live on a terminal."""

from __future__ import annotations

import csv
import math
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from nnfs_cli.cli.text_chart import blocks, chart, resampled
from nnfs_cli.cli.watch import LOOK_AGAIN_SECONDS, standing_lines
from nnfs_cli.inspection.watching import Standing
from nnfs_cli.runs.record import FINISHED, RUNNING
from nnfs_cli.runs.run import Run

from .conftest import Nnfs, latest
from .test_widths import on_a_terminal

Start = Callable[..., "subprocess.Popen[str]"]


def test_a_charts_extremes_stand_in_its_first_and_last_line() -> None:
    lines = chart({"train": [4.0, 3.0, 2.0, 1.0], "val": [4.0, 3.9, 3.1, 3.0]}, 60, 4)
    assert [line.split()[0] for line in (lines[0], lines[-1])] == ["4.000", "1.000"]
    assert lines[-1].endswith("· train")
    assert "• val" in lines[1]
    places = [line.index("·") for line in lines[1:]]
    assert places == sorted(places)


def test_charts_leave_out_what_is_no_number() -> None:
    assert chart({"train": [math.nan, math.inf]}, 60, 4) == []
    assert chart({}, 60, 4) == []
    assert blocks([math.nan, 1.0, 2.0], 10) == " ▁█"
    assert blocks([], 10) == ""
    assert len(chart({"train": [1.0]}, 60, 3)) == 3


def test_long_curves_are_means_of_their_stretches() -> None:
    assert resampled([1.0, 3.0, 5.0, 7.0], 2) == [2.0, 6.0]
    assert resampled([1.0, 3.0], 5) == [1.0, 3.0]
    values = [float(number) for number in range(1000)]
    assert sum(resampled(values, 37)) / 37 == pytest.approx(499.5, rel=0.01)
    assert len(blocks(values, 37)) == 37


@pytest.mark.parametrize("width", [60, 80, 120])
def test_how_a_finished_run_stands(
    nnfs: Nnfs, toy: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    assert nnfs("train", toy, "-q", "--epochs", 20).code == 0
    monkeypatch.setenv("COLUMNS", str(width))
    result = nnfs("watch")
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= width
    assert "finished" in result.out
    assert "epoch 20 of 20" in result.out
    document = nnfs("watch", "--json").document
    with (latest() / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert document["figures"]["val_loss"] == [float(row["val_loss"]) for row in rows]
    times = [0.0, *(float(row["time_s"]) for row in rows)]
    assert document["seconds_per_epoch"] == pytest.approx((times[20] - times[10]) / 10)
    assert document["seconds_left"] is None
    with (latest() / "layers.csv").open() as file:
        norms = [row for row in csv.DictReader(file) if row["name"] == "dense_1.weight"]
    assert document["gradients"]["dense_1.weight"] == [float(row["gradient_norm"]) for row in norms]
    best = min(rows, key=lambda row: float(row["val_loss"]))
    assert document["best_epoch"] == int(best["epoch"])


def test_a_run_without_an_epoch_and_without_layers(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "-q", "--epochs", 1).code == 0
    for name in ("layers.csv", "metrics.csv"):
        (latest() / name).unlink()
    result = nnfs("watch")
    assert result.code == 0
    assert "epoch 0 of 1" in result.out
    (latest() / "config.yaml").write_text("{")
    assert nnfs("watch").code == 0
    nnfs("watch", "missing").refused(3)


@pytest.mark.parametrize("rows", [8, 11, 15, 24, 40])
@pytest.mark.parametrize("parameters", [0, 1, 4, 30])
def test_a_terminals_rows_suffice(rows: int, parameters: int) -> None:
    found = Standing(
        run="r\x1b[2J",
        status="running",
        epochs=3,
        planned=100_000,
        figures={f"{split}_{n}": [3.0, 2.0] for n in ("loss", "f1") for split in ("train", "val")},
        gradients={f"dense_{n}\n\x1b[31m.weight": [1.0, math.inf] for n in range(parameters)},
        monitor=None,
        best_epoch=672,
        seconds_per_epoch=0.0105,
        seconds_left=1043.0,
        silent_for=0.25,
    )
    lines = standing_lines(found, 60, rows, plain=False)
    assert len(lines) <= rows
    assert max(map(len, lines)) <= 60
    assert not re.search(r"[\x00-\x1f]", "".join(lines))
    assert lines[1] == "epoch 3 of 100000, about 17:23 left, best 672"
    assert "loss: train 2.000, val 2.000" in lines
    assert any("dense_0" in line for line in lines) == (parameters > 0 and rows > 8)
    listed = min(parameters, 8) + 2 + (parameters > 8) if parameters else 0
    two_charts = 2 + listed + 2 * (2 + 3)
    assert ("f1: train 2.000, val 2.000" in lines) == (rows >= two_charts)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_live_until_the_training_ends(start: Start, toy: Path) -> None:
    training = start("train", toy, "-q", "--epochs", 100_000, "train.max_time=4s")
    while not os.path.exists("runs/latest/metrics.csv"):
        assert training.poll() is None
    _, text = on_a_terminal(start, 80, "watch", "latest")
    assert "running" in text
    assert "left" in text
    assert "finished" in text
    assert training.wait() == 0


@pytest.mark.parametrize("width", [20, 41, 60])
def test_wide_characters_take_two_columns(width: int) -> None:
    """In the run's name, in a metric's and in a layer's."""
    found = Standing(
        run="手写数字识别" * 5,
        status="finished",
        epochs=2,
        planned=2,
        figures={"train_精度": [0.5, 0.6], "val_精度": [0.4, 0.5]},
        gradients={"层" * 20 + ".weight": [1.0, 2.0], "dense_1.bias": [3.0, 4.0]},
        monitor=None,
        best_epoch=None,
        seconds_per_epoch=None,
        seconds_left=None,
        silent_for=None,
    )
    lines = standing_lines(found, width, None, plain=False)
    assert max(map(columns_of, lines)) <= width
    if width == 60:
        weight, bias = lines[-2:]
        places = [columns_of(line[: line.index(".0")]) for line in (weight, bias)]
        assert places[0] == places[1]


def columns_of(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def test_a_run_with_words_of_a_plugin_needs_no_plugin(nnfs: Nnfs, toy: Path) -> None:
    """Neither there nor the same: it may have been trained on another machine."""
    assert nnfs("train", toy, "-q", "--epochs", 2).code == 0
    config, record = latest() / "config.yaml", latest() / "run.json"
    config.write_text(config.read_text().replace("relu", "strange"))
    record.write_text(record.read_text().replace('"plugins": {}', '"plugins": {"gone.py": "12"}'))
    assert "gone.py" in nnfs("eval").refused(2)
    result = nnfs("watch")
    assert result.code == 0
    assert "epoch 2 of 2" in result.out


def test_charts_leave_a_gap_for_what_is_no_number() -> None:
    first, middle, last = chart({"loss": [3.0, math.nan, 1.0]}, 30, 3)
    assert first.endswith(" ·")
    assert middle.strip() == ""
    assert last.index("·") == first.index("·") + 2
    assert last.endswith("· loss")


@pytest.mark.parametrize(("took", "rests"), [(0.01, LOOK_AGAIN_SECONDS), (1.5, 13.5)])
def test_a_running_training_is_looked_at_until_it_ends(
    nnfs: Nnfs, toy: Path, monkeypatch: pytest.MonkeyPatch, took: float, rests: float
) -> None:
    """A long history, which takes a second to read, is read a tenth of the time at most."""
    assert nnfs("train", toy, "-q").code == 0
    run, looks = Run(latest()), []
    run.update(status=RUNNING)
    run.lock()

    def look_away(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            run.update(status=FINISHED)

    assert "running" in nnfs("watch", "--once").out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("nnfs_cli.cli.watch.time.sleep", look_away)
    reading = count(step=took)
    monkeypatch.setattr("nnfs_cli.cli.watch.time.perf_counter", lambda: next(reading))
    result = nnfs("watch")
    run.unlock()
    assert looks == [rests] * 3
    assert "finished" in result.out
