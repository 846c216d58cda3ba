"""Crashes, signals, full disks, divergence, several processes, and terminals."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from nnfs_cli.runs.checkpoint import read_text
from nnfs_cli.runs.run import Run

from ..conftest import latest, record, state
from .disk import Disk
from .fault import RESUME, TRAIN, Fault, Kind
from .forked import forked

WHOLE = Path("runs/whole")
"""The template's finished run of toy.yaml."""
LARGE = "layers=[{type: dense, units: 300000}, {type: dense, units: 300000}]"
SGD = ("optimizer={type: sgd, lr: 1e6}", "loss=mse", "layers.0.activation=linear")
PLAIN = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "COLUMNS": "20"}


def killed(call: str, nth: int) -> Callable[[], None]:
    """Arranges a training that was killed at the n-th of these calls."""

    def arrange() -> None:
        assert forked(*TRAIN, prepare=Disk("SIGKILL", call, nth).install).result.code == -9

    return arrange


def as_if_nothing_had_happened() -> None:
    assert latest() != WHOLE.resolve()
    assert state(latest()) == state(WHOLE)
    assert not list(latest().rglob("*.tmp"))


def previous_is_latest() -> None:
    assert latest() == WHOLE.resolve()
    assert not list(Path("runs").glob("2*"))


def saved(epoch: int, status: str = "interrupted") -> Callable[[], None]:
    """The checkpoint is that of an epoch; what was interrupted then ends as it should."""

    def look() -> None:
        assert read_text(latest() / "checkpoints/last.npz")["progress"]["epoch"] == epoch
        assert record(latest())["status"] == status
        if status == "interrupted":
            assert forked(*RESUME).result.code == 0
            as_if_nothing_had_happened()

    return look


def locked(path: Path = Path("runs/latest")) -> Callable[[], object]:
    """Arranges that another process (this one) trains the run; its lock is kept."""

    def arrange() -> Run:
        path.mkdir(exist_ok=True)
        run = Run(path)
        run.lock()
        return run

    return arrange


def no_runs() -> None:
    shutil.rmtree("runs")
    Path("runs").mkdir()


def no_folder() -> None:
    shutil.rmtree("runs")
    Path("runs").write_text("not a folder")


def dangling(to: str | None) -> Callable[[], None]:
    def arrange() -> None:
        Path("runs/latest").unlink()
        if to is None:
            Path("runs/latest").mkdir()
        else:
            Path("runs/latest").symlink_to(to)

    return arrange


def crash(kind: Kind, name: str, call: str, nth: int) -> Fault:
    """A killed training, resumed."""
    then = as_if_nothing_had_happened
    return Fault(kind, name, RESUME, 0, "", killed(call, nth), works=True, then=then)


def on(
    action: str, call: str, nth: int, kind: Kind, name: str, code: int, words: str,
    then: Callable[[], object], command: tuple[str, ...] = TRAIN,
) -> Fault:  # fmt: skip
    """A training on a disk where something happens at the n-th of these calls."""
    disk = (action, call, nth)
    return Fault(kind, name, command, code, words, works=True, disk=disk, then=then)


def name(text: str) -> Fault:
    def look() -> None:
        assert latest().parent == Path("runs").resolve()
        assert latest().name.isascii()
        assert latest().name.isprintable()

    command = (*TRAIN, f"--name={text}", "--epochs=1")
    return Fault(Kind.NAME, f"a run called {text!r}", command, 0, works=True, then=look)


