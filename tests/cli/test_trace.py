"""``nnfs trace``: the printed numbers of xor with two hidden units, by pencil and paper."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from .conftest import Nnfs, contents, latest

Numbers = npt.NDArray[np.float64]
XOR = """\
name: xor
data: {type: npz, path: xor.npz, validation: 0, normalize: none}
layers:
  - {type: dense, units: 2, activation: tanh}
  - {type: dense, units: 1}
  - sigmoid
loss: binary_cross_entropy
optimizer: {type: adam, lr: 0.1}
train: {epochs: 2, batch_size: 4}
"""


@pytest.fixture
def xor(folder: Path) -> Path:
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    y = np.array([0, 1, 1, 0])
    np.savez("xor.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    path = folder / "xor.yaml"
    path.write_text(XOR)
    return path


def printed(text: str) -> dict[tuple[str, str, str], Numbers]:
    """Every tensor of a terminal's text, by its section, its layer or parameter, and its name."""
    found: dict[tuple[str, str, str], list[list[float]]] = {}
    section = place = ""
    lines = text.splitlines()
    rows: list[list[float]] = []
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if below and set(below) == {"="}:
            section, place = line.partition(":")[0], ""
        elif re.match(r"[^\s=]", line):
            place = line.partition("  ")[0]
        elif line.startswith("    "):
            rows.append([float(number) for number in line.split()])
        elif value := re.fullmatch(r"  (.+?) \([\dx ]+\)(?: = (\S+))?", line):
            rows = found.setdefault((section, place, value[1]), [])
            rows += [[float(value[2])]] if value[2] else []
        elif value := re.fullmatch(r"  L = (\S+)", line):
            found[section, place, "L"] = [[float(value[1])]]
    return {key: np.array(rows) for key, rows in found.items()}


def test_every_printed_number_of_xor(xor: Path, nnfs: Nnfs) -> None:
    """From the weights alone: each product and sum written out, as one does it by hand."""
    document = nnfs("trace", xor, "--json").document["steps"][0]
    shown = printed(nnfs("trace", xor).out)
    w1, w2 = (document["layers"][index]["parameters"][0]["value"]["values"] for index in (0, 2))
    x, t = document["layers"][0]["x"]["values"], document["loss"]["targets"]["values"]
    assert sorted(x) == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert [row[0] for row in t] == [a != b for a, b in x]
    a = [[sum(x[n][i] * w1[i][j] for i in range(2)) for j in range(2)] for n in range(4)]
    h = [[math.tanh(value) for value in row] for row in a]
    z = [[sum(h[n][j] * w2[j][0] for j in range(2))] for n in range(4)]
    p = [[1 / (1 + math.exp(-row[0]))] for row in z]
    loss = (
        -sum(t[n][0] * math.log(p[n][0]) + (1 - t[n][0]) * math.log(1 - p[n][0]) for n in range(4))
        / 4
    )
    dp = [[(p[n][0] - t[n][0]) / (p[n][0] * (1 - p[n][0])) / 4] for n in range(4)]
    dz = [[dp[n][0] * p[n][0] * (1 - p[n][0])] for n in range(4)]
    dw2 = [[sum(h[n][j] * dz[n][0] for n in range(4))] for j in range(2)]
    db2 = [[sum(dz[n][0] for n in range(4))]]
    dh = [[dz[n][0] * w2[j][0] for j in range(2)] for n in range(4)]
    da = [[dh[n][j] * (1 - h[n][j] ** 2) for j in range(2)] for n in range(4)]
    dw1 = [[sum(x[n][i] * da[n][j] for n in range(4)) for j in range(2)] for i in range(2)]
    db1 = [[sum(da[n][j] for n in range(4)) for j in range(2)]]
    dx = [[sum(da[n][j] * w1[i][j] for j in range(2)) for i in range(2)] for n in range(4)]

    def moved(old: list[list[float]], grad: list[list[float]]) -> list[list[float]]:
        """Adam's first step: m̂ = g and v̂ = g²."""
        pairs = [zip(*rows, strict=True) for rows in zip(old, grad, strict=True)]
        return [[w - 0.1 * g / (math.sqrt(g * g) + 1e-8) for w, g in row] for row in pairs]

    zeros = [[0.0, 0.0]]
    expected = {
        ("Forward", "dense_1", "x"): x,
        ("Forward", "dense_1", "W"): w1,
        ("Forward", "dense_1", "b"): zeros,
        ("Forward", "dense_1", "y"): a,
        ("Forward", "dense_1.activation", "y"): h,
        ("Forward", "dense_2", "W"): w2,
        ("Forward", "dense_2", "b"): [[0.0]],
        ("Forward", "dense_2", "y"): z,
        ("Forward", "sigmoid_1", "y"): p,
        ("Loss", "", "targets"): t,
        ("Loss", "", "L"): [[loss]],
        ("Loss", "", "dL/d(outputs)"): dp,
        ("Backward", "sigmoid_1", "dy"): dp,
        ("Backward", "sigmoid_1", "dx"): dz,
        ("Backward", "dense_2", "dy"): dz,
        ("Backward", "dense_2", "dL/dW"): dw2,
        ("Backward", "dense_2", "dL/db"): db2,
        ("Backward", "dense_2", "dx"): dh,
        ("Backward", "dense_1.activation", "dy"): dh,
        ("Backward", "dense_1.activation", "dx"): da,
        ("Backward", "dense_1", "dy"): da,
        ("Backward", "dense_1", "dL/dW"): dw1,
        ("Backward", "dense_1", "dL/db"): db1,
        ("Backward", "dense_1", "dx"): dx,
    }
    for path, old, grad in (
        ("dense_1.weight", w1, dw1),
        ("dense_1.bias", zeros, db1),
        ("dense_2.weight", w2, dw2),
        ("dense_2.bias", [[0.0]], db2),
    ):
        new = moved(old, grad)
        expected |= {
            ("Update", path, "old"): old,
            ("Update", path, "gradient g"): grad,
            ("Update", path, "gradient_mean after"): grad,
            ("Update", path, "gradient_square after"): (np.array(grad) ** 2).tolist(),
            ("Update", path, "step"): (np.array(new) - np.array(old)).tolist(),
            ("Update", path, "new"): new,
        }
    assert set(shown) == set(expected)
    for key, values in expected.items():
        np.testing.assert_allclose(shown[key], values, rtol=1e-5, atol=1e-12, err_msg=str(key))


