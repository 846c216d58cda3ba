"""`nnfs plot`: which files, of which runs, and what is said where something cannot be drawn."""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import TOY, Nnfs, contents, latest, table

pytest.importorskip("matplotlib")
FIGURES = {"loss", "accuracy", "lr", "layers", "confusion-test", "regions"}


@pytest.fixture
def trained(nnfs: Nnfs, toy: Path) -> Path:
    assert nnfs("train", toy, "schedule={type: cosine, warmup: 3}", "-q").code == 0
    return latest()


def titles(svg: Path) -> str:
    """Texts are drawn as paths; each line stands in a comment."""
    lines = svg.read_text().splitlines()
    return " ".join(line.strip()[5:-4] for line in lines if line.strip().startswith("<!-- "))


@pytest.mark.slow
def test_the_titles_are_those_of_the_run(nnfs: Nnfs, trained: Path) -> None:
    before = contents(trained)
    assert nnfs("plot").code == 0
    plots = {path: after for path, after in contents(trained).items() if path.startswith("plots/")}
    assert {Path(path).stem for path in plots} == FIGURES
    assert {path: after for path, after in contents(trained).items() if path not in plots} == before
    rows = table(trained)
    best = min(rows, key=lambda row: float(row["val_loss"]))
    where = "the last epoch" if best is rows[-1] else f"epoch {best['epoch']}"
    assert f"Validation loss is lowest in {where} ({float(best['val_loss']):#.4g})" in titles(
        trained / "plots/loss.svg"
    )
    assert "The learning rate rises to 0.01 in 3 steps" in titles(trained / "plots/lr.svg")
    assert nnfs("eval").code == 0
    with (trained / "eval/test/predictions.csv").open() as file:
        right = [row["true"] == row["predicted"] for row in csv.DictReader(file)]
    expected = f"Accuracy {100 * np.mean(right):.2f} % on {len(right)} test samples"
    for name in ("confusion-test", "regions"):
        assert expected in titles(trained / f"plots/{name}.svg")


def test_several_runs_in_one_plot(nnfs: Nnfs, toy: Path, trained: Path) -> None:
    nnfs("train", toy, "optimizer.lr=0.05", "-q")
    fast = latest()
    done = nnfs("plot", trained, fast, trained.name, "--json").document
    assert done["files"] == [f"plots/{name}.{form}" for name in ("loss", "accuracy")
                             for form in ("svg", "png")]  # fmt: skip
    assert (done["run"], done["notes"]) == (None, [])
    assert done["runs"] == [str(trained), str(fast)]
    toy.write_text(TOY.replace("metrics: [accuracy]", "metrics: [f1]"))
    nnfs("train", toy, "seed=1", "data.noise=0.3", "-q")
    done = nnfs("plot", fast, latest(), "--output", "deep/other")
    assert done.code == 0
    assert "note: the runs were not trained on the same data" in done.err
    assert "note: f1 is not measured in" in done.err
    assert "note: accuracy is not measured in" in done.err
    assert {*contents(Path("deep/other"))} == {"loss.svg", "loss.png"}


@pytest.mark.slow
def test_an_animation_leaves_the_run_as_it_is(nnfs: Nnfs, trained: Path) -> None:
    before = contents(trained)
    done = nnfs("plot", "--animate", "-o", "drawn", "--theme", "dark")
    assert (done.code, done.out.splitlines()[-1]) == (0, "drawn/learning.gif")
    assert "training again in memory: 3 epochs" in done.err
    assert contents(trained) == before
    with Image.open("drawn/learning.gif") as image:
        assert (image.format, image.n_frames) == ("GIF", 4)
    for name in FIGURES:
        with Image.open(f"drawn/{name}.png") as image:
            assert image.convert("RGB").getpixel((0, 0)) == (0x14, 0x17, 0x1C)


def test_what_cannot_be_animated(nnfs: Nnfs, toy: Path, trained: Path) -> None:
    nnfs("train", toy, "seed=1", "-q")
    line = nnfs("plot", trained, latest(), "--animate").refused(2)
    assert line == "error: --animate draws one run, received 2; name one of them"
    np.savez("p.npz", x=np.random.default_rng(0).normal(size=(40, 3)), y=np.arange(40) % 2)
    toy.write_text(
        TOY.replace("type: moons, samples: 60, test_samples: 30", "type: npz, path: p.npz")
    )
    assert nnfs("train", toy, "-q").code == 0
    assert "there is nothing to animate: npz has neither" in nnfs("plot", "--animate").refused(2)
    Path("p.npz").unlink()
    assert "p.npz" in nnfs("plot", "--animate").refused(3)
    assert not (latest() / "plots").exists()


def test_refusals(nnfs: Nnfs, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no run 'absent'" in nnfs("plot", "absent").refused(3)
    assert "light" in nnfs("plot", "--theme", "blue").refused(2)
    (trained / "metrics.csv").unlink()
    assert "has no finished epoch to draw" in nnfs("plot").refused(3)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for command in (["plot"], ["data", "show", "toy.yaml"]):
        assert nnfs(*command).refused(5) == (
            "error: plotting needs matplotlib; install the extra: pip install 'nnfs-cli[plot]'"
        )


@pytest.mark.slow
def test_a_grid_over_seeds(nnfs: Nnfs, toy: Path) -> None:
    """Curves with bands, and what the two keys do; runs that have not finished are named."""
    for number in range(8):
        lr, units, seed = (number & 1, number & 2, number & 4)
        words = [f"optimizer.lr={0.01 + lr}", f"layers.0.units={4 + units}", f"seed={seed}"]
        assert nnfs("train", toy, *words, "-q", "--epochs", "2").code == 0
    path = latest() / "run.json"
    path.write_text(path.read_text().replace('"status": "finished"', '"status": "diverged"'))
    result = nnfs("plot", "2*", "--metric", "val_accuracy", "--json")
    names = {Path(path).stem for path in result.document["files"]}
    assert names - {"importance"} == {"loss", "accuracy", "heat-map", "parallel"}
    assert "val_accuracy is highest at" in titles(Path("plots/heat-map.svg")).lower()
    assert "not finished, so left out" in result.err
    assert "range over the seeds" in titles(Path("plots/loss.svg"))
    assert "--metric" in nnfs("plot", "latest~1", "--metric", "val_loss").refused(2)


def test_a_run_without_an_epoch_is_left_out(nnfs: Nnfs, toy: Path, trained: Path) -> None:
    """Such as the trial of a sweep that diverged in its first epoch."""
    shutil.copytree(trained, "other")
    shutil.copytree(trained, "empty")
    metrics = Path("empty/metrics.csv")
    metrics.write_text(metrics.read_text().splitlines(keepends=True)[0])
    done = nnfs("plot", trained, "empty", "other", "--output", "together")
    assert done.code == 0, done.err
    assert "note: without a finished epoch, so left out: empty" in done.err
    assert Path("together/loss.svg").is_file()
    assert "no finished epoch to draw" in nnfs("plot", "empty", trained).refused(3)
