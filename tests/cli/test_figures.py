"""Every figure that a command prints or writes, recomputed from the weights on disk by plain loops.

Nothing of the package is used but its commands: the members of a checkpoint, NumPy and formulas.
"""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from .conftest import Nnfs, latest, record

Array = npt.NDArray[Any]
CLASSES = 3
CONFIG = """\
data: {type: npz, path: data.npz, normalize: standard}
layers:
  - {type: dense, units: 6, activation: tanh}
  - {type: dense, units: 3}
loss: cross_entropy
optimizer: {type: sgd, lr: 2.0}
metrics: [accuracy, precision, recall, f1, {type: top_k, k: 2}]
train: {epochs: 5, batch_size: full}
"""
VALUES = """\
data: {type: npz, path: values.npz, normalize: standard, normalize_targets: true}
layers:
  - {type: dense, units: 5, activation: tanh}
  - {type: dense, units: 2}
loss: mse
optimizer: {type: sgd, lr: 0.5}
metrics: [mae, rmse, r2]
train: {epochs: 4, batch_size: full}
"""


def samples(seed: int, count: int) -> tuple[Array, Array]:
    numbers = np.random.default_rng(seed)
    y = np.arange(count) % CLASSES
    return numbers.normal(size=(count, 4)) * 3 + np.eye(CLASSES, 4)[y] * 3 + 5, y


@pytest.fixture
def trained(folder: Path, nnfs: Nnfs) -> dict[str, tuple[Array, Array]]:
    """Five epochs, of which the last is not the best one; the splits that it was trained with."""
    parts = {"train": samples(0, 60), "val": samples(1, 31), "test": samples(2, 47)}
    parts["train"][0][7] = parts["train"][0][3] = parts["test"][0][5]  # duplicates
    parts["val"][0][2] = parts["test"][0][4]
    arrays = {f"x_{name}": x.astype(np.float32) for name, (x, _) in parts.items()}
    np.savez("data.npz", **arrays, **{f"y_{name}": y for name, (_, y) in parts.items()})
    Path("c.yaml").write_text(CONFIG)
    assert nnfs("train", "c.yaml", "-q").code == 0
    best = record(latest())["best"]["epoch"]
    assert 1 < best < 5, f"epoch {best} is best: a test of the best needs it in the middle"
    return {name: (arrays[f"x_{name}"].astype(np.float64), y) for name, (_, y) in parts.items()}


def weights(name: str, run: Path | None = None) -> dict[str, Array]:
    with np.load((run or latest()) / f"checkpoints/{name}.npz") as members:
        arrays = {n: members[n] for n in members.files if n.startswith("parameters/")}
    return {n.removeprefix("parameters/"): a.astype(np.float64) for n, a in arrays.items()}


def outputs(x: Array, train: Array, w: dict[str, Array]) -> Array:
    """Standardized as the training samples are, dense, tanh, dense."""
    scaled = (x - train.mean(axis=0)) / train.std(axis=0)
    hidden = np.tanh(scaled @ w["dense_1.weight"] + w["dense_1.bias"])
    result: Array = hidden @ w["dense_2.weight"] + w["dense_2.bias"]
    return result


