"""docs/from-your-book.md: for each row both sides are computed, the book's from its own formula.

The book's gradient is a central difference of its cost, in float64.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.layers.dropout import Dropout
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.optimizer import Optimizer
from nnfs_cli.nn.parameter import FlatParameters, Parameter
from nnfs_cli.nn.schedule import Schedule

PAGE = Path(__file__).parents[1] / "docs" / "from-your-book.md"
N, K, ETA = 6, 4, 0.3
GENERATOR = np.random.default_rng(0)
LABELS = GENERATOR.integers(0, K, N)
ONE_HOT = np.eye(K)[LABELS]
Cost = Callable[[Array], float]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def slope(cost: Cost, at: Array) -> Array:
    """Its gradient, by central differences."""
    found = np.empty(at.shape)
    for place in np.ndindex(at.shape):
        ahead, back = at.copy(), at.copy()
        ahead[place] += 1e-5
        back[place] -= 1e-5
        found[place] = (cost(ahead) - cost(back)) / 2e-5
    return found


def half_squares(y: Array) -> float:
    return float(np.mean([0.5 * np.sum((row - t) ** 2) for row, t in zip(y, ONE_HOT, strict=True)]))


def sigmoid_entropy(y: Array) -> float:
    p = sigmoid(y)
    return -float(np.sum(ONE_HOT * np.log(p) + (1 - ONE_HOT) * np.log(1 - p))) / N


def softmax_entropy(y: Array) -> float:
    p = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    return -float(np.mean([np.log(row[label]) for row, label in zip(p, LABELS, strict=True)]))


def margins(y: Array) -> float:
    total = 0.0
    for row, label in zip(y, LABELS, strict=True):
        total += sum(max(0.0, 1 + row[j] - row[label]) for j in range(K) if j != label)
    return total / N


def signed_margin(y: Array) -> float:
    signs = [1 if label == 1 else -1 for label in LABELS % 2]
    return float(np.mean([max(0.0, 1 - s * row[0]) for s, row in zip(signs, y, strict=True)]))


COSTS: dict[int, tuple[Cost, str, float]] = {
    1: (half_squares, "mse", ETA * K / 2),
    2: (lambda y: 2 * half_squares(y), "mse", ETA * K),
    3: (sigmoid_entropy, "binary_cross_entropy", ETA * K),
    4: (softmax_entropy, "cross_entropy", ETA),
    5: (lambda y: N * sigmoid_entropy(y), "binary_cross_entropy", ETA * K * N),
    6: (margins, "hinge", ETA * K),
    7: (signed_margin, "hinge", ETA),
}


@pytest.mark.parametrize("row", COSTS)
def test_a_step_by_the_loss(row: int) -> None:
    cost, word, lr = COSTS[row]
    one, loss = row == 7, Loss.read(word)
    outputs = np.random.default_rng(row).standard_normal((N, 1 if one else K))
    labels, classes = (LABELS % 2, 2) if one else (LABELS, K)
    targets = loss.encode_targets(labels, classes, outputs.shape[1:])
    _, gradient = loss.value_and_grad(outputs, targets)
    np.testing.assert_allclose(lr * gradient, ETA * slope(cost, outputs), atol=1e-8)


SAMPLES, LAMBDA = 50, 0.7
PENALTIES: dict[int, tuple[Cost, float]] = {
    8: (lambda w: LAMBDA / 2 * float(np.sum(w**2)), LAMBDA),
    9: (lambda w: LAMBDA * float(np.sum(w**2)), 2 * LAMBDA),
    10: (lambda w: LAMBDA / (2 * SAMPLES) * float(np.sum(w**2)), LAMBDA / SAMPLES),
    11: (lambda w: LAMBDA / 2 * float(np.sum(w**2)), LAMBDA),
}


def bound(optimizer: Optimizer, w: Array, own: float | None = None) -> FlatParameters:
    """The optimizer at work on weights that start at ``w``; as biases, if they have a decay."""
    parameter = Parameter("w", w.shape, lambda _: w, own is None, True, own)
    flat = FlatParameters({"w": parameter}, np.float64)
    parameter.value[...] = w
    optimizer.bind(flat)
    return flat


@pytest.mark.parametrize("row", PENALTIES)
def test_a_step_by_the_penalty(row: int) -> None:
    """Beside a cost whose factor is that of row 1, so that lr is not the book's rate."""
    penalty, factor = PENALTIES[row]
    w, gradient = GENERATOR.standard_normal(5), GENERATOR.standard_normal(5)
    lr = ETA * K / 2
    decay = factor * ETA / lr
    optimizer = Optimizer.read({"type": "sgd", "lr": lr, "weight_decay": 0 if row == 11 else decay})
    flat = bound(optimizer, w, decay if row == 11 else None)
    flat.grads[...] = gradient * ETA / lr
    optimizer.step()
    np.testing.assert_allclose(flat.values, w - ETA * (gradient + slope(penalty, w)), atol=1e-8)