ROW = "write metrics.csv"
FAULTS = [
    crash(Kind.KILLED, "killed in training", ROW, 2),
    crash(Kind.KILLED_SAVING, "killed in a checkpoint", "write last.npz", 30),
    crash(Kind.KILLED_SAVING, "killed before its name", "replace last.npz", 2),
    crash(Kind.KILLED_BETWEEN, "killed between row and checkpoint", "fsync metrics.csv", 1),
    Fault(
        Kind.KILLED_EARLY,
        "killed before the first file",
        ("eval", "latest"),
        0,
        arrange=killed("write config.orig.yaml", 1),
        works=True,
        then=lambda: None,
    ),
    on("SIGTERM", ROW, 1, Kind.SIGNAL, "SIGTERM", 143, "go on with `nnfs resume runs/", saved(1)),
    on("SIGHUP", ROW, 1, Kind.SIGNAL, "SIGHUP", 129, "everything is saved", saved(1)),
    on("SIGINT", ROW, 2, Kind.SIGNAL, "Ctrl-C", 130, "everything is saved", saved(2)),
    on("SIGINT+SIGINT", ROW, 2, Kind.SIGNAL, "twice Ctrl-C", 130, "interrupted", saved(0)),
    on("ENOSPC", "write last.npz", 30, Kind.DISK, "disk full", 5, "bytes needed", saved(0)),
    on("EDQUOT", "fsync last.npz", 2, Kind.DISK, "quota exceeded", 5, "bytes free", saved(0)),
    on("EFBIG", "write best.npz", 1, Kind.DISK, "file too large", 5, "best.npz", saved(0)),
    on(
        "EROFS",
        "write last.npz",
        30,
        Kind.DISK,
        "read-only disk",
        5,
        "Read-only file system",
        saved(0),
    ),
    on("EROFS", ROW, 2, Kind.DISK, "read-only disk at a row", 5, "Read-only file system", saved(0)),
    on("EIO", "replace last.npz", 2, Kind.DISK, "disk broken", 5, "last.npz", saved(0)),
    on("ENOSPC", ROW, 2, Kind.DISK, "disk full at a row", 5, "metrics.csv", saved(0)),
    on(
        "ENOSPC",
        "write run.json",
        1,
        Kind.DISK,
        "disk full at the start",
        5,
        "run.json",
        previous_is_latest,
    ),
    on(
        "EIO",
        "mkdir checkpoints",
        1,
        Kind.NO_FOLDER,
        "no new folder",
        5,
        "cannot write",
        previous_is_latest,
    ),
    Fault(Kind.NO_FOLDER, "runs is a file", TRAIN, 5, "runs", no_folder),
    Fault(
        Kind.MEMORY,
        "out of memory",
        (*TRAIN, LARGE),
        5,
        "memory are free; give its layers fewer units",
    ),
    Fault(
        Kind.STDOUT,
        "stdout closed, train",
        TRAIN,
        0,
        works=True,
        stdout="closed",
        then=saved(3, "finished"),
    ),
    Fault(Kind.STDOUT, "stdout closed, eval", ("eval",), 0, works=True, stdout="closed"),
    Fault(
        Kind.STDOUT,
        "stdout full, train",
        TRAIN,
        5,
        "stdout",
        works=True,
        stdout="full",
        then=saved(3, "finished"),
    ),
    Fault(
        Kind.STDOUT,
        "stdout full, eval",
        ("eval",),
        5,
        "cannot write to stdout",
        works=True,
        stdout="full",
    ),
    Fault(
        Kind.STDOUT,
        "stdout full, predict",
        ("predict", "good.png", "--run", "digits"),
        5,
        "stdout",
        stdout="full",
    ),
    Fault(
        Kind.DIVERGED,
        "a learning rate of a million",
        (*TRAIN, *SGD),
        4,
        "learning rate 1e+06",
        works=True,
        then=saved(0, "diverged"),
    ),
    Fault(
        Kind.AT_ONCE,
        "the same --run-dir",
        (*TRAIN, "--run-dir", "mine"),
        7,
        "another process",
        locked(Path("mine")),
    ),
    Fault(Kind.NAME, "no run yet, eval", ("eval",), 3, "`nnfs train`", no_runs),
    Fault(Kind.NAME, "no run yet, resume", RESUME, 3, "`nnfs train`", no_runs),
    Fault(Kind.NAME, "no run yet, plot", ("plot",), 3, "`nnfs train`", no_runs),
    Fault(Kind.NAME, "no run yet, show", ("runs", "show"), 3, "`nnfs train`", no_runs),
    Fault(Kind.NAME, "latest leads nowhere", ("eval",), 3, "latest", dangling("gone")),
    Fault(Kind.NAME, "latest is a folder", ("eval",), 3, "latest", dangling(None)),
    Fault(Kind.NAME, "a path for a run", ("eval", "../.."), 3, ".."),
    Fault(Kind.NAME, "the root for a run", ("eval", "/"), 3, "/ is not a run"),
    Fault(Kind.NAME, "a path to no run", ("eval", "runs/absent"), 3, "runs/absent"),
    Fault(Kind.NAME, "an unknown run", ("eval", "absent"), 3, "absent"),
    Fault(Kind.NAME, "too few runs", ("eval", "latest~7"), 3, "latest~7"),
    Fault(Kind.NAME, "a best that is none", ("eval", "best~1"), 3, "best~1"),
    name("../../x"),
    name("-rf"),
    name("a\nb"),
    Fault(Kind.NAME, "a name of 300 characters", (*TRAIN, "--name", "n" * 300), 2, "name"),
    Fault(Kind.TERMINAL, "20 columns of ASCII", ("runs",), 0, "whole", env=PLAIN),
    Fault(Kind.TERMINAL, "a table in 20 columns", ("eval",), 0, "precision", env=PLAIN, works=True),
    Fault(Kind.TERMINAL, "formulas in ASCII", ("explain", "dropout"), 0, "dropout", env=PLAIN),
    Fault(
        Kind.TERMINAL, "a training without a terminal", TRAIN, 0, "\n  3/3 ", env=PLAIN, works=True
    ),
    Fault(
        Kind.RESUMED_TWICE,
        "two resumes of one run",
        (*RESUME, "--epochs", "9"),
        7,
        "another process",
        locked(),
    ),
    Fault(Kind.RESUMED_TWICE, "eval meanwhile", ("eval",), 0, "accuracy", locked(), works=True),
]