def test_a_runs_next_step(xor: Path, nnfs: Nnfs) -> None:
    """Of a run of two epochs, the third step; its first step's end is the second's beginning."""
    first, second = nnfs("trace", xor, "--steps", 2, "--json").document["steps"]
    for before, after in zip(first["updates"], second["updates"], strict=True):
        assert before["new"] == after["old"]
        assert (
            before["memory"]["gradient_mean"]["after"]
            == (after["memory"]["gradient_mean"]["before"])
        )
    assert nnfs("train", xor, "-q").code == 0
    kept = contents(Path("runs"))
    third = nnfs("trace", "latest", "--json").document["steps"][0]
    assert (third["step"], third["epoch"]) == (3, 3)
    for before, after in zip(second["updates"], third["updates"], strict=True):
        np.testing.assert_allclose(before["new"]["values"], after["old"]["values"], rtol=1e-4)
    assert contents(Path("runs")) == kept
    assert nnfs("trace", latest()).code == 0


def test_what_cannot_be_traced(xor: Path, nnfs: Nnfs) -> None:
    assert "there is no training sample 4" in nnfs("trace", xor, "--sample", 4).refused(3)
    assert "--batch and --sample" in nnfs("trace", xor, "--sample", 1, "--batch", 1).refused(2)
    assert "has no checkpoints" in nnfs("trace", xor, "--checkpoint", "best").refused(2)
    nnfs("trace", "latest").refused(3)
    nnfs("trace", "missing.yaml").refused(2)
    assert nnfs("train", xor, "-q").code == 0
    assert "a run, whose config is fixed" in nnfs("trace", "latest", "seed=1").refused(2)
    nnfs("trace", "latest", "--checkpoint", "worst").refused(3)
    Path("xor.npz").unlink()
    nnfs("trace", "latest").refused(3)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_the_terminal(
    folder: Path, nnfs: Nnfs, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    Path("c.yaml").write_text(
        "data: {type: digits, limit: 50}\n"
        "layers: [{type: conv2d, filters: 4, kernel_size: 3, activation: relu}, max_pool2d, "
        "flatten, {type: dense, units: 10}]\n"
        "loss: cross_entropy\noptimizer: adam\ntrain: {epochs: 1}\n"
    )
    monkeypatch.setenv("COLUMNS", str(width))
    result = nnfs("trace", "c.yaml")
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= width


def test_a_network_that_diverges(folder: Path, nnfs: Nnfs) -> None:
    Path("c.yaml").write_text(
        "data: {type: digits, limit: 20}\n"
        "layers: [{type: conv2d, filters: 2, kernel_size: 3}, flatten, {type: dense, units: 10}]\n"
        "loss: mse\noptimizer: {type: sgd, lr: 1e6}\ntrain: {epochs: 90, batch_size: full}\n"
    )
    steps = nnfs("trace", "c.yaml", "--steps", 15)
    assert steps.code == 0
    assert "L = nan" in steps.out
    assert "sample 1" in steps.out.partition("L = nan")[2]
    last = nnfs("trace", "c.yaml", "--steps", 15, "--json").document["steps"][-1]
    assert last["loss"]["value"] is None
