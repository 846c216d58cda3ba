"""``nnfs sweep --dask``: a scheduler and two workers on 127.0.0.1, of which one dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request
from nnfs_cli.sweeps.dask_task import check, parsed
from nnfs_cli.sweeps.plan import plan
from nnfs_cli.sweeps.trial import End, Word
from nnfs_cli.sweeps.worker import Job, checked

from .conftest import ROOT, XOR, Nnfs, record, table
from .sweeping import Start, ended, rows, run_folders, trained, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc of Linux")


@dataclass
class Cluster:
    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]

    def trials(self) -> list[str]:
        """The processes of trials that its workers have."""
        pids = [str(each.pid) for each in self.workers if each.poll() is None]
        return [c for pid in pids for f in Path(f"/proc/{pid}/task").glob("*/children")
                for c in f.read_text().split()]  # fmt: skip


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    folder = tmp_path_factory.mktemp("cluster")
    told = folder / "scheduler.json"
    own = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(told)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}

    def start(kind: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *own, *words]
        with (folder / "log").open("ab") as log:
            return subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)

    scheduler = start("scheduler", "--port", "0")
    end = time.monotonic() + 60
    while not told.exists():
        assert time.monotonic() < end, (folder / "log").read_text()
        time.sleep(0.05)
    workers = [start("worker", "--nthreads", "1", "--no-nanny") for _ in range(2)]
    while (folder / "log").read_text().count("Registered to") < 2:
        assert time.monotonic() < end, (folder / "log").read_text()
        time.sleep(0.05)
    yield Cluster(json.loads(told.read_text())["address"], scheduler, workers)
    for process in (scheduler, *workers):
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_cluster_loses_a_worker_the_sweep_and_its_scheduler(
    start: Start, xor: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other, on one cluster: to start it takes longest."""
    for part in (a_worker_is_killed, the_sweep_ends, the_scheduler_goes):
        (xor.parent / part.__name__).mkdir()
        monkeypatch.chdir(xor.parent / part.__name__)
        part(start, xor, cluster)


def a_worker_is_killed(start: Start, xor: Path, cluster: Cluster) -> None:
    epochs = 1000
    words = ("seed=0..1", f"train.epochs={epochs}", f"train.report_every={epochs}")
    process = start("sweep", xor, *words, "--dask", cluster.address)
    wait_until(lambda: trained() == 2, process)
    cluster.workers[0].kill()
    told = ended(process)
    assert told.code == 0, told.err
    assert [row["status"] for row in rows()] == ["finished"] * 2
    assert sorted(Path(row["run"]).name for row in rows()) == sorted(r.name for r in run_folders())
    for run in run_folders():
        assert record(run)["status"] == "finished"
        assert [int(row["epoch"]) for row in table(run)] == [*range(1, epochs + 1)]
        assert (run / "train.log").read_text().count("training from epoch 1\n") == 1, "twice"


def the_sweep_ends(start: Start, xor: Path, cluster: Cluster) -> None:
    """By Ctrl-C; and without a word."""
    words = ("seed=0..1", "train.epochs=100000", "train.report_every=100000")
    process = start("sweep", xor, *words, "--dask", cluster.address)
    wait_until(trained, process)
    process.send_signal(signal.SIGINT)
    told = ended(process)
    assert told.code == 130, told.err
    assert len(told.errors) == 1
    (run,) = run_folders()
    assert record(run)["status"] == "interrupted"
    assert not cluster.trials()

    before = record(run)["epochs"]
    process = start("sweep", "--resume", "--dask", cluster.address)
    wait_until(cluster.trials, process)
    process.kill()
    end = time.monotonic() + 30
    while cluster.trials() and time.monotonic() < end:
        time.sleep(0.05)
    assert not cluster.trials()
    assert run_folders() == [run]
    assert record(run)["epochs"] >= before


def the_scheduler_goes(start: Start, xor: Path, cluster: Cluster) -> None:
    process = start("sweep", xor, "seed=0,1", "train.epochs=100000", "--dask", cluster.address)
    wait_until(trained, process)
    cluster.scheduler.kill()
    told = ended(process).refused(5)
    assert f"the Dask scheduler at {cluster.address} is gone" in told
    end = time.monotonic() + 30
    while cluster.trials() and time.monotonic() < end:
        time.sleep(0.05)
    assert record(run_folders()[0])["status"] == "interrupted"


@pytest.mark.slow
def test_no_scheduler(nnfs: Nnfs, xor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    monkeypatch.setattr("nnfs_cli.sweeps.dask_engine.PATIENCE", 0.5)
    with socket.socket() as server:  # which says something else
        server.bind(("127.0.0.1", 0))
        silent = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert f"no Dask scheduler answers at {silent}" in nnfs(
            "sweep", xor, "seed=0,1", "--dask", silent
        ).refused(5)
    told = nnfs("sweep", xor, "seed=0,1", "--dask", "x://y").refused(2)
    assert "write --dask tcp://HOST:8786" in told
    assert os.listdir() == ["xor.yaml"]


def test_without_dask(nnfs: Nnfs, xor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    line = ("sweep", xor, "seed=0,1", "--dask", "tcp://127.0.0.1:1")
    assert "pip install 'nnfs-cli[dask]'" in nnfs(*line).refused(5)
    assert "--dask does nothing" in nnfs(*line, "--print-commands").refused(2)
    assert os.listdir() == ["xor.yaml"]


def test_what_a_machine_lacks(xor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found before the first trial, and told as it is."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr("nnfs_cli.config.plugins.LOADED", {})
    Path("d.csv").write_text("a,b\n" + "1,x\n2,y\n" * 20)
    config = Path("table.yaml")
    config.write_text(XOR.replace("{type: xor}", "{type: csv, path: d.csv, target: b}"))
    request = Request(config, runs=RunsFolder(Path("runs")))
    (trial,) = plan(request, [], [()], 2).trials
    Path("sweep.yaml").touch()
    job = Job.of(trial)

    def there(job: Job, folder: str = ".") -> Word | End:
        return parsed(asyncio.run(check([asdict(job)], folder)))

    assert there(job) == End("finished")
    absent = there(replace(job, folder="/absent"))
    assert isinstance(absent, End)
    assert absent.message.startswith("/absent: No such file")
    assert "there is no elsewhere there" in str(there(job, "elsewhere"))
    assert checked(job).code == 0
    assert "cannot read plugin" in checked(replace(job, plugins=["absent.py"])).message
    Path("d.csv").write_text("a,b\n" + "1,x\n3,y\n" * 20)
    assert (checked(job).code, checked(job).message[:22]) == (3, "the config, the data, ")
    Path("d.csv").unlink()
    assert checked(job).code == 3
