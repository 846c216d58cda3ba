"""docs/running.md: its scripts, Makefile and Python run; its Dockerfile copies what is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.source import Source

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TEXT = (ROOT / "docs/running.md").read_text("utf-8")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="scripts for Linux")


def blocks(language: str) -> list[str]:
    return [body for word, body in BLOCK.findall(TEXT) if word == language]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's config, and with stand-ins for SLURM's programs."""
    config = (ROOT / "configs/digits.yaml").read_text("utf-8")
    (tmp_path / "digits.yaml").write_text(re.sub(r"epochs: \d+", "epochs: 2", config))
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in (
        ("nnfs", f'exec {sys.executable} -m nnfs_cli "$@"'),
        ("srun", 'echo $$ > pid; exec "$@"'),
        ("scontrol", 'echo "$@" >> requeued'),
    ):
        (programs / name).write_text(f"#!/bin/bash\n{script}\n")
        (programs / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def bash(script: str, **variables: str) -> int:
    command = ["bash", "-c", script]
    return subprocess.run(command, env=os.environ | variables, timeout=90, check=False).returncode


def statuses() -> list[str]:
    paths = sorted(path for path in Path("runs").glob("*/run.json") if path.parent.name != "latest")
    return [json.loads(path.read_text())["status"] for path in paths]


def warned_after(epochs: int, job: str) -> int:
    """The exit code of a job that is warned when its run has so many epochs."""
    env = os.environ | {"SLURM_JOB_ID": "7"}
    with subprocess.Popen(["bash", "-c", job], env=env) as process:
        deadline = time.monotonic() + 60
        while rows() < epochs and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(int(Path("pid").read_text()), signal.SIGUSR1)
        return process.wait(timeout=60)


def rows() -> int:
    paths = list(Path("runs").glob("*-digits-*/metrics.csv"))
    return max([path.read_text().count("\n") - 1 for path in paths], default=0)


@pytest.mark.slow
def test_a_job_goes_on_in_the_queue(place: Path) -> None:
    job, _ = blocks("bash")
    config = Path("digits.yaml").read_text()
    Path("digits.yaml").write_text(config.replace("epochs: 2", "epochs: 100000"))
    assert warned_after(1, job) == 138
    before = rows()
    assert warned_after(before + 1, job) == 138
    assert rows() > before >= 1
    assert statuses() == ["interrupted"], "one run, which went on"
    assert Path("requeued").read_text() == "requeue 7\n" * 2
    Path("digits.yaml").write_text(config)
    assert bash(job) == 0
    assert Path("requeued").read_text().count("requeue") == 2


@pytest.mark.slow
def test_an_array_is_a_sweep(place: Path) -> None:
    _, sweep = blocks("bash")
    (printing,) = blocks("sh")
    assert bash(printing) == 0
    tasks = [("bash", "-c", sweep)] * 3
    env = [os.environ | {"SLURM_ARRAY_TASK_ID": str(n)} for n in range(1, 4)]
    started = [subprocess.Popen(t, env=e) for t, e in zip(tasks, env, strict=True)]
    assert [process.wait(timeout=90) for process in started] == [0, 0, 0]
    assert statuses() == ["finished"] * 3


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_make_waits_for_the_file(place: Path) -> None:
    (makefile,) = blocks("make")
    Path("Makefile").write_text(makefile)
    assert bash("make -s -j2") == 0
    assert len(list(Path("out").glob("*/finished"))) == 2
    assert "Nothing to be done" in subprocess.check_output(["make"], text=True)


def test_the_snakefile_names_what_make_waits_for() -> None:
    (snakefile,), (makefile,) = blocks("snakemake"), blocks("make")
    (command,) = re.findall(r'shell: "(.*)"', snakefile)
    same = command.replace("{wildcards.seed}", "$*").replace("{input}", "digits.yaml")
    assert f"\t{same}\n" in makefile
    assert 'output: "out/{seed}/finished"' in snakefile


def test_the_dockerfile_copies_what_there_is() -> None:
    (dockerfile,) = blocks("dockerfile")
    copied = [
        word for line in re.findall(r"^COPY (.*) \S+$", dockerfile, re.M) for word in line.split()
    ]
    assert all((ROOT / name).exists() for name in copied), copied
    assert {"pyproject.toml", "setup.py", "configs", "nnfs_cli"} <= {*copied}
    assert re.findall(r"^USER ([1-9]\d+):\d+$", dockerfile, re.M)


def test_the_python_runs(place: Path) -> None:
    assert bash("nnfs train digits.yaml -q") == 0
    notebook, server = blocks("python")
    names: dict[str, object] = {}
    exec(compile(notebook, "running.md", "exec"), names)
    assert np.shape(names["probabilities"]) == (1, 10)
    exec(compile(server, "running.md", "exec"), names)
    test = Digits().load(Source()).test
    assert test is not None
    with names["serve"](0) as serving:  # type: ignore[operator]
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        body = json.dumps(test.inputs.tolist()).encode()
        url = f"http://127.0.0.1:{serving.server_address[1]}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(url, body)) as answer:
            labels = json.loads(answer.read())
        serving.shutdown()
        thread.join()
    right = np.mean(np.array(labels).astype(int) == test.targets)
    assert right > 0.5
