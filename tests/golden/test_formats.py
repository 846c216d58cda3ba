"""A run of every checkpoint format there has been loads, predicts as then, and goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli import load_run
from nnfs_cli.cli.app import run
from nnfs_cli.runs.checkpoint import FORMAT, read_text
from nnfs_cli.runs.run import Run

FORMATS = range(1, FORMAT + 1)
INPUTS = np.array([[0.9, 0.8], [-0.7, 0.9], [0.1, -0.2]], np.float32)
EXPECTED = {
    1: [0.4512329399585724, 0.5183488130569458, 0.5778108239173889],
    2: [0.4512329399585724, 0.5183488130569458, 0.5778108239173889],
}


@pytest.fixture(params=FORMATS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    kept = Path(__file__).with_name(f"format_{request.param}")
    assert read_text(kept / "checkpoints/last.npz")["format"] == request.param
    return Path(shutil.copytree(kept, tmp_path / kept.name))


def test_it_predicts_as_it_did(old: Path) -> None:
    expected = EXPECTED[int(old.name.removeprefix("format_"))]
    np.testing.assert_allclose(load_run(old).predict(INPUTS)[:, 1], expected, rtol=1e-5)


@pytest.mark.parametrize("command", [["eval"], ["resume", "--epochs", "5"], ["plot"]])
def test_it_works(old: Path, command: list[str]) -> None:
    if command == ["plot"]:
        pytest.importorskip("matplotlib")
    assert run([command[0], str(old), *command[1:], "-q"]) == 0


def test_it_goes_on_where_it_was(old: Path) -> None:
    before = Run(old).read_metrics()
    assert run(["resume", str(old), "--epochs", "5", "-q"]) == 0
    rows = Run(old).read_metrics()
    assert rows[:3] == before
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5]
    assert json.loads((old / "run.json").read_text())["status"] == "finished"
