"""Loggers: what they are told of a training, and that none of them can hold it up."""

from __future__ import annotations

import builtins
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from nnfs_cli.config.plugins import load_plugins
from nnfs_cli.errors import DivergedError, MachineError, UsageError
from nnfs_cli.runs.events import Finished, Notice
from nnfs_cli.runs.logger import LOGGERS, Logger, logger, logger_of
from nnfs_cli.runs.resume import resume
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start

CONFIG = """\
data: {type: moons, samples: 40, test_samples: 20, validation: 0.2}
layers: [{type: dense, units: 4, activation: relu}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.01}
train: {epochs: 3}
"""


@pytest.fixture
def told() -> Iterator[list[tuple[Any, ...]]]:
    """What a logger is told that is called ``spy``; ``spy=METHOD`` or METHOD:ERROR fails there."""
    seen: list[tuple[Any, ...]] = []

    @logger("spy")
    class Spy(Logger):
        def _tell(self, *what: Any) -> None:
            print("noise on stdout")
            seen.append(what)
            method, _, error = self.where.partition(":")
            if method == what[0]:
                raise getattr(builtins, error or "ValueError")("no\nserver")

        def begin(self, run: Run, config: Mapping[str, Any], epoch: int) -> None:
            self._tell("begin", run.id, config["optimizer"]["lr"], epoch)

        def epoch(self, epoch: int, figures: Mapping[str, float]) -> None:
            self._tell("epoch", epoch, dict(figures))

        def end(self, status: str, test: Mapping[str, float]) -> None:
            self._tell("end", status, dict(test))

    yield seen
    del LOGGERS["spy"]


def request(folder: Path, *log: str, name: str = "r", **changes: Any) -> Request:
    path = folder / "c.yaml"
    path.write_text(CONFIG)
    words = [f"{key.replace('__', '.')}={value}" for key, value in changes.items()]
    return Request(path, words, run_dir=folder / name, runs=RunsFolder(folder), log=log)