def probabilities(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Array = powers / powers.sum(axis=1, keepdims=True)
    return result


@dataclass(frozen=True)
class Measured:
    """The same figures, computed by hand."""

    figures: dict[str, float]
    classes: list[dict[str, float]]
    matrix: list[list[int]]


def measure(p: Array, y: Array) -> Measured:
    matrix = [[0] * CLASSES for _ in range(CLASSES)]
    loss = in_top_2 = 0.0
    for row, true in zip(p, y, strict=True):
        matrix[true][int(np.argmax(row))] += 1
        loss -= math.log(row[true]) / len(y)
        in_top_2 += sum(other > row[true] for other in row) < 2
    classes = []
    for c in range(CLASSES):
        hits, predicted = matrix[c][c], sum(row[c] for row in matrix)
        precision = hits / predicted if predicted else 0.0
        recall = hits / sum(matrix[c])
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        support = float(sum(matrix[c]))
        classes.append({"precision": precision, "recall": recall, "f1": f1, "samples": support})
    figures = {k: sum(c[k] for c in classes) / CLASSES for k in ("precision", "recall", "f1")}
    right = sum(matrix[c][c] for c in range(CLASSES))
    figures |= {"loss": loss, "accuracy": right / len(y), "top_2": in_top_2 / len(y)}
    return Measured(figures, classes, matrix)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def close(found: dict[str, Any], expected: dict[str, float], prefix: str = "") -> None:
    named = {f"{prefix}{name}": value for name, value in expected.items()}
    assert {name: float(found[name]) for name in named} == pytest.approx(named, rel=1e-4, abs=1e-6)


def test_training(trained: dict[str, tuple[Array, Array]], nnfs: Nnfs) -> None:
    """metrics.csv, run.json and the answer of `train`."""
    train, run = trained["train"][0], latest()
    found, told = rows_of(run / "metrics.csv"), record(run)
    best = told["best"]
    x, y = trained["val"]
    for name, row in (("last", found[-1]), ("best", found[best["epoch"] - 1])):
        expected = measure(probabilities(outputs(x, train, weights(name))), y)
        close(row, expected.figures, "val_")
    losses = [float(row["val_loss"]) for row in found]
    assert best["epoch"] == losses.index(min(losses)) + 1
    assert best["value"] == min(losses)
    close(told["metrics"], {k: float(v) for k, v in found[best["epoch"] - 1].items() if "_l" in k})
    x, y = trained["test"]
    expected = measure(probabilities(outputs(x, train, weights("best"))), y)
    close(told["test"], expected.figures)

    # The figures of a step are of the weights before it: one epoch more, of one step.
    before = weights("last")
    answer = nnfs("resume", "latest", "--epochs", 6, "--json").document
    x, y = trained["train"]
    expected = measure(probabilities(outputs(x, train, before)), y)
    row = rows_of(run / "metrics.csv")[5]
    close(row, expected.figures, "train_")
    assert answer["test"] == record(run)["test"]
    assert answer["best"] == record(run)["best"]


def test_evaluation(trained: dict[str, tuple[Array, Array]], nnfs: Nnfs) -> None:
    """What `eval` prints, answers and writes, of either checkpoint and split."""
    train = trained["train"][0]
    for checkpoint, split, name in (("best", "test", "test"), ("last", "validation", "val")):
        x, y = trained[name]
        p = probabilities(outputs(x, train, weights(checkpoint)))
        expected = measure(p, y)
        options = ("latest", "--checkpoint", checkpoint, "--split", split)
        answer = nnfs("eval", *options, "--json").document
        close(answer["metrics"], expected.figures)
        assert (answer["samples"], answer["split"]) == (len(y), split)
        text = nnfs("eval", *options).out
        assert f"{100 * expected.figures['accuracy']:.2f} %" in text
        folder = latest() / "eval" / split
        close(json.loads((folder / "metrics.json").read_text())["metrics"], expected.figures)
        for row, wanted in zip(rows_of(folder / "classes.csv"), expected.classes, strict=True):
            close(row, wanted)
        matrix = [[int(row[str(c)]) for c in range(3)] for row in rows_of(folder / "confusion.csv")]
        assert matrix == expected.matrix
        predicted = rows_of(folder / "predictions.csv")
        assert [int(row["true"]) for row in predicted] == y.tolist()
        assert [int(row["predicted"]) for row in predicted] == p.argmax(axis=1).tolist()
        written = np.array([[float(row[str(c)]) for c in range(CLASSES)] for row in predicted])
        np.testing.assert_allclose(written, p, rtol=1e-4, atol=1e-6)


def test_targets_are_met_exactly_or_not(
    trained: dict[str, tuple[Array, Array]], nnfs: Nnfs
) -> None:
    figures = nnfs("eval", "latest", "--json").document["metrics"]
    for name, worse in (("accuracy", -1), ("loss", 1)):
        exact = figures[name]
        assert nnfs("eval", "--fail-under", f"{name}={exact!r}").code == 0
        missed = math.nextafter(exact, -worse * math.inf)
        assert nnfs("eval", "--fail-under", f"{name}={missed!r}").code == 6


def test_predictions(trained: dict[str, tuple[Array, Array]], nnfs: Nnfs) -> None:
    x, _ = trained["test"]
    np.save("x.npy", x.astype(np.float32))
    expected = probabilities(outputs(x, trained["train"][0], weights("best")))
    answers = nnfs("predict", "x.npy", "--json").document["predictions"]
    for answer, p in zip(answers, expected, strict=True):
        assert answer["label"] == str(p.argmax())
        assert answer["probability"] == pytest.approx(p.max(), rel=1e-4)
        shown = {int(top["label"]): top["probability"] for top in answer["top"]}
        assert shown == pytest.approx({c: p[c] for c in shown}, rel=1e-4, abs=1e-6)
        assert list(shown) == sorted(shown, key=lambda c: -p[c])


def test_values(folder: Path, nnfs: Nnfs) -> None:
    """A regression's figures are in the data's own units, its loss in those it trains on."""
    numbers = np.random.default_rng(3)
    parts = {}
    for name, count in (("train", 50), ("val", 21), ("test", 33)):
        x = numbers.normal(size=(count, 3)).astype(np.float32)
        y = np.stack([x @ [1, 2, 3], x @ [5, 0, -1]], axis=1) * 10 + 100
        parts[name] = x.astype(np.float64), y.astype(np.float32).astype(np.float64)
    arrays = {f"x_{n}": x.astype(np.float32) for n, (x, _) in parts.items()}
    np.savez(
        "values.npz", **arrays, **{f"y_{n}": y.astype(np.float32) for n, (_, y) in parts.items()}
    )
    Path("v.yaml").write_text(VALUES)
    assert nnfs("train", "v.yaml", "-q").code == 0
    (train, targets), w = parts["train"], weights("best")
    mean, deviation = targets.mean(axis=0), targets.std(axis=0)

    def figures(name: str) -> dict[str, float]:
        x, y = parts[name]
        scaled = outputs(x, train, w)
        errors = scaled * deviation + mean - y
        left = (errors**2).sum(axis=0) / ((y - y.mean(axis=0)) ** 2).sum(axis=0)
        return {
            "loss": float(((scaled - (y - mean) / deviation) ** 2).mean()),
            "mae": float(np.abs(errors).mean()),
            "rmse": math.sqrt(float((errors**2).mean())),
            "r2": float((1 - left).mean()),
        }

    told = record(latest())
    close(told["test"], figures("test"))
    close(told["metrics"], figures("val"), "val_")
    close(nnfs("eval", "--json").document["metrics"], figures("test"))


def test_of_many_classes_the_worst_and_the_commonest_confusions(folder: Path, nnfs: Nnfs) -> None:
    """Of 40 classes, whose figures are recomputed from the table of predictions."""
    generator = np.random.default_rng(0)
    y = np.arange(2000) % 40
    x = generator.normal(size=(2000, 6)) * 1.5 + generator.normal(size=(40, 6))[y] * 2
    np.savez(folder / "many.npz", x=x, y=y)
    (folder / "m.yaml").write_text(
        "data: {type: npz, path: many.npz, test: 0.5, task: classification}\n"
        "layers: [{type: dense, units: 40}]\nloss: cross_entropy\n"
        "optimizer: {type: adam, lr: 0.05}\ntrain: {epochs: 2}\n"
    )
    assert nnfs("train", "m.yaml", "-q").code == 0
    told = [line.split() for line in nnfs("eval").out.splitlines() if line.strip()]
    rows = rows_of(latest() / "eval/test/predictions.csv")
    true, said = ([int(row[name]) for row in rows] for name in ("true", "predicted"))
    counts = np.zeros((40, 40), int)
    np.add.at(counts, (true, said), 1)
    f1 = 2 * np.diag(counts) / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)
    first = told.index(["the", "20", "worst", "of", "40", "classes,", "by", "f1"])
    second = told.index(["the", "20", "commonest", "confusions"])
    worst, commonest = told[first + 1 : second], told[second + 1 :]
    worst = [row for row in worst if row[0].isdigit()]
    assert [float(row[3]) for row in worst] == pytest.approx(sorted(f1)[:20], abs=1e-4)
    assert all(float(row[3]) == pytest.approx(f1[int(row[0])], abs=1e-4) for row in worst)
    commonest = [row for row in commonest if row[0].isdigit()]
    off = sorted((counts * (1 - np.eye(40, dtype=int))).ravel())[::-1][:20]
    assert [int(row[2]) for row in commonest] == off
    assert all(counts[int(row[0]), int(row[1])] == int(row[2]) for row in commonest)


