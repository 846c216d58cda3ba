"""Weights of samples, from a column or an array to the loss, the metrics and the answers."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli import train
from nnfs_cli.cli.app import run
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.nn.layers.dense import Dense

from .conftest import document

CONFIG = """
data: {type: csv, path: t.csv, test: test.csv, target: t, sample_weight: w, validation: 20}
layers: [{type: dense, units: 6, activation: relu}, {type: dense, units: 3}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.02}
metrics: [accuracy, f1]
train: {epochs: 6, batch_size: 16, workers: 1}
"""
X = np.random.default_rng(0).normal(size=(150, 3)).round(3)
T = X.argmax(axis=1)
W = np.random.default_rng(1).integers(0, 4, 150)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("t.csv", X[:100], T[:100], W[:100])
    write("test.csv", X[100:], T[100:], W[100:])
    Path("c.yaml").write_text(CONFIG)


def write(path: str, x: Any, t: Any, w: Any) -> None:
    with Path(path).open("w", newline="") as file:
        rows = ([*row, "abc"[k], weight] for row, k, weight in zip(x, t, w, strict=True))
        csv.writer(file).writerows([["p", "q", "r", "t", "w"], *rows])


def test_figures_are_those_of_samples_that_are_there_so_often(
    capsys: pytest.CaptureFixture[str],
) -> None:
    weighed = document(capsys, "train", "c.yaml", "--run-dir", "R")["test"]
    often = np.repeat(np.arange(100, 150), W[100:])
    write("often.csv", X[often], T[often], np.ones(len(often), int))
    found = document(capsys, "eval", "R", "--data", "often.csv")["metrics"]
    assert weighed == pytest.approx(found, rel=1e-5)
    again = document(capsys, "eval", "R", "--data", "test.csv")["metrics"]
    assert again == pytest.approx(weighed)
    by_class = [classes_of(Path("R/eval") / name) for name in ("test.csv", "often.csv")]
    for one, other in zip(*by_class, strict=True):
        for key in ("precision", "recall", "f1"):
            assert float(one[key]) == pytest.approx(float(other[key]))
        there = "abc".index(one["class"])
        assert (int(one["samples"]), int(other["samples"])) == (
            sum(T[100:] == there), sum(W[100:][T[100:] == there]),
        )  # fmt: skip
    Path("bare.csv").write_text("\n".join(["p,q,r,t", "1,0,0,a", "0,0,1,b"]))
    assert document(capsys, "eval", "R", "--data", "bare.csv")["metrics"]["accuracy"] in (0, 0.5, 1)


def test_errors_of_each_value_are_weighed_too(capsys: pytest.CaptureFixture[str]) -> None:
    def table(path: str, rows: Any, weights: Any) -> None:
        lines = [
            ",".join(map(str, [*X[row], *(X[row, :2] ** 2), weight]))
            for row, weight in zip(rows, weights, strict=True)
        ]
        Path(path).write_text("\n".join(["p,q,r,y,z,w", *lines, ""]))

    table("t.csv", range(100), W[:100])
    table("test.csv", range(100, 150), W[100:])
    often = np.repeat(np.arange(100, 150), W[100:])
    table("often.csv", often, np.ones(len(often), int))
    text = CONFIG.replace("target: t,", "target: [y, z],").replace("units: 3", "units: 2")
    text = text.replace("cross_entropy", "mse").replace("metrics: [accuracy, f1]", "metrics: [mae]")
    Path("c.yaml").write_text(text)
    document(capsys, "train", "c.yaml", "--run-dir", "R")
    found = []
    for name in ("test.csv", "often.csv"):
        folder = Path(document(capsys, "eval", "R", "--data", name)["folder"])
        with (folder / "targets.csv").open() as file:
            found.append([[*map(float, row[1:])] for row in [*csv.reader(file)][1:]])
    assert len(found[0]) == 2
    assert found[0] == [pytest.approx(row, rel=1e-5) for row in found[1]]


def classes_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "classes.csv").open() as file:
        return [*csv.DictReader(file)]


def test_a_step_over_all_is_that_of_repeated_samples() -> None:
    layer = [Dense(units=3)]
    whole: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "sgd", "epochs": 5}
    whole |= {"batch_size": "full", "seed": 1}
    from nnfs_cli import data_from_arrays

    def data(rows: Any, weights: Any) -> Any:
        keys: dict[str, Any] = {"test": 0.0, "validation": 0, "normalize": "none"}
        return data_from_arrays(X[rows], T[rows], sample_weight=weights, **keys)

    often = np.repeat(np.arange(150), W)
    weighed = train(layer, data(np.arange(150), W), **whole)
    repeated = train(layer, data(often, None), **whole)
    for path, parameter in weighed.model.named_parameters().items():
        other = repeated.model.named_parameters()[path].value
        np.testing.assert_allclose(parameter.value, other, rtol=1e-4, atol=1e-6)


def test_balanced_classes_count_by_weight() -> None:
    from nnfs_cli.nn.losses.cross_entropy import CrossEntropy

    loss = CrossEntropy(class_weights="balanced").fitted(T, ["a", "b", "c"], W.astype(np.float32))
    loss.name_classes(["a", "b", "c"])
    own = loss.class_weights_of(T)
    assert own is not None
    sums = np.bincount(T, own * W)
    np.testing.assert_allclose(sums, sums[0])


def test_arrays_workers_and_resuming_agree(capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(
        "a.npz",
        **{"x": X[:100], "y": T[:100], "sample_weight": W[:100] / 2.0},
        **{"x_test": X[100:], "y_test": T[100:], "sample_weight_test": W[100:] / 2.0},
    )
    words = ["train", "c.yaml", "loss={type: cross_entropy, class_weights: balanced}"]
    table = document(capsys, *words, "--run-dir", "R")
    arrays = "data={type: npz, path: a.npz, validation: 20}"
    assert document(capsys, *words, arrays, "--run-dir", "A")["test"] == pytest.approx(
        table["test"], rel=1e-4
    )
    two = document(capsys, *words, "train.workers=2", "--run-dir", "W")
    assert two["test"] == pytest.approx(table["test"], rel=1e-4)
    assert two["metrics"] == pytest.approx(table["metrics"], rel=1e-4)
    document(capsys, *words, "--epochs", "2", "--run-dir", "S")
    assert document(capsys, "resume", "S", "--epochs", "6")["test"] == table["test"]


def test_no_command_falls_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "c.yaml", "--run-dir", "R", "--epochs", "2"]) == 0
    for words in (
        ["check", "c.yaml"],
        ["data", "info", "c.yaml"],
        ["trace", "R"],
        ["diagnose", "R"],
        ["gradcheck", "c.yaml"],
        ["predict", "t.csv", "--run", "R"],
        ["eval", "R"],
    ):
        capsys.readouterr()
        assert run(words) == 0, (words, capsys.readouterr())
    assert "by its weight" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ("-1", "row 3, column 'w': -1 is a negative weight"),
        ("1e-40", "row 3, column 'w': 1e-40 is too small a weight"),
        ("nan", "row 3, column 'w': the value is missing"),
        ("inf", "row 3, column 'w': inf is not finite"),
        ("much", "'much' is not a number; a weight is 0 or more"),
    ],
)
def test_what_is_no_weight_is_named(
    weight: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = Path("t.csv").read_text().splitlines()
    rows[2] = rows[2].rpartition(",")[0] + "," + weight
    Path("t.csv").write_text("\n".join(rows))
    assert run(["train", "c.yaml"]) == 3
    assert message in capsys.readouterr().err


def test_files_without_weights_are_told_and_those_of_none_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["train", "c.yaml", "--run-dir", "R", "--epochs", "2"]) == 0
    lines = Path("test.csv").read_text().splitlines()
    Path("plain.csv").write_text("\n".join(line.rpartition(",")[0] for line in lines))
    told = "there is no column 'w', so all samples weigh 1"
    for words in (["eval", "R", "--data", "plain.csv"], ["check", "c.yaml", "data.test=plain.csv"]):
        capsys.readouterr()
        assert run(words) == 0
        assert told in capsys.readouterr().err
    assert run(["predict", "plain.csv", "--run", "R", "-q"]) == 0
    assert told not in str(capsys.readouterr())
    write("zero.csv", X[:9], T[:9], np.zeros(9, int))
    assert run(["eval", "R", "--data", "zero.csv"]) == 3
    assert "all 9 zero.csv samples have the weight 0" in capsys.readouterr().err


def test_weights_have_decimal_commas_as_features_do(capsys: pytest.CaptureFixture[str]) -> None:
    write("t.csv", X[:100], T[:100], W[:100] + 0.5)
    first = document(capsys, "train", "c.yaml", "--run-dir", "R", "--epochs", "2")
    lines = Path("t.csv").read_text().replace(",", ";").splitlines()
    parts = [line.rpartition(";") for line in lines]
    commas = [f"{rest};{weight.replace('.', ',')}" for rest, _, weight in parts]
    assert commas[1].endswith(",5")
    Path("t.csv").write_text("\n".join(commas))
    second = document(capsys, "train", "c.yaml", "--run-dir", "S", "--epochs", "2")
    assert second["metrics"] == pytest.approx(first["metrics"])


def test_a_trace_shows_the_weights_that_its_gradient_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """dL/dlogits = w (p - t) / Σ w, from the numbers shown."""
    (step,) = document(capsys, "trace", "c.yaml")["steps"]
    loss = step["loss"]
    w, p, t = (np.array(loss[key]["values"]) for key in ("weights", "predictions", "targets"))
    one_hot = np.eye(p.shape[1])[t.astype(int)] if t.ndim == 1 else t
    expected = w[:, None] * (p - one_hot) / w.sum()
    np.testing.assert_allclose(np.array(loss["gradient"]["values"]), expected, atol=1e-6)
    assert run(["trace", "c.yaml"]) == 0
    assert "weights of the samples (" in capsys.readouterr().out
    assert run(["trace", "c.yaml", "--html", "page.html"]) == 0
    assert "weighted by " in Path("page.html").read_text("utf-8")


def test_all_zero_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    write("t.csv", X[:100], T[:100], np.zeros(100, int))
    assert run(["train", "c.yaml"]) == 3
    assert "all 80 training samples have the weight 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    "weights", [[1.0], [np.nan] * 150, [-1.0] * 150, [1e300] * 150, ["a"] * 150]
)
def test_arrays_that_are_no_weights(weights: Any) -> None:
    with pytest.raises((DataError, UsageError), match="sample_weight"):
        train([Dense(units=3)], (X, T, np.array(weights)), loss="cross_entropy", optimizer="sgd")


PLUGIN = """
import numpy as np
from nnfs_cli.components.component import loss, metric
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.metric import Metric

