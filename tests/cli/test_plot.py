"""`nnfs plot`: which files, of which runs, and what is said where something cannot be drawn."""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from .conftest import TOY, Nnfs, contents, latest, table

pytest.importorskip("matplotlib")
FIGURES = {"loss", "accuracy", "lr", "layers", "confusion-test"}


@pytest.fixture
def trained(nnfs: Nnfs, toy: Path) -> Path:
    assert nnfs("train", toy, "-q").code == 0
    return latest()


def titles(svg: Path) -> str:
    """Texts are drawn as paths; each stands in a comment."""
    lines = svg.read_text().splitlines()
    return " ".join(line.strip()[5:-4] for line in lines if line.strip().startswith("<!-- "))


def test_the_titles_are_those_of_the_run(nnfs: Nnfs, trained: Path) -> None:
    before = contents(trained)
    assert nnfs("plot").code == 0
    plots = {path: after for path, after in contents(trained).items() if path.startswith("plots/")}
    assert {Path(path).stem for path in plots} == FIGURES
    assert {path: after for path, after in contents(trained).items() if path not in plots} == before
    rows = table(trained)
    best = min(rows, key=lambda row: float(row["val_loss"]))
    where = "the last epoch" if best is rows[-1] else f"epoch {best['epoch']}"
    assert f"Validation loss is lowest in {where} ({float(best['val_loss']):.4f})" in titles(
        trained / "plots/loss.svg"
    )
    assert nnfs("eval").code == 0
    with (trained / "eval/test/predictions.csv").open() as file:
        right = [row["true"] == row["predicted"] for row in csv.DictReader(file)]
    expected = f"Accuracy {100 * np.mean(right):.2f} % on {len(right)} test samples"
    assert expected in titles(trained / "plots/confusion-test.svg")
    drawn = (trained / "plots/confusion-test.svg").read_bytes()
    assert nnfs("plot").code == 0
    assert (trained / "plots/confusion-test.svg").read_bytes() == drawn


def test_themes(nnfs: Nnfs, trained: Path) -> None:
    assert nnfs("plot", "-o", "light").code == 0
    assert nnfs("plot", "--theme", "dark", "--output", "deep/dark").code == 0
    light, dark = contents(Path("light")), contents(Path("deep/dark"))
    assert {*light} == {*dark}
    assert all(light[name] != dark[name] for name in light)
    assert not (trained / "plots").exists()
    assert "light" in nnfs("plot", "--theme", "blue").refused(2)


def test_several_runs_in_one_plot(nnfs: Nnfs, toy: Path, trained: Path) -> None:
    nnfs("train", toy, "optimizer.lr=0.05", "-q")
    fast = latest()
    toy.write_text(TOY.replace("metrics: [accuracy]", "metrics: [f1]"))
    nnfs("train", toy, "seed=1", "data.noise=0.3", "-q")
    done = nnfs("plot", trained, fast, trained.name, "--json").document
    assert done["files"] == [f"plots/{name}.{form}" for name in ("loss", "accuracy")
                             for form in ("svg", "png")]  # fmt: skip
    assert done["run"] is None
    assert done["runs"] == [str(trained), str(fast)]
    done = nnfs("plot", trained, fast, latest(), "-o", "other")
    assert done.code == 0
    assert "note: the runs were not trained on the same data" in done.err
    assert "note: f1 is not measured in" in done.err
    assert {*contents(Path("other"))} == {f"{name}.{form}" for name in ("loss", "accuracy")
                                          for form in ("svg", "png")}  # fmt: skip


def test_the_learning_rate_knows_its_warmup(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "schedule={type: cosine, warmup: 3}", "-q").code == 0
    assert nnfs("plot").code == 0
    title = titles(latest() / "plots/lr.svg")
    assert "The learning rate rises to 0.01 in 3 steps" in title


def test_what_needs_the_data_is_left_out_with_a_note(nnfs: Nnfs, folder: Path) -> None:
    np.savez("p.npz", x=np.random.default_rng(0).normal(size=(40, 3)), y=np.arange(40) % 2)
    Path("c.yaml").write_text(
        TOY.replace("type: moons, samples: 60, test_samples: 30", "type: npz, path: p.npz")
    )
    assert nnfs("train", "c.yaml", "-q").code == 0
    shutil.move("p.npz", "q.npz")
    done = nnfs("plot", "-q")
    assert done.code == 0
    assert "note: the confusion matrix is not drawn: " in done.err
    assert {Path(name).stem for name in contents(latest() / "plots")} == FIGURES - {
        "confusion-test"
    }
    shutil.rmtree(latest() / "checkpoints")
    done = nnfs("plot", "-q")
    assert (done.code, done.err.count("note: what the network learnt is not drawn: ")) == (0, 1)


def test_refusals(nnfs: Nnfs, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there is no run 'absent'" in nnfs("plot", "absent").refused(3)
    (trained / "metrics.csv").unlink()
    assert "has no finished epoch to draw" in nnfs("plot").refused(3)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    line = nnfs("plot").refused(5)
    assert line == (
        "error: plotting needs matplotlib; install the extra: pip install 'nnfs-cli[plot]'"
    )
