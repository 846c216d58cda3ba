"""layers.csv: written, read, cut back, and the same however often a training is killed."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError
from nnfs_cli.runs.checkpointing import Checkpointer
from nnfs_cli.runs.events import Started
from nnfs_cli.runs.layer_rows import HEADER, append_layers, keep_layers, read_layers
from nnfs_cli.runs.resume import resume
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.layer_statistics import LayerRow
from nnfs_cli.training.loop import Step

TOY = """\
name: toy
data: {type: moons, samples: 20, test_samples: 10, validation: 0.2}
layers:
  - {type: dense, units: 4, activation: tanh}
  - batch_norm
  - relu
  - {type: dropout, rate: 0.2}
  - {type: dense, units: 2}
loss: cross_entropy
optimizer: {type: adam, lr: 0.02}
train: {epochs: 3, batch_size: SIZE}
"""
ROWS = [
    LayerRow("dense_1.weight", 1.5, 0.25, 1e-3),
    LayerRow("relu_1", mean=0.5, std=math.inf, dead=0.0),
]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def written(run: Run, *epochs: int) -> None:
    for epoch in epochs:
        append_layers(run.table("layers"), epoch, 10 * epoch, ROWS)
    run.sync_rows()


def test_rows_there_and_back(run: Run) -> None:
    assert read_layers(run) == {}
    written(run, 1, 2)
    lines = run.layers.read_text().splitlines()
    assert lines[0] == ",".join(HEADER)
    assert lines[3] == "2,20,dense_1.weight,1.5,0.25,0.001,,,,"
    assert read_layers(run) == {1: ROWS, 2: ROWS}


@pytest.mark.parametrize("epochs", range(4))
@pytest.mark.parametrize("torn", ["", "3", "3,30", "3,30,relu_1,,,,0.5,0.1,0,"])
def test_later_rows_and_half_rows_are_cut_off(run: Run, epochs: int, torn: str) -> None:
    written(run, 1, 2, 3)
    whole = run.layers.read_bytes().splitlines(keepends=True)
    with run.layers.open("a") as file:
        file.write(torn)
    keep_layers(run, epochs)
    assert run.layers.read_bytes() == b"".join(whole[: 1 + 2 * epochs])
    assert [*read_layers(run)] == [*range(1, epochs + 1)]


def test_nothing_to_cut(run: Run) -> None:
    keep_layers(run, 3)
    assert not run.layers.exists()


@pytest.mark.parametrize(
    "text",
    ["epoch,loss\n1,x\n", f"{','.join(HEADER)}\n1,x\n", f"{','.join(HEADER)}\nx{',' * 9}\n", "\n"],
)
def test_rows_that_are_none(run: Run, text: str) -> None:
    run.layers.write_text(text)
    with pytest.raises(DataError, match=r"layers\.csv cannot be read"):
        read_layers(run)


@pytest.mark.parametrize("size", [pytest.param("5", marks=pytest.mark.slow), "full"])
def test_killed_behind_any_step_it_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str
) -> None:
    """With the rows and the checkpoint of that step, and with rows beyond its checkpoint."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Checkpointer, "after_step", Checkpointer.save)
    Path("toy.yaml").write_text(TOY.replace("SIZE", size))
    runs, copies = RunsFolder(tmp_path / "runs"), []
    events = start(Request(Path("toy.yaml"), runs=runs))
    for event in events:
        if isinstance(event, Started):
            run = event.run
        if isinstance(event, Step):
            copies.append(tmp_path / f"copy-{event.step}")
            shutil.copytree(run.path, copies[-1])
            if event.step > 1:
                torn = tmp_path / f"torn-{event.step}"
                shutil.copytree(run.path, torn)
                shutil.rmtree(torn / "checkpoints")
                shutil.copytree(copies[-2] / "checkpoints", torn / "checkpoints")
                copies.insert(-1, torn)
    assert {*read_layers(run)} == {1, 2, 3}
    for folder in copies:
        for _ in resume(Run(folder), runs, Source(), ()):
            pass
        for name in ("layers.csv", "checkpoints/last.npz"):
            assert (folder / name).read_bytes() == (run.path / name).read_bytes(), folder
