"""`nnfs compare`: what differs, which is better, and whether that is more than noise."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.cli.comparison_tables import table_of
from nnfs_cli.cli.tables import table_text
from nnfs_cli.cli.terminal import width_of
from nnfs_cli.reports.comparing.groups import compared
from nnfs_cli.runs.load import load_run
from nnfs_cli.runs.run import Run

from .conftest import TOY, Nnfs, record

VALUES = """\
name: curve
data: {type: sine, samples: 60, test_samples: 40, validation: 0.2}
layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 1}]
loss: mse
optimizer: {type: adam, lr: 0.01}
train: {epochs: 1}
"""
LABELS = """\
data: {type: npz, path: l.npz, task: multilabel, validation: 0.2, test: 0.3}
layers: [{type: dense, units: 3}]
loss: binary_cross_entropy
optimizer: {type: adam, lr: 0.01}
train: {epochs: 1}
"""
LRS, SEEDS = ("0.01", "0.1"), (0, 1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of two rates and two seeds, named by both, and a sweep's folder that has them."""
    from nnfs_cli.cli.app import run

    folder = tmp_path_factory.mktemp("trained")
    (folder / "toy.yaml").write_text(TOY)
    rows = []
    for lr in LRS:
        for seed in SEEDS:
            path = folder / "runs" / f"lr{lr}-seed{seed}"
            words = [f"optimizer.lr={lr}", f"seed={seed}", "-q", "--run-dir", str(path)]
            assert run(["train", str(folder / "toy.yaml"), *words]) == 0
            rows.append(f"{len(rows)},runs/{path.name}\n")
    sweep = folder / "sweeps/20261126-101500-toy"
    sweep.mkdir(parents=True)
    (sweep / "sweep.yaml").write_text("config: ../../toy.yaml\nruns: ../../runs\nchanges: []\n")
    (sweep / "trials.csv").write_text("number,run\n" + "".join(rows) + "4,\n5,runs/gone\n")
    return folder


@pytest.fixture
def here(folder: Path, trained: Path) -> None:
    shutil.copytree(trained, folder, dirs_exist_ok=True, symlinks=True)


@pytest.mark.usefixtures("here")
def test_the_name_of_a_sweep_is_no_start_of_a_runs(nnfs: Nnfs) -> None:
    """A sweep and its runs begin in one second, and have one name."""
    shutil.copytree("runs/lr0.1-seed0", "runs/20261126-101500-toy-7f3a")
    found = nnfs("compare", "20261126-101500-toy", "--json").document
    assert sum(len(group["runs"]) for group in found["groups"]) == len(LRS) * len(SEEDS)


@pytest.mark.usefixtures("here")
def test_groups_over_seeds(nnfs: Nnfs) -> None:
    found = nnfs("compare", "lr*", "--json").document
    assert found["keys"] == ["optimizer.lr"]
    assert found["metric"] == "val_loss"
    for group in found["groups"]:
        lr = group["values"]["optimizer.lr"]
        paths = [f"runs/lr{lr}-seed{seed}" for seed in SEEDS]
        assert (group["runs"], group["seeds"]) == (paths, [0, 1])
        for name, figure in group["figures"].items():
            records = [record(Path(path)) for path in paths]
            test = [each["test"].get(name.removeprefix("test_")) for each in records]
            known = [each["metrics"].get(name) for each in records]
            values = test if name.startswith("test_") else known
            assert figure["mean"] == pytest.approx(np.mean(values))
            assert figure["std"] == pytest.approx(np.std(values, ddof=1))
    first, second = (group["figures"]["val_loss"]["mean"] for group in found["groups"])
    assert first <= second
    assert found["ahead_of"]["2"]["value"] == pytest.approx(second - first)
    assert found["paired"] is None
    text = nnfs("compare", "lr*").out
    assert found["verdict"][0] in " ".join(text.split())
    assert "optimizer.lr" in text


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "names",
    [
        ("sweeps/20261126-101500-toy",),
        ("2026",),
        ("runs/*",),
        ("lr0.1*", "lr0.01-seed0", "runs/lr0.01-seed1", "lr0.1-seed1"),
    ],
)
def test_all_ways_to_name_runs(nnfs: Nnfs, names: tuple[str, ...]) -> None:
    found = nnfs("compare", *names, "--json").document
    assert sorted(path for group in found["groups"] for path in group["runs"]) == [
        f"runs/lr{lr}-seed{seed}" for lr in LRS for seed in SEEDS
    ]