def test_a_logger_is_told_what_the_run_records(
    tmp_path: Path, told: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    events = [*start(request(tmp_path, "spy"))]
    end = events[-1]
    assert isinstance(end, Finished)
    assert told[0] == ("begin", "r", 0.01, 0)
    with (tmp_path / "r/metrics.csv").open() as file:
        rows = [{key: float(cell) for key, cell in row.items()} for row in csv.DictReader(file)]
    assert [epoch for _, epoch, _ in told[1:-1]] == [1, 2, 3]
    for row, (_, _, figures) in zip(rows, told[1:-1], strict=True):
        assert figures == {key: row[key] for key in row if key not in ("epoch", "step", "time_s")}
    assert told[-1] == ("end", "finished", end.record.test)
    assert capsys.readouterr().out == "", "stdout is the answer's alone"


def test_a_training_that_goes_on_says_from_where(
    tmp_path: Path, told: list[tuple[Any, ...]]
) -> None:
    config = request(tmp_path, "spy")
    [*start(config)]
    told.clear()
    again = resume(Run(tmp_path / "r"), config.runs, config.source, ["train.epochs=5"], ["spy"])
    assert isinstance([*again][-1], Finished)
    assert told[0] == ("begin", "r", 0.01, 3)
    assert [epoch for kind, epoch, *_ in told if kind == "epoch"] == [4, 5]


def test_how_a_training_ends(tmp_path: Path, told: list[tuple[Any, ...]]) -> None:
    events = start(request(tmp_path, "spy"))
    while "epoch" not in {each[0] for each in told}:
        next(events)
    events.close()
    assert told[-1] == ("end", "interrupted", {})
    told.clear()
    hot = request(tmp_path, "spy", name="hot", optimizer="{type: sgd, lr: 1000000}", loss="mse")
    with pytest.raises(DivergedError):
        [*start(hot)]
    assert not told or told[-1] == ("end", "diverged", {})


def test_a_logger_cannot_change_what_is_recorded(
    tmp_path: Path, told: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor what another logger is told behind it."""

    class Forgetful(Logger):
        word = "forgetful"

        def begin(self, run: Run, config: Any, epoch: int) -> None:
            config["optimizer"].clear()

        def epoch(self, epoch: int, figures: Any) -> None:
            figures.clear()

        def end(self, status: str, test: Any) -> None:
            test.clear()

    monkeypatch.setitem(LOGGERS, "forgetful", Forgetful)
    end = [*start(request(tmp_path, "forgetful", "spy"))][-1]
    assert isinstance(end, Finished)
    assert end.record.test
    assert end.record.metrics
    assert told[0] == ("begin", "r", 0.01, 0)
    assert [set(figures) for kind, _, figures in told[1:-1]] == 3 * [{"lr", *end.record.metrics}]
    assert told[-1] == ("end", "finished", end.record.test)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("class Bad(Logger): pass", "the logger bad cannot be made: TypeError: Can't instantiate"),
        (
            "class Bad(Logger):\n begin = epoch = end = print\n def __init__(self): pass",
            "the logger bad cannot be made: TypeError: Bad.__init__() takes 1 ",
        ),
        (
            "class Bad(Logger):\n begin = epoch = end = print\n"
            " def __init__(self, where): raise SystemExit('no\\nkey')",
            "the logger bad cannot be made: SystemExit: no key",
        ),
        ("class Bad: pass", "plugin p.py:2 fails: TypeError: Bad is registered as a logger but"),
        ("def bad(where): pass", "plugin p.py:2 fails: TypeError: bad is registered as a logger"),
    ],
)
def test_a_logger_that_is_none_is_refused_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, words: str
) -> None:
    monkeypatch.setattr("nnfs_cli.runs.logger.LOGGERS", {})
    monkeypatch.setattr("nnfs_cli.config.plugins.LOADED", {})
    monkeypatch.chdir(tmp_path)
    head = "from nnfs_cli.runs.logger import Logger, logger\n@logger('bad')\n"
    Path("p.py").write_text(head + body)

    def train() -> None:
        load_plugins([Path("p.py")])
        [*start(request(tmp_path, "bad"))]

    with pytest.raises(UsageError) as error:
        train()
    assert error.value.message.startswith(words)
    assert not Path("r").exists()


@pytest.mark.parametrize(
    "where",
    ["begin", "epoch", "end", "epoch:SystemExit", "end:SystemExit", "begin:GeneratorExit"],
)
def test_a_logger_that_fails_stops_nothing(
    tmp_path: Path, told: list[tuple[Any, ...]], where: str
) -> None:
    """One line says so; the training is the same to the byte."""
    events = [*start(request(tmp_path, f"spy={where}", "spy"))]
    notes = [event.text for event in events if isinstance(event, Notice)]
    kind = where.partition(":")[2] or "ValueError"
    assert notes == [f"logging to spy failed, and goes on without: {kind}: no server"]
    assert isinstance(events[-1], Finished)
    assert [each[0] for each in told].count("end") == (2 if where.startswith("end") else 1)
    assert notes[0] in (tmp_path / "r/train.log").read_text()
    [*start(request(tmp_path, name="plain"))]
    for name in ("checkpoints/last.npz", "checkpoints/best.npz", "config.yaml", "layers.csv"):
        assert (tmp_path / "r" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()


def test_what_cannot_log_is_refused_before_the_training(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no logger 'tensorbord'") as error:
        [*start(request(tmp_path, "tensorbord"))]
    assert "tensorboard" in error.value.hint
    assert not (tmp_path / "r").exists()

    @logger("absent")
    class Absent(Logger):
        needs: ClassVar[str] = "no_such_module"

    try:
        with pytest.raises(MachineError, match="needs no_such_module") as failure:
            logger_of("absent")
        assert "nnfs-cli[absent]" in failure.value.hint
    finally:
        del LOGGERS["absent"]
