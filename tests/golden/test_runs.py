"""Runs of every kind from every earlier version: opened, evaluated, predicted with, resumed.

They are made by make_runs.py, one folder for each minor version.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli import load_run
from nnfs_cli.cli.app import run

HERE = Path(__file__).parent
VERSIONS = sorted(folder.name for folder in HERE.glob("runs_*"))
KINDS = [
    (version, folder.name)
    for version in VERSIONS
    for folder in sorted((HERE / version / "runs").iterdir())
]
INPUTS = {
    "csv": "data/shops.csv",
    "csv_values": "data/shops.csv",
    "images": "data/images/across",
    "augmented": "data/images/across",
}
GOES_ON_TO = 5


@pytest.fixture(params=KINDS, ids="-".join)
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    version, kind = request.param
    shutil.copytree(HERE / version, tmp_path / version)
    monkeypatch.chdir(tmp_path / version)
    monkeypatch.delenv("NNFS_DATA", raising=False)
    return str(kind)


def expected(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("expected.json").read_text())[kind]
    return found


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    code = run([*arguments, "--json"])
    streams = capsys.readouterr()
    assert code == 0, streams
    found: dict[str, Any] = json.loads(streams.out)
    return found


def rows(kind: str) -> list[dict[str, str]]:
    with Path(f"runs/{kind}/metrics.csv").open() as file:
        return list(csv.DictReader(file))


def test_it_evaluates_as_then(old: str, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = answer(capsys, "eval", f"runs/{old}")["metrics"]
    then = expected(old)["test"]
    if then is not None:
        told = {name: metrics[name] for name in then}
        assert told == pytest.approx(then, rel=1e-5)


def test_it_predicts_as_then(old: str, capsys: pytest.CaptureFixture[str]) -> None:
    loaded, then = load_run(f"runs/{old}"), expected(old)
    inputs = np.array(then["inputs"], np.uint8 if old in ("images", "augmented") else np.float32)
    np.testing.assert_allclose(loaded.predict(inputs), then["outputs"], rtol=1e-5, atol=1e-6)
    np.save("inputs.npy", inputs)
    file = INPUTS.get(old, "inputs.npy")
    told = answer(capsys, "predict", file, "--run", f"runs/{old}")
    assert not told["errors"]
    assert len(told["predictions"]) == {"data/shops.csv": 60, "data/images/across": 12}.get(file, 3)


def test_it_goes_on(old: str) -> None:
    before = rows(old)
    assert run(["resume", f"runs/{old}", "--epochs", str(GOES_ON_TO), "-q"]) == 0
    after = rows(old)
    assert after[: len(before)] == before
    assert json.loads(Path(f"runs/{old}/run.json").read_text())["status"] == "finished"
    if old == "stopped_early":
        assert len(after) == len(before) + 1, "with a patience of one, counted from there"
    else:
        assert [row["epoch"] for row in after] == [str(n + 1) for n in range(GOES_ON_TO)]


def test_it_is_found_by_its_config(old: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(capsys, "train", f"{old}.yaml", "--runs-dir", "runs", "--skip-done")
    assert Path(told["run"]).name == old
    assert told["status"] == "finished"
    assert told["skipped"] == (old != "interrupted")


@pytest.mark.parametrize("version", VERSIONS)
def test_they_are_listed(
    version: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE / version)
    told = answer(capsys, "runs", "--runs-dir", "runs")
    kinds = [kind for each, kind in KINDS if each == version]
    assert sorted(run["id"] for run in told["runs"]) == kinds
    statuses = {run["status"] for run in told["runs"]}
    assert statuses == {"finished", "interrupted"}