@pytest.mark.parametrize("row", [12, 13])
def test_steps_with_momentum(row: int) -> None:
    keep, w, v = 0.8, np.array([1.0, -2.0]), np.zeros(2)
    lr = ETA * (1 - keep) if row == 12 else ETA
    optimizer = Optimizer.read({"type": "sgd", "lr": lr, "momentum": keep})
    flat = bound(optimizer, w)
    for gradient in GENERATOR.standard_normal((20, 2)):
        flat.grads[...] = gradient
        optimizer.step()
        if row == 12:
            v = keep * v + (1 - keep) * gradient
            w = w - ETA * v
        else:
            v = keep * v - ETA * gradient
            w = w + v
        np.testing.assert_allclose(flat.values, w, rtol=1e-9)


def test_rates_of_row_14() -> None:
    schedule = Schedule.read({"type": "inverse_time", "decay": 0.25})
    factors = [schedule(step, 4, []) for step in range(4)]
    assert factors == pytest.approx([1, 1 / 1.25, 1 / 1.5, 1 / 1.75])


def test_dropout_of_row_15() -> None:
    """y = W (m x) in training, p W x in testing; here W' = p W, of which lr is p² times that."""
    keep, x, w = 0.75, GENERATOR.standard_normal((40, 5)), GENERATOR.standard_normal((5, 3))
    layer, ours = Dropout(rate=1 - keep), w * keep
    layer.prepare(np.float64)
    layer.build((5,))
    layer.generator = np.random.default_rng(0)
    np.testing.assert_allclose(layer.forward(x.copy(), False) @ ours, keep * (x @ w))
    dropped = layer.forward(x.copy(), True).copy()
    kept = dropped != 0
    assert 0.6 < kept.mean() < 0.9
    np.testing.assert_allclose(dropped @ ours, (x * kept) @ w)
    dy = GENERATOR.standard_normal((40, 3))
    theirs = w - ETA * (x * kept).T @ dy
    np.testing.assert_allclose(ours - ETA * keep**2 * dropped.T @ dy, keep * theirs)


def test_scaled_activations_of_row_16() -> None:
    a, b, x = 1.7159, 2 / 3, GENERATOR.standard_normal((N, 5))
    first, second = GENERATOR.standard_normal((5, 4)), GENERATOR.standard_normal((4, 3))

    def theirs(w: Array, v: Array) -> float:
        return float(np.sum((a * np.tanh(b * (x @ w)) @ v) ** 2))

    def ours(w: Array, v: Array) -> float:
        return float(np.sum((np.tanh(x @ w) @ v) ** 2))

    mine = first * b, second * a
    assert ours(*mine) == pytest.approx(theirs(first, second))
    stepped = first - 0.001 * slope(lambda w: theirs(w, second), first)
    own = mine[0] - 0.001 * b**2 * slope(lambda w: ours(w, mine[1]), mine[0])
    np.testing.assert_allclose(own, b * stepped, atol=1e-8)
    stepped = second - 0.001 * slope(lambda v: theirs(first, v), second)
    own = mine[1] - 0.001 * a**2 * slope(lambda v: ours(mine[0], v), mine[1])
    np.testing.assert_allclose(own, a * stepped, atol=1e-8)
    assert [round(n, 3) for n in (b, b**2, a, a**2)] == [0.667, 0.444, 1.716, 2.944]


def test_every_row_is_tested_and_every_example_is_right() -> None:
    text = PAGE.read_text("utf-8")
    rows = [int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
    assert rows == [*range(1, 17)]
    assert {*COSTS, *PENALTIES, 12, 13, 14, 15, 16} == {*rows}
    numbers = {1: 3 * 10 / 2, 2: 0.1 * 10, 3: 0.1 * 10, 4: 0.1, 5: 0.0005 * 100 * 10, 7: 1}
    numbers |= {8: 0.001, 9: 2 * 0.0001, 10: 5 / 50_000 * 0.1, 12: 0.0007 * (1 - 0.9)}
    for row, value in numbers.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| {row} |"))
        written = re.findall(r"`(?:lr|weight_decay): ([\d.e-]+)`", line)
        assert float(written[-1]) == pytest.approx(value)
