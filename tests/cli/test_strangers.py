"""A user without a name, without a home, without the right to start a process: containers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import NOWHERE, ROOT

READS = "+dac_read_search"
"""The one capability left: to read the Python that root may have installed for itself."""
STRANGER = [
    "setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", f"--inh-caps=-all,{READS}",
    f"--ambient-caps={READS}", f"--bounding-set=-all,{READS}",
]  # fmt: skip
DIGITS = """\
data: {type: digits, normalize: standard}
layers: [flatten, {type: dense, units: 10}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.01}
metrics: [accuracy]
train: {epochs: 1, batch_size: 64}
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="users and limits as on Linux"),
]


@pytest.fixture
def place(folder: Path) -> Path:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root becomes another user")
    if subprocess.run([*STRANGER, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no capabilities to hand on")
    (folder / "digits.yaml").write_text(DIGITS)
    folder.chmod(0o777)
    return folder


def as_stranger(line: str, limit: str = "true") -> subprocess.CompletedProcess[str]:
    """A command of a user that the system does not know, with an environment that says nothing."""
    script = f"{limit}; exec {sys.executable} -m nnfs_cli {line}"
    env = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "https_proxy": NOWHERE}
    command = [*STRANGER, "bash", "-c", script]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, check=False, timeout=100
    )


def test_the_main_job(place: Path) -> None:
    for limit in ("true", "ulimit -u 1"):  # and no other process or thread
        for line in (
            "train digits.yaml -q", "eval", "predict runs/latest/config.yaml --help", "runs",
            "resume", "resume latest --epochs 2 -q", "check digits.yaml", "data list",
            "reproduce latest", "explain adam", "train digits.yaml -q --skip-done",
        ):  # fmt: skip
            done = as_stranger(line, limit)
            assert done.returncode == 0, (limit, line, done.stderr)


def test_what_was_asked_for_and_cannot_be(place: Path) -> None:
    for line, limit, words in (
        ("train digits.yaml train.workers=2", "ulimit -u 1", "set train.workers=1"),
        ("data get mnist", "true", "set XDG_CACHE_HOME or HOME"),
        ("train '~/digits.yaml'", "true", "no home folder here; set HOME"),
        ("train digits.yaml --runs-dir /runs", "true", "cannot write /runs"),
    ):
        done = as_stranger(line, limit)
        assert (done.returncode, done.stdout) == (5, ""), (line, done.stderr)
        assert words in done.stderr
        assert done.stderr.count("error: ") == done.stderr.count("\n") == 1