@pytest.mark.usefixtures("here")
def test_what_names_no_run(nnfs: Nnfs) -> None:
    assert "absent" in nnfs("compare", "absent").refused(3)
    assert "no run matches 'x*'" in nnfs("compare", "x*").refused(3)
    Path("sweeps/20261126-101500-toy/trials.csv").unlink()
    assert "--resume" in nnfs("compare", "sweeps/20261126-101500-toy").refused(3)
    assert "val_loss" in nnfs("compare", "lr*", "--metric", "val_los").refused(2)
    assert "exclude" in nnfs("compare", "lr*", "--csv", "--md").refused(2)


@pytest.mark.usefixtures("here")
def test_csv_and_markdown(nnfs: Nnfs) -> None:
    found = nnfs("compare", "lr*", "--json").document
    result = nnfs("compare", "lr*", "--csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    for row, group in zip(rows, found["groups"], strict=True):
        assert float(row["optimizer.lr"]) == group["values"]["optimizer.lr"]
        assert float(row["val_loss_mean"]) == group["figures"]["val_loss"]["mean"]
        assert float(row["test_accuracy_high"]) == group["figures"]["test_accuracy"]["high"]
        assert row["runs"] == " ".join(path.removeprefix("runs/") for path in group["runs"])
    assert "#1 is" in result.err, "the sentence does not stand in the table"
    lines = nnfs("compare", "lr*", "--md").out.splitlines()
    assert lines[1].replace("| ", "").strip("|- ") == ""
    assert len({line.count("|") for line in lines}) == 1
    assert len(lines) == 2 + len(found["groups"])


Trained = Callable[[str, str], tuple[str, str]]


@pytest.fixture
def two(nnfs: Nnfs, folder: Path) -> Trained:
    """Two runs of a config, of which one learns faster."""

    def train(text: str, slow: str) -> tuple[str, str]:
        generator = np.random.default_rng(0)
        x = generator.normal(size=(80, 2)).astype(np.float32)
        np.savez(folder / "l.npz", x=x, y=(x @ [[1, 0, 1], [0, 1, 1]] > 0).astype(int))
        (folder / "c.yaml").write_text(text)
        for name, rate in (("fast", "0.1"), ("slow", slow)):
            words = [f"optimizer.lr={rate}", "-q", "--run-dir", f"runs/{name}"]
            assert nnfs("train", "c.yaml", *words).code == 0
        return "fast", "slow"

    return train


def rights(name: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Truth and answers of a run on its test samples, by other means than the command's."""
    from nnfs_cli.data.source import Source
    from nnfs_cli.reports.evaluation import own_data

    loaded = load_run(f"runs/{name}")
    test = own_data(loaded, Source()).split("test")
    return test.targets, loaded.predict(test.inputs)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param(TOY, False, id="classes"),
        pytest.param(VALUES, True, id="values-kept"),
        pytest.param(VALUES, False, id="values", marks=pytest.mark.slow),
        pytest.param(LABELS, False, id="labels", marks=pytest.mark.slow),
        pytest.param(LABELS, True, id="labels-kept", marks=pytest.mark.slow),
    ],
)
def test_two_networks_on_the_same_samples(nnfs: Nnfs, two: Trained, text: str, kept: bool) -> None:
    """With the predictions that are kept, and without."""
    names = two(text, "0.0001")
    if kept:
        for name in names:
            assert nnfs("eval", name).code == 0
            (Path("runs") / name / "checkpoints/best.npz").write_bytes(b"not read")
            (Path("runs") / name / "checkpoints/last.npz").write_bytes(b"not read")
    result = nnfs("compare", *names, "--json")
    assert result.err == ""
    found = result.document["paired"]
    order = [Path(group["runs"][0]).name for group in result.document["groups"]]
    assert found["split"] == "test"
    if kept:
        assert found["samples"] == record(Path("runs/fast"))["data"]["samples"]["test"]
        return
    (truth, one), (_, other) = map(rights, order)
    assert found["samples"] == len(truth)
    if text is VALUES:
        assert found["test"] == "bootstrap"
        errors = [np.sqrt(np.mean((each - truth) ** 2)) for each in (one, other)]
        assert (found["first"], found["second"]) == pytest.approx(errors, rel=1e-5)
        return
    if text is TOY:
        good = [each.argmax(axis=1) == truth for each in (one, other)]
    else:
        good = [((each >= 0.5) == (truth > 0.5)).all(axis=1) for each in (one, other)]
    assert found["test"] == "mcnemar"
    assert found["first_alone"] == sum(good[0] & ~good[1])
    assert found["second_alone"] == sum(good[1] & ~good[0])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TOY, id="classes"),
        pytest.param(VALUES, id="values", marks=pytest.mark.slow),
        pytest.param(LABELS, id="labels", marks=pytest.mark.slow),
    ],
)
def test_kept_predictions_say_the_same(nnfs: Nnfs, two: Trained, text: str) -> None:
    """Those of another checkpoint are not taken."""
    names = two(text, "0.03")
    without = nnfs("compare", *names, "--json").document
    for name in names:
        assert nnfs("eval", name).code == 0
    kept = nnfs("compare", *names, "--json").document
    for key, value in without["paired"].items():
        assert kept["paired"][key] == (value if key in ("test", "split") else pytest.approx(value))
    path = Path("runs/slow/eval/test/predictions.csv")
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *rows[::-1]]) + "\n")
    metrics = Path("runs/slow/eval/test/metrics.json")
    metrics.write_text(json.dumps(json.loads(metrics.read_text()) | {"metrics": {"loss": 0.5}}))
    again = nnfs("compare", *names, "--json").document
    for key, value in without["paired"].items():
        assert again["paired"][key] == (value if key in ("test", "split") else pytest.approx(value))


