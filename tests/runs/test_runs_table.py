"""The table of runs: what is listed, in which order, and what removing leaves."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.errors import DataError, LockedError, MachineError, UsageError
from nnfs_cli.runs.record import FINISHED
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import LATEST, RunsFolder
from nnfs_cli.runs.runs_table import facts, remove, tabulate

RECORD: dict[str, Any] = {
    "status": FINISHED,
    "created": "2026-11-21T14:15:03+01:00",
    "argv": ["train", "x.yaml"],
    "overrides": ["seed=1"],
    "environment": {"numpy": "2.4"},
    "git": None,
    "data": {"name": "digits", "hash": "c0ffee", "samples": {"train": 9}},
    "parameters": 1234,
    "fingerprint": "7f3a",
    "epochs": 3,
    "seconds": 1.25,
    "best": None,
    "test": None,
}


@pytest.fixture
def folder(tmp_path: Path) -> RunsFolder:
    return RunsFolder(tmp_path / "runs")


def started(folder: RunsFolder, name: str, **record: Any) -> Run:
    run = folder.create(name, "7f3a")
    run.write(RECORD | {"number": folder.next_number()} | record)
    folder.point_latest_at(run)
    run.unlock()
    return run


def order(folder: RunsFolder, sort: str | None, limit: int | None = None) -> str:
    records = tabulate(folder, sort, limit).records
    return "".join(record["id"].split("-")[2] for record in records)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (None, "abcd"),
        ("val_accuracy", "dabc"),  # higher is better, best last, what is not a number first
        ("val_loss", "dcab"),  # lower is better
        ("train_rmse", "cdba"),
        ("test_accuracy", "abdc"),
        ("seconds", "dcba"),
        ("parameters", "abcd"),
    ],
)
def test_sorting(folder: RunsFolder, sort: str | None, expected: str) -> None:
    columns = ("val_accuracy", "val_loss", "train_rmse")
    figures = {"a": (0.1, 0.2, 1), "b": (0.2, 0.1, 3), "c": (0.3, 0.3), "d": (math.nan, math.nan)}
    for seconds, (name, values) in enumerate(figures.items()):
        test = {"c": {"accuracy": 1.0}, "d": {"accuracy": 0.5}}.get(name)
        metrics = dict(zip(columns, values, strict=False))
        started(folder, name, metrics=metrics, seconds=seconds, test=test)
    assert order(folder, sort) == expected
    assert order(folder, sort, 2) == expected[-2:]


def test_columns_and_rows(folder: RunsFolder) -> None:
    run = started(folder, "a", metrics={"train_loss": 3, "val_loss": 2.0}, test={"loss": 1.0})
    table = tabulate(folder, None, None)
    assert table.headers == ["run", "status", "data", "epochs", "val_loss", "test_loss", "changes"]
    assert table.rows == [[run.id, FINISHED, "digits", 3, 2.0, 1.0, "seed=1"]]
    assert table.refused == []
    assert tabulate(folder, "train_loss", None).headers[-2] == "train_loss"


def test_sorting_by_what_no_run_has(folder: RunsFolder) -> None:
    assert tabulate(folder, "nonsense", None).rows == []
    started(folder, "a", metrics={"val_accuracy": 1.0})
    with pytest.raises(UsageError, match=r"'val_acuracy', which no run has; did you mean 'val_acc"):
        tabulate(folder, "val_acuracy", None)


def test_what_is_no_run_is_named(folder: RunsFolder) -> None:
    run, broken = started(folder, "a"), started(folder, "b")
    (broken.path / "run.json").write_text("{}")
    (folder.path / "empty").mkdir()
    (folder.path / "notes.txt").touch()
    table = tabulate(folder, None, None)
    assert [row[0] for row in table.rows] == [run.id]
    reasons = dict(table.refused)
    assert [*reasons] == [broken.path, folder.path / "empty"]
    assert "run.json is not a run's record: `number` is missing" in reasons[broken.path]
    assert "empty is not a run: it has no run.json" in reasons[folder.path / "empty"]


def test_facts_are_one_line_each(folder: RunsFolder) -> None:
    data = {"name": "moons", "hash": "a", "samples": {"train": 54_000, "test": 10}}
    run = started(folder, "a", metrics={"val_loss": 0.123456789}, data=data)
    lines = dict(facts(run.read(), FINISHED))
    assert lines["data"] == "moons: 54,000 training, 10 test"
    assert lines["command"] == "nnfs train x.yaml"
    assert lines["parameters"] == "1,234"
    assert lines["val_loss"] == "0.123457"
    assert lines["git"] == "none"
    assert lines["numpy"] == "2.4"


def test_removing_moves_latest(folder: RunsFolder) -> None:
    first, second, third = (started(folder, name) for name in "abc")
    remove(folder, folder.removable(second.id))
    assert folder.latest().path.samefile(third.path)
    remove(folder, folder.removable(LATEST))
    assert not third.path.exists()
    assert folder.latest().path.samefile(first.path)
    remove(folder, folder.removable(str(folder.path / LATEST)))
    assert [*folder.path.iterdir()] == []


WAYS: dict[str, tuple[str, str | None]] = {
    "a latest that leads elsewhere": (LATEST, "../elsewhere/run"),
    "a latest that leads to all runs": (LATEST, "."),
    "a latest that leads to a link": (LATEST, "link"),
    "a latest that leads into a run": (LATEST, "{run}/inner"),
    "a path outside": ("{root}/elsewhere/run", None),
    "a path with dots": ("../elsewhere/run", None),
    "dots": ("..", None),
    "the folder of runs": ("{root}/runs", None),
    "a dot": (".", None),
    "a link": ("link", None),
    "a path to a link": ("{root}/runs/link", None),
    "a folder in a run": ("{run}/inner", None),
    "a folder of others": ("notes", None),
    "nothing": ("", None),
    "a long name": ("x" * 5000, None),
    "a NUL byte": ("x\0y", None),
}


@pytest.mark.parametrize("text", [False, True], ids=["link", "text"])
@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_removed_but_runs_in_the_folder_itself(
    folder: RunsFolder, way: str, text: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, root = started(folder, "a"), folder.path.parent
    shutil.copytree(run.path, root / "elsewhere" / "run")
    shutil.copytree(run.path, run.path / "inner")
    shutil.copy(run.path / "run.json", folder.path)
    shutil.copy(run.path / "run.json", root)
    (folder.path / "link").symlink_to(root / "elsewhere" / "run")
    (folder.path / "notes").mkdir()
    (folder.path / "notes" / "thesis.tex").touch()
    monkeypatch.chdir(folder.path)
    name, latest = (part and part.format(run=run.id, root=root) for part in WAYS[way])
    assert name is not None
    if latest is not None:
        (folder.path / LATEST).unlink()
        if text:
            (folder.path / LATEST).write_text(latest + "\n")
        else:
            (folder.path / LATEST).symlink_to(latest)
    before = sorted(root.rglob("*"))
    with pytest.raises(DataError):
        remove(folder, folder.removable(name))
    assert sorted(root.rglob("*")) == before


def test_what_a_kill_left_before_there_was_a_record_is_removed(folder: RunsFolder) -> None:
    run = folder.create("a", "7f3a")
    (run.path / "config.orig.yaml").touch()
    (run.path / "run.json.77.tmp").touch()
    run.unlock()
    remove(folder, folder.removable(run.id))
    assert not run.path.exists()


def test_a_damaged_run_is_removed(folder: RunsFolder) -> None:
    run = started(folder, "a")
    (run.path / "run.json").write_text("{}")
    (run.path / ".lock").unlink()
    os.mkfifo(run.path / ".lock")
    remove(folder, folder.removable(run.id))
    assert [*folder.path.iterdir()] == []


def test_a_run_at_work_is_not_removed(folder: RunsFolder) -> None:
    run = started(folder, "a")
    worker = Run(run.path)
    worker.lock()
    with pytest.raises(LockedError):
        remove(folder, folder.removable(run.id))
    assert run.read()
    worker.unlock()


def test_sorting_by_words_and_by_keys_of_configs(folder: RunsFolder) -> None:
    for name, lr, status in (("a", 0.3, FINISHED), ("b", 0.01, "diverged"), ("c", 0.1, FINISHED)):
        run = started(folder, name, status=status)
        run.config.write_text(f"optimizer: {{type: sgd, lr: {lr}}}\nname: x{lr}\n")
    assert order(folder, "status") == "bac"
    assert order(folder, "optimizer.lr") == order(folder, "name") == "bca"


def test_a_config_that_cannot_be_read_hides_no_run(folder: RunsFolder) -> None:
    for name in ("a", "b"):
        started(folder, name).config.write_text("optimizer: {type: sgd, lr: 0.1}\n")
    first = folder.all()[0]
    first.config.unlink()
    first.config.mkdir()
    table = tabulate(folder, "optimizer.lr", None)
    assert len(table.rows) == 2
    assert [note for note in table.notes if "config.yaml is no regular file" in note]


def test_a_run_that_cannot_be_removed_is_said(
    folder: RunsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    run = started(folder, "a")
    monkeypatch.setattr(shutil, "rmtree", refuse)
    with pytest.raises(MachineError, match=f"{run.id}: Permission denied"):
        remove(folder, folder.removable(run.id))
    assert folder.latest().id == run.id