def test_the_data(trained: dict[str, tuple[Array, Array]], nnfs: Nnfs) -> None:
    """`data info`: ranges, balance, duplicates within and between splits."""
    found = nnfs("data", "info", "c.yaml", "--json").document
    for split, name in (("train", "train"), ("validation", "val"), ("test", "test")):
        x, y = trained[name]
        figures = {"min": x.min(), "max": x.max(), "mean": x.mean(), "deviation": x.std()}
        close(found["splits"][split], figures | {"samples": len(x)})
        counted = {str(c): int((y == c).sum()) for c in range(CLASSES)}
        assert found["splits"][split]["balance"] == counted
    for number, feature in enumerate(found["features"]["each"].values()):
        column = trained["train"][0][:, number]
        close(feature, {"mean": column.mean(), "deviation": column.std(), "max": column.max()})
    expected = {"train": 1, "validation": 0, "test": 0}
    expected |= {"train/validation": 0, "train/test": 1, "validation/test": 1}
    assert found["duplicates"] == expected


def test_the_network(trained: dict[str, tuple[Array, Array]], nnfs: Nnfs) -> None:
    """`check` and `runs`: parameters, operations, the first loss."""
    sizes = {name: array.size for name, array in weights("last").items()}
    found = nnfs("check", "c.yaml", "--json").document
    assert found["parameters"] == sum(sizes.values()) == record(latest())["parameters"]
    first, second = found["layers"]
    assert first["parameters"] == sizes["dense_1.weight"] + sizes["dense_1.bias"]
    assert second["flops"] == 2 * sizes["dense_2.weight"]
    listed = nnfs("runs", "--json").document["runs"]
    assert [run["test"] for run in listed] == [record(latest())["test"]]
    x, y = trained["train"]
    nnfs("train", "c.yaml", "--epochs", 1, "-q")
    start = float(rows_of(latest() / "metrics.csv")[0]["train_loss"])
    assert found["loss"] == pytest.approx(start, rel=1e-4)
    assert 0 < record(latest())["seconds"] < 60
    assert len(x) == len(y) == found_samples(nnfs)


def found_samples(nnfs: Nnfs) -> int:
    samples: int = nnfs("runs", "--json").document["runs"][-1]["data"]["samples"]["train"]
    return samples


def test_the_lines_of_the_epochs(nnfs: Nnfs, toy: Path) -> None:
    """Each shows its row of metrics.csv, training and validation side by side."""
    told = nnfs("train", toy, "--epochs", 6, "metrics=[accuracy, f1]").err
    shown = [line.split() for line in told.splitlines() if re.match(r" +\d/6 ", line)]
    rows = rows_of(latest() / "metrics.csv")
    best = math.inf
    for number, (line, row) in enumerate(zip(shown, rows, strict=True), start=1):
        assert line[0] == f"{number}/6"
        measured = [row[f"{s}_{m}"] for m in ("loss", "accuracy", "f1") for s in ("train", "val")]
        figures = [float(text.rstrip("*")) for text in line[1:8]]
        expected = [float(text) for text in (*measured, row["lr"])]
        assert figures == pytest.approx(expected, rel=1e-3, abs=1e-4)
        assert ("*" in line[2]) == (float(row["val_loss"]) < best)
        best = min(best, float(row["val_loss"]))
