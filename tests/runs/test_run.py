"""One run's folder: its record, its lock, its rows."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.errors import DataError, LockedError, MachineError
from nnfs_cli.runs import rows as row_files
from nnfs_cli.runs.annotations import Annotations, read_annotations
from nnfs_cli.runs.lock import Lock
from nnfs_cli.runs.record import DIVERGED, FINISHED, INTERRUPTED, RUNNING
from nnfs_cli.runs.run import Run

RECORD: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden/format_1/run.json").read_text()
)
"""What a run says of itself."""
HOLDER = """\
import sys, time
from pathlib import Path
from nnfs_cli.runs.run import Run
run = Run(Path(sys.argv[1]))
run.lock()
print("locked", flush=True)
time.sleep(60)
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path)
    run.write(RECORD | {"status": RUNNING})
    return run


@pytest.fixture
def rows(run: Run) -> Run:
    for epoch in range(1, 4):
        run.append_metrics({"epoch": epoch, "loss": 1 / epoch, "accuracy": math.nan})
    run.sync_rows()
    return run


def test_the_lock_keeps_another_process_out_until_it_is_killed(run: Run) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(run.path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(LockedError) as caught:
            run.lock()
        assert caught.value.code == 7
        assert run.status() == RUNNING
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert run.status() == INTERRUPTED
    run.lock()
    assert run.status() == RUNNING
    with pytest.raises(LockedError):
        Run(run.path).lock()
    run.unlock()
    Run(run.path).lock()


def test_status_is_what_is_recorded_unless_running(run: Run) -> None:
    assert run.status() == INTERRUPTED
    run.update(status=FINISHED)
    assert run.status() == FINISHED
    assert run.status(run.update(status=DIVERGED)) == DIVERGED


def test_a_training_may_end_while_its_status_is_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at its record and that at its lock."""
    before = run.read()
    assert before.status == RUNNING

    def ends(self: Lock) -> bool:
        run.update(status=FINISHED)
        return False

    monkeypatch.setattr(Lock, "is_taken", ends)
    assert run.status() == FINISHED
    assert run.status(before) == FINISHED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a run's record: not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[" * 9_000, "is not a run's record"),  # too deep for Python before 3.12
        (b"[" * 100_000, "more than 400,000 values"),
        (b"[]" * 1_000_000, "more than 400,000 values"),
        (b" " * (5 << 20), "more than any run writes there"),
        (b"[]", "is not a run's record: not a mapping"),
        (b'{"status": "finished"}', "`number` is missing"),
    ],
)
def test_records_that_are_none(run: Run, content: bytes, message: str) -> None:
    (run.path / "run.json").write_bytes(content)
    with pytest.raises(DataError) as caught:
        run.read()
    assert message in str(caught.value)


def test_a_folder_without_a_record(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is not a run: it has no run\.json"):
        Run(tmp_path).read()


def test_updating_keeps_the_rest(run: Run) -> None:
    run.update(epochs=3)
    assert run.update(seconds=1.5) == run.read()
    assert run.read().epochs == 3


def test_the_checkpoint_that_is_taken(run: Run) -> None:
    with pytest.raises(DataError, match="has no checkpoint; train again"):
        run.chosen_checkpoint(None)
    run.checkpoint("last").parent.mkdir()
    run.checkpoint("last").touch()
    assert run.chosen_checkpoint(None) == run.checkpoint("last")
    with pytest.raises(DataError, match="has no checkpoint 'best'; there is --checkpoint last"):
        run.chosen_checkpoint("best")
    run.checkpoint("best").touch()
    assert run.chosen_checkpoint(None) == run.checkpoint("best")
    assert run.chosen_checkpoint("last") == run.checkpoint("last")


def test_rows_there_and_back(rows: Run) -> None:
    assert rows.metrics.read_text().splitlines()[0] == "epoch,loss,accuracy"
    found = rows.read_metrics()
    assert [row["epoch"] for row in found] == [1, 2, 3]
    assert found[2]["loss"] == 1 / 3
    assert math.isnan(found[0]["accuracy"])


@pytest.mark.parametrize("epochs", range(5))
@pytest.mark.parametrize("torn", ["", "4", "4,0.2", "4,0.25,na"])
def test_later_rows_and_half_rows_are_cut_off(rows: Run, epochs: int, torn: str) -> None:
    whole = rows.metrics.read_bytes().splitlines(keepends=True)
    with rows.metrics.open("a") as file:
        file.write(torn)
    assert len(rows.read_metrics()) == 3
    rows.keep_metrics(min(epochs, 3))
    kept = whole[: min(epochs, 3) + 1] if epochs else []
    assert rows.metrics.read_bytes() == b"".join(kept)
    rows.append_metrics({"epoch": 9, "loss": 0.5, "accuracy": 1.0})
    assert [row["epoch"] for row in rows.read_metrics()] == [*range(1, min(epochs, 3) + 1), 9]


def test_no_rows(run: Run) -> None:
    run.keep_metrics(3)
    assert run.read_metrics() == []
    assert not run.metrics.exists()


@pytest.mark.parametrize(
    "text", ["epoch,loss\n1,x\n", "epoch,loss\n1\n", "epoch\n1,2\n", "loss\n1\n"]
)
def test_rows_that_are_none(run: Run, text: str) -> None:
    run.metrics.write_text(text)
    with pytest.raises(DataError, match=r"metrics\.csv (cannot be read|has no column)"):
        run.read_metrics()


def test_a_full_disk_is_not_ignored(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    monkeypatch.setattr(Run, "metrics", Path("/dev/full"))
    with pytest.raises(MachineError) as caught:
        run.append_metrics({"epoch": 1})
    assert caught.value.code == 5


def test_sweeping_reaches_the_checkpoints(run: Run) -> None:
    run.checkpoint("last").parent.mkdir()
    stale = [run.path / "run.json.1.tmp", run.path / "checkpoints" / "last.npz.1.tmp"]
    for path in stale:
        path.touch()
    run.sweep()
    assert not any(path.exists() for path in stale)
    assert run.read()


def test_a_run_that_is_being_trained_says_so_and_what_to_do(run: Run) -> None:
    run.lock()
    error = run.locked()
    assert error.message == f"run {run.id} is being trained by another process"
    assert error.hint.startswith("wait for it (with --skip-done: --wait), or stop it")
    assert run.locked("the config is taken").message == "the config is taken"
    assert error.facts["status"] == RUNNING


def test_a_config_that_is_not_there_is_empty(run: Run) -> None:
    assert run.config_text() == ""
    (run.path / "config.yaml").write_bytes(b"name: x\xff\n")
    assert run.config_text() == "name: x\ufffd\n"


def test_a_checkpoint_that_is_no_file_is_none(run: Run) -> None:
    assert not run.has_checkpoint("last")
    run.checkpoint("last").parent.mkdir()
    (run.path / "checkpoints" / "last.npz").mkdir()
    assert not run.has_checkpoint("last")
    (run.path / "checkpoints" / "best.npz").touch()
    assert run.has_checkpoint("best")


READS: dict[str, Callable[[Run], object]] = {
    "run.json": Run.read,
    "config.yaml": Run.config_text,
    "annotations.json": read_annotations,
}


@pytest.mark.parametrize("name", READS)
def test_what_may_not_be_read_is_named(
    run: Run, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *flags: int) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    (run.path / name).touch()
    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError) as caught:
        READS[name](run)
    assert caught.value.message == f"cannot read {run.path / name}: Permission denied"


def test_what_vanishes_before_it_is_read_is_not_there(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(path: Path, *flags: int) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    for name in ("config.yaml", "annotations.json"):
        (run.path / name).touch()
    monkeypatch.setattr(os, "open", vanish)
    monkeypatch.setattr(Path, "read_bytes", vanish)
    assert run.config_text() == ""
    assert read_annotations(run) == Annotations()
    with pytest.raises(DataError, match=r"is not a run: it has no run\.json$"):
        run.read()


@pytest.mark.parametrize(("taken", "error"), [(True, LockedError), (False, MachineError)])
def test_a_lock_that_cannot_be_written(
    run: Run, taken: bool, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(lock: Lock) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Lock, "acquire", refuse)
    monkeypatch.setattr(Lock, "is_taken", lambda lock: taken)
    with pytest.raises(error, match=r"trained by another|\.lock: Permission denied"):
        run.lock()
    if taken:
        with pytest.raises(LockedError):
            run.lock(to_write=False)
    else:
        run.lock(to_write=False)


def test_a_line_that_does_not_fit_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.append_log("one")
    run.append_log("t\udcffo")
    assert run.log.read_text() == "one\nt\\udcffo\n"
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    monkeypatch.setattr(Run, "log", Path("/dev/full"))
    with pytest.raises(MachineError, match="/dev/full"):
        run.append_log("three")


def test_rows_that_do_not_reach_the_disk_are_said(
    rows: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(MachineError, match=r"metrics\.csv: Input/output error"):
        rows.sync_rows()


def test_more_numbers_than_any_training_writes(rows: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    commas = rows.metrics.read_text().count(",")
    monkeypatch.setattr(row_files, "MAX_CELLS", commas)
    assert len(rows.read_metrics()) == 3
    monkeypatch.setattr(row_files, "MAX_CELLS", commas - 1)
    with pytest.raises(DataError, match=r"metrics\.csv cannot be read: more than 7 numbers"):
        rows.read_metrics()


def test_links_stay_in_the_folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "file"
    outside.write_text("x")
    (run.path / "real").write_text("own")
    (run.path / "link").symlink_to("real")
    assert run.file("link").read_text() == "own"
    for name, target, told in (
        ("out", outside, "leads out of the run's folder; put a file of its own there"),
        ("gone", "nowhere", "is a link that leads nowhere; remove it"),
        ("round", "round", "cannot read .*round: .*symbolic links; check the folder"),
    ):
        (run.path / name).symlink_to(target)
        with pytest.raises(DataError, match=told):
            run.file(name)
    with pytest.raises(DataError, match="leads out of the run's folder"):
        run.file("../file")
    assert run.file("none") == run.path / "none"


def test_what_a_training_came_to(run: Run) -> None:
    known = {"run": str(run.path), "epochs": RECORD["epochs"]}
    assert run.outcome() == known | {"status": INTERRUPTED, "stopped": INTERRUPTED}
    run.update(stopped="max_time")
    assert run.outcome()["stopped"] == "max_time"
    run.lock()
    run.update(stopped=None)
    assert run.outcome() == known | {"status": RUNNING, "stopped": None}
    assert run.outcome(run.update(status=FINISHED))["status"] == FINISHED


@pytest.mark.parametrize(("taken", "told"), [(True, False), (None, True)])
def test_where_no_lock_tells_the_way_on_is_named(
    run: Run, taken: bool | None, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lock, "is_taken", lambda lock: taken)
    assert (f"(here no lock tells): `nnfs resume {run.path}`" in run.locked().hint) is told


def test_a_copy_by_hard_links_is_a_copy(rows: Run, tmp_path: Path) -> None:
    twin = tmp_path / "twin.csv"
    os.link(rows.metrics, twin)
    rows.append_log("alone")
    before = twin.read_text(), rows.log.stat().st_ino
    rows.own_files()
    rows.append_metrics({"epoch": 4, "loss": 0.25, "accuracy": math.nan})
    rows.sync_rows()
    assert twin.read_text() == before[0]
    assert len(rows.read_metrics()) == 4
    assert rows.log.stat().st_ino == before[1], "what nobody shares stays the file it is"


def test_folders_inside_are_made_and_stay_inside(
    run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for _ in range(2):
        assert run.make_folder("eval/test") == run.path / "eval" / "test"
        assert (run.path / "eval" / "test").is_dir()
    outside = tmp_path_factory.mktemp("outside")
    (run.path / "plots").symlink_to(outside)
    with pytest.raises(DataError, match="leads out of the run's folder"):
        run.make_folder("plots/first")
    (run.path / "file").touch()
    with pytest.raises(DataError, match="is no folder; remove what is in its place"):
        run.make_folder("file/first")
    assert [*outside.iterdir()] == []
