"""What the system refuses a sweep in the middle: it ends, says why, and goes on later."""

from __future__ import annotations

import errno
import os
import pty
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nnfs_cli.errors import DataError
from nnfs_cli.runs.events import Finished
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start
from nnfs_cli.sweeps.forked import ForkEngine
from nnfs_cli.sweeps.plan import plan
from nnfs_cli.sweeps.sweep import Ended, Sweep
from nnfs_cli.sweeps.sweep_file import SweepFile
from nnfs_cli.sweeps.sweep_folder import SweepFolder, SweepsFolder
from nnfs_cli.sweeps.worker import Job

from .conftest import Nnfs
from .sweeping import rows, run_folders, the_sweep, trained


@pytest.mark.skipif(sys.platform != "linux", reason="trials are forked on Linux")
def test_no_more_processes(nnfs: Nnfs, xor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial that never began is not waited for."""
    fork, calls = os.fork, 0

    def scarce() -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    monkeypatch.setattr(os, "fork", scarce)
    line = nnfs("sweep", xor, "seed=0..3", "train.epochs=2", "--jobs", "2").refused(5)
    assert "no process can be started for trial 2 (Resource temporarily unavailable)" in line
    assert "lower --jobs; then go on with `nnfs sweep --resume" in line
    assert nnfs("sweep", "--resume", "--jobs", "2").code == 0
    assert [row["status"] for row in rows()] == ["finished"] * 4


@pytest.mark.skipif(sys.platform != "linux", reason="trials are forked on Linux")
@pytest.mark.parametrize("edit", ["units: 5", ""])
def test_the_config_is_edited_meanwhile(
    nnfs: Nnfs, xor: Path, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    """Or removed: trials that begin later are of the config with which the sweep began."""
    fork, before = os.fork, xor.read_bytes()

    def edited() -> int:
        xor.write_text(xor.read_text().replace("units: 4", edit)) if edit else xor.unlink()
        monkeypatch.setattr(os, "fork", fork)
        return fork()

    monkeypatch.setattr(os, "fork", edited)
    assert nnfs("sweep", xor, "seed=0..2", "train.epochs=2", "--jobs", "1").code == 0
    assert [row["status"] for row in rows()] == ["finished"] * 3
    for run in run_folders():
        assert "units: 4" in (run / "config.yaml").read_text()
        assert (run / "config.orig.yaml").read_bytes() == before
    assert "was changed since sweep" in nnfs("sweep", "--resume").refused(2)
    xor.write_bytes(before)
    assert nnfs("sweep", "--resume").err.count(", found") == 3


@pytest.mark.skipif(sys.platform != "linux", reason="trials are forked on Linux")
def test_whoever_shows_a_sweep_cannot_go_on(xor: Path) -> None:
    """Its trials are not killed with it: what they have is saved, and the table has them."""
    found = plan(Request(xor, ["train.epochs=100000"]), ["seed"], [("0",), ("1",)], 2)
    folder = SweepsFolder(RunsFolder(Path("runs"))).opened(SweepFile(xor, ("seed=0,1",)), "s")
    sweep = Sweep(found, folder, ForkEngine(folder.log), jobs=2)
    events = sweep.run()
    for _ in events:
        if len(sweep.running) == 2 and all(each.epoch for each in sweep.running.values()):
            break
    events.close()  # type: ignore[attr-defined]
    folder.unlock()
    assert [row["status"] for row in rows()] == ["interrupted"] * 2
    for run in map(Run, run_folders()):
        assert run.read().stopped == "interrupted"
        assert run.read().epochs == len(run.read_metrics()) > 0


def test_a_table_is_not_replaced_before_it_was_read(nnfs: Nnfs, xor: Path) -> None:
    """Whoever leaves while the ended trials are told leaves the table as it is."""
    assert nnfs("sweep", xor, "seed=0,1", "train.epochs=1", "-q").code == 0
    table = the_sweep() / "trials.csv"
    before = table.read_bytes()
    found = plan(Request(xor, ["train.epochs=1"]), ["seed"], [("0",), ("1",)], 2)
    events = Sweep(found, SweepFolder(the_sweep()), ForkEngine(the_sweep() / "log"), 2).run()
    assert isinstance(next(events), Ended)
    events.close()  # type: ignore[attr-defined]
    assert table.read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="pseudo-terminals of Linux")
@pytest.mark.slow
def test_the_terminal_is_closed(xor: Path) -> None:
    """A lost connection is a hang-up: all is saved, however the live table takes it."""
    command = [sys.executable, "-m", "nnfs_cli", "sweep", str(xor), "seed=0,1"]
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm"
        os.execv(sys.executable, [*command, "train.epochs=100000", "--jobs", "2"])
    shown = b""
    while b"2 running" not in shown or not trained():
        shown += os.read(terminal, 1 << 16)
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGHUP
    assert [row["status"] for row in rows()] == ["interrupted"] * 2


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no UTF-8")
def test_what_begins_can_go_on(nnfs: Nnfs, xor: Path) -> None:
    """What no sweep file can say is refused before the first trial, and nothing is left."""
    ranges = ("optimizer.lr=log(1e-3,1e-1)", "train.epochs=1", "--random", "2", "--random-seed")
    assert "--random-seed" in nnfs("sweep", xor, *ranges, str(2**63)).refused(2)
    odd = os.fsdecode(b"x\xff.yaml")
    Path(odd).write_bytes(xor.read_bytes())
    assert "could not go on later" in nnfs("sweep", odd, "seed=0,1", "train.epochs=1").refused(2)
    assert [*Path("sweeps").iterdir()] == []
    assert not Path("runs").exists()
    assert nnfs("sweep", xor, *ranges, str(2**63 - 1)).code == 0
    assert nnfs("sweep", "--resume").err.count(", found") == 2


def test_losses_that_are_not_the_same(nnfs: Nnfs, xor: Path) -> None:
    """The least of them is named best, and said to be no comparison."""
    words = (xor, "loss=mse,cross_entropy", "train.epochs=1")
    told = "note: the losses of the trials are not the same, so val_loss does not compare them"
    assert told in nnfs("sweep", *words).err
    better = ("metrics=[accuracy]", "train.checkpoint.monitor=val_accuracy")
    assert "not the same" not in nnfs("sweep", *words, *better).err


def test_data_are_edited_meanwhile(nnfs: Nnfs, xor: Path) -> None:
    """A trial that would be another training than was planned, wherever it runs, is refused."""
    base = Request(Path(xor), ["train.epochs=1"])
    (trial,) = plan(base, ["seed"], [("0",)], 1).trials
    asked = Job.of(trial).request()
    assert asked.identity == trial.request.identity == trial.fingerprint
    other = replace(asked, overrides=[*asked.overrides, "data.samples=100"])
    with pytest.raises(DataError, match="no longer what it was when the sweep began"):
        [*start(other)]
    assert not Path("runs").exists()
    assert isinstance([*start(asked)][-1], Finished)


@pytest.mark.parametrize("command", ["check", "sweep"])
@pytest.mark.parametrize("key", ["config", "runs", "init_from"])
def test_a_path_that_is_none(nnfs: Nnfs, xor: Path, command: str, key: str) -> None:
    keys = {"config": "xor.yaml", "changes": "[seed=0]", key: r'"a\0b"'}
    Path("s.yaml").write_text("".join(f"{name}: {value}\n" for name, value in keys.items()))
    line = nnfs(command, "s.yaml").refused(2)
    assert "s.yaml names 'a\\x00b', which is no path" in line