@loss("plain")
class Plain(Loss):
    \"\"\"Squared distance.\"\"\"
    def value_and_grad(self, outputs, targets):
        return float(np.mean((outputs - targets) ** 2)), 2 * (outputs - targets) / outputs.size

@metric("few")
class Few(Metric):
    \"\"\"Nothing.\"\"\"
    def reset(self, classes):
        self.sums = np.zeros(1)
    def update(self, predictions, targets):
        self.sums += 1
    def result(self):
        return float(self.sums[0])
"""


@pytest.mark.parametrize(
    ("word", "message"),
    [("loss=plain", "plain has no sample_losses"), ("metrics=[few]", "few takes no weights")],
)
def test_plugins_that_know_no_weights_are_refused(
    word: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("own.py").write_text(PLUGIN)
    words = ["train", "c.yaml", word, "--plugin", "own.py"]
    assert run(words) == 2
    assert message in capsys.readouterr().err
    assert run([*words, "data.sample_weight=null", "data.ignore=[w]"]) == 0


@pytest.mark.parametrize("batch_size", [7, "full"])
def test_it_does_not_matter_in_what_unit_samples_are_weighed(batch_size: Any) -> None:
    def figures(unit: float) -> Any:
        how: Any = {"loss": "cross_entropy", "optimizer": "sgd", "batch_size": batch_size}
        return train([Dense(3)], (X, T, W * unit), epochs=2, **how).history[-1]

    assert figures(1.0) == pytest.approx(figures(1e-30), rel=1e-4)
    assert figures(1.0) == pytest.approx(figures(1e37), rel=1e-4)
    with pytest.raises(DataError, match=r"sample_weight\[\d+\] is \de-40, .*too small a weight"):
        figures(1e-40)
    with pytest.raises(DataError, match=r"is \de-300, .*too small a weight"):
        figures(1e-300)
