"""Plots of runs that anybody may have written."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from nnfs_cli.atomic import make_folder
from nnfs_cli.csv_text import csv_text
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError
from nnfs_cli.reports.confusion_table import read_confusion
from nnfs_cli.reports.plots import curves, of_run
from nnfs_cli.reports.plots.canvas import Album
from nnfs_cli.reports.plots.learnt import Opening, draw_learnt
from nnfs_cli.reports.plots.of_run import draw_run, left_out, names_of
from nnfs_cli.reports.plots.theme import THEMES, themed
from nnfs_cli.runs.load import load_run
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start

pytest.importorskip("matplotlib")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "run")
    (run.path / "eval" / "test").mkdir(parents=True)
    return run


def plot_run(run: Run) -> list[Path]:
    """Draw a run that has nothing but tables."""
    album = draw_run(run, THEMES["light"], None, Opening(lambda: load_run(run.path), Source()))
    assert [note for note in album.notes if "what the network learnt is not drawn" in note]
    return album.files


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_names_of_columns_never_become_paths(run: Run, tmp_path: Path) -> None:
    names = (
        "val_../../out",
        "train_.hidden",
        "val_" + "x" * 5000,
        "val_a\tb$_{",
    )
    run.append_metrics({"epoch": 1} | dict.fromkeys(names, 0.5))
    files = plot_run(run)
    assert len({*files}) == 2 * len(names)
    assert {path.parent for path in files} == {run.path / "plots"}
    assert all(name.startswith("run/") for name in below(tmp_path))


@pytest.mark.parametrize("epochs", [(0,), (math.nan,), (math.inf,), (2, 1), (1, 1), (1, math.nan)])
def test_epochs_that_do_not_count(run: Run, epochs: tuple[float, ...]) -> None:
    for epoch in epochs:
        run.append_metrics({"epoch": epoch, "val_loss": 0.5})
    with pytest.raises(DataError, match="does not count its epochs up"):
        plot_run(run)


def test_of_many_figures_the_first_are_drawn(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_run, "MAX_CURVES", 2)
    row = {"epoch": 1.0, "train_loss": 0.5, "train_top_1": 0.1, "val_loss": 0.5, "val_top_1": 0.1}
    assert (names_of(row), left_out(row)) == (["loss", "top_1"], "")
    run.append_metrics(row | {"train_top_2": 0.1})
    album = draw_run(run, THEMES["light"], None, Opening(lambda: load_run(run.path), Source()))
    assert {path.stem for path in album.files} == {"loss", "top_1"}
    assert "metrics.csv has 3 figures, of which the first 2 are drawn" in album.notes
    assert "" not in album.notes


def test_a_figure_that_is_written_is_empty(tmp_path: Path) -> None:
    """Or the pixels of fifty of them would be in memory together."""
    figure = curves.figure_of(THEMES["light"], [{"epoch": 1, "val_loss": 0.5}], "loss", "", None)
    assert figure.axes
    Album(THEMES["light"], tmp_path).add(figure, "loss")
    assert not figure.axes


def test_labels_that_are_no_mathematics(run: Run) -> None:
    run.append_metrics({"epoch": 1, "val_loss": 0.5})
    labels = ["$\\frac{", "a\rb\n\x1b[31m", "漢" * 100, '"']
    table = csv_text([["true", *labels], *([label, 1, 2, 3, 4] for label in labels)])
    (run.path / "eval/test/confusion.csv").write_text(table, newline="")
    assert read_confusion(run, "eval/test/confusion.csv") == (labels, [[1, 2, 3, 4]] * 4)
    assert len(plot_run(run)) == 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "true\n",
        "true,a\na,x\n",
        "true,a\na,1,2\n",
        "true,a\na\n",
        "true,a,b\na,1,2\n",
        "true,a\na,1\na,1\n",
        "true,a\na,-1\n",
        f"true,a\na,{10**400}\n",
        'true,a\n"a,1\n',
        "\0",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_a_confusion_matrix_that_is_none(run: Run, text: str) -> None:
    (run.path / "eval/test/confusion.csv").write_text(text)
    with pytest.raises(DataError, match=r"confusion\.csv is no confusion matrix"):
        read_confusion(run, "eval/test/confusion.csv")


def test_a_matrix_of_more_classes_than_are_drawn_is_left_out(run: Run) -> None:
    """Earlier versions wrote them."""
    text = "true" + ",a" * 3000 + "\n" + ("a" + ",1" * 3000 + "\n") * 3000
    (run.path / "eval/test/confusion.csv").write_text(text)
    began = time.process_time()
    assert read_confusion(run, "eval/test/confusion.csv") is None
    assert time.process_time() - began < 1


def test_what_needs_the_data_is_left_out_with_a_note(tmp_path: Path) -> None:
    """Of a table that has moved, the network alone is there, and the curves are drawn."""
    rows = "".join(f"{n % 7},{n % 5},{n % 2}\n" for n in range(40))
    (tmp_path / "t.csv").write_text("a,b,y\n" + rows)
    (tmp_path / "c.yaml").write_text(
        f"data: {{type: csv, path: {tmp_path}/t.csv, target: y}}\n"
        "layers: [{type: dense, units: 2}]\nloss: cross_entropy\noptimizer: adam\n"
        "train: {epochs: 1}\n"
    )
    [*_] = start(Request(tmp_path / "c.yaml", runs=RunsFolder(tmp_path / "runs")))
    run, theme = RunsFolder(tmp_path / "runs").latest(), THEMES["light"]
    opening = Opening(lambda: load_run(run.path), Source())
    with themed(theme):
        there = Album(theme, make_folder(tmp_path / "there"))
        draw_learnt(there, opening, "", confusion_wanted=True)
        (tmp_path / "t.csv").unlink()
        gone = Album(theme, tmp_path)
        draw_learnt(gone, opening, "", confusion_wanted=True)
    names = {path.stem for path in there.files}
    assert (names, there.notes) == ({"confusion-test", "regions"}, [])
    (note,) = gone.notes
    assert note.startswith(
        "without its data there is no image of the confusion matrix and what was learnt: "
    )
    assert gone.files == []