@pytest.mark.slow
def test_networks_that_were_not_tested_alike(nnfs: Nnfs, two: Trained, folder: Path) -> None:
    """Another validation split leaves the test samples the same; another test does not."""
    two(TOY, "0.03")
    base = ("train", "c.yaml", "-q")
    for name, change in (("valid", "data.validation=0.5"), ("other", "data.test_samples=20")):
        assert nnfs(*base, change, "--run-dir", f"runs/{name}").code == 0
    result = nnfs("compare", "fast", "valid", "--json")
    assert result.document["paired"]["samples"] == 30
    assert "not trained and tested on the same samples" in result.err
    result = nnfs("compare", "fast", "other", "--json")
    assert result.document["paired"] is None
    assert "their test samples are not the same" in result.err
    (folder / "c.yaml").write_text(VALUES)
    assert nnfs(*base, "--run-dir", "runs/values").code == 0
    assert "not compared sample by sample" in nnfs("compare", "fast", "values").err


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_fits(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    runs = [Run(path) for path in sorted(Path("runs").glob("lr*"))]
    for chosen in (runs, runs[1:3], runs[:1]):
        (headers, rows), _ = table_of(compared(chosen, None), width)
        text = table_text(headers, rows, io.StringIO())
        assert max(map(width_of, text.splitlines())) <= width, text
        assert "val_loss" in text


@pytest.mark.parametrize(("target", "loss"), [("t", "mse"), ("c", "cross_entropy")])
def test_weights_of_samples_are_heeded_or_said_not_to_be(
    nnfs: Nnfs, folder: Path, target: str, loss: str
) -> None:
    """Of values, the errors are those that each run was tested with, also behind `nnfs eval`."""
    x = np.random.default_rng(0).normal(size=(80, 2))
    rows = [
        f"{a:.3f},{b:.3f},{a + b:.3f},{'abc'[int(a > 0)]},{n % 4}" for n, (a, b) in enumerate(x)
    ]
    (folder / "t.csv").write_text("a,b,t,c,w\n" + "\n".join(rows) + "\n")
    data = (
        f"{{type: csv, path: t.csv, target: {target}, sample_weight: w, test: 0.4, validation: 0.2"
    )
    data += f", ignore: [{'c' if target == 't' else 't'}]}}"
    text = f"data: {data}\nlayers: [{{type: dense, units: {1 if target == 't' else 2}}}]\n"
    text += f"loss: {loss}\noptimizer: {{type: adam, lr: 0.1}}\ntrain: {{epochs: 2}}\n"
    (folder / "w.yaml").write_text(text + ("metrics: [rmse]\n" if target == "t" else ""))
    for name, rate in (("one", 0.1), ("two", 0.01)):
        line = ("train", "w.yaml", f"optimizer.lr={rate}", "-q", "--run-dir", f"runs/{name}")
        assert nnfs(*line).code == 0
    for _ in range(2):
        told = nnfs("compare", "one", "two", "--json").document
        found, sentence = told["paired"], told["verdict"][1]
        assert found["weighted"]
        if target == "t":
            rmse = [record(Path(group["runs"][0]))["test"]["rmse"] for group in told["groups"]]
            assert [found["first"], found["second"]] == pytest.approx(rmse, rel=1e-5)
            assert "paired bootstrap of weighted samples" in sentence
        else:
            assert "McNemar's test, which counts samples and not weights, p" in sentence
        for name in ("one", "two"):
            assert nnfs("eval", name, "-q").code == 0
            written = json.loads(Path(f"runs/{name}/eval/test/metrics.json").read_text())
            assert written["weighted"]
