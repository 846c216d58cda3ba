from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.cli.app import run

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"
"""A proxy that never answers: no test reaches the network."""

TOY = """\
name: toy
data: {type: moons, samples: 60, test_samples: 30, validation: 0.2}
layers:
  - {type: dense, units: 8, activation: relu}
  - {type: dense, units: 2}
loss: cross_entropy
optimizer: {type: adam, lr: 0.01}
metrics: [accuracy]
train: {epochs: 3, batch_size: 16}
"""

XOR = """\
data: {type: xor}
layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: sgd, lr: 0.1}
train: {epochs: 2}
"""


@dataclass(frozen=True)
class Result:
    """What a command did: its exit code, its stdout and its stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout; NaN is no JSON."""
        assert self.out.count("\n") == 1, self.out
        document: dict[str, Any] = json.loads(self.out, parse_constant=pytest.fail)
        assert document["schema"] == 1
        return document

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("error: ")]

    def refused(self, code: int) -> str:
        """The one line of an expected error."""
        assert self.code == code, self
        assert len(self.errors) == 1, self.err
        assert "Traceback" not in self.err
        return self.errors[0]


Nnfs = Callable[..., Result]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own, where the network is not to be had."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NNFS_DATA", raising=False)
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(variable, NOWHERE)
    return tmp_path


@pytest.fixture
def nnfs(capsys: pytest.CaptureFixture[str]) -> Nnfs:
    """Run a command in this process."""

    def call(*arguments: object) -> Result:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        streams = capsys.readouterr()
        assert not {"note:", "error:"} & {line.strip() for line in streams.err.splitlines()}
        return Result(code, streams.out, streams.err)

    return call


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def call(
        *arguments: object,
        env: dict[str, str] | None = None,
        prefix: Sequence[str] = (),
        **options: Any,
    ) -> subprocess.Popen[str]:
        command = [*prefix, sys.executable, "-m", "nnfs_cli", *map(str, arguments)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | (env or {})
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        process = subprocess.Popen(command, text=True, env=environment, **pipes)
        started.append(process)
        return process

    yield call
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def nnfs_process(start: Callable[..., subprocess.Popen[str]]) -> Nnfs:
    """Run a command in a process of its own."""

    def call(*arguments: object, **options: Any) -> Result:
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=60)
        return Result(process.returncode, out or "", err or "")

    return call


@pytest.fixture
def toy(folder: Path) -> Path:
    """A config that trains within a blink."""
    path = folder / "toy.yaml"
    path.write_text(TOY)
    return path


@pytest.fixture
def xor(folder: Path) -> Path:
    """A config whose trials are over at once."""
    path = folder / "xor.yaml"
    path.write_text(XOR)
    return path


def document(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """The JSON answer of a command that succeeds, run in this process."""
    capsys.readouterr()
    result = Result(run([*words, "--json"]), *capsys.readouterr())
    assert result.code == 0, result
    return result.document


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by relative path; locks do not count."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def latest() -> Path:
    return Path("runs/latest").resolve()


def record(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "run.json").read_text())
    return found


def table(run: Path) -> list[dict[str, str]]:
    """metrics.csv without the wall time, which no promise covers."""
    with (run / "metrics.csv").open() as file:
        return [{k: v for k, v in row.items() if k != "time_s"} for row in csv.DictReader(file)]


def state(run: Path) -> dict[str, Any]:
    """All of a run that two equal trainings share, byte for byte."""
    files = ("checkpoints/last.npz", "checkpoints/best.npz", "config.yaml", "layers.csv")
    return {name: (run / name).read_bytes() for name in files} | {"metrics.csv": table(run)}
