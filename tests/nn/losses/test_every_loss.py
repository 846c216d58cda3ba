"""What every registered loss must do; a new one is tested by being there."""

from __future__ import annotations

import math
import tracemalloc
from typing import Any

import numpy as np
import pytest

from nnfs_cli.components.described import describe
from nnfs_cli.components.registry import registry
from nnfs_cli.compute.arrays import Array
from nnfs_cli.compute.team import T, Team
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.gradcheck import check_loss
from nnfs_cli.nn.loss import Loss

WORDS = sorted({member.word for member in registry()["loss"].values()})
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "cross_entropy": [
        {"label_smoothing": 0.2},
        {"class_weights": [1.0, 2.0, 0.0, 0.5]},
        {"label_smoothing": 0.2, "class_weights": [1.0, 2.0, 0.5, 0.5]},
        {"from_logits": False},
        {"from_logits": False, "label_smoothing": 0.2, "class_weights": [1.0, 2.0, 0.5, 3.0]},
    ],
    "binary_cross_entropy": [
        {"from_logits": False},
        {"pos_weight": 3.0},
        {"pos_weight": [0.5, 2.0, 1.0, 4.0]},
        {"pos_weight": [0.5, 2.0, 1.0, 4.0], "from_logits": False},
    ],
}
DESCRIPTIONS = [{"type": w} | keys for w in WORDS for keys in ({}, *VARIANTS.get(w, []))]
every_loss = pytest.mark.parametrize("description", DESCRIPTIONS, ids=str)


class Equals(Team):
    """A team of ``size`` workers with equal shards."""

    def __init__(self, size: int) -> None:
        self.size = size

    def all_reduce(self, value: T) -> T:
        return value * self.size

    def global_count(self, count: float) -> float:
        return count * self.size


def example(description: dict[str, Any], size: int) -> tuple[Loss, Array, list[Array]]:
    """The loss, outputs it can take, and each kind of targets that it takes."""
    generator, loss = np.random.default_rng(size), Loss.read(description)
    outputs = generator.standard_normal((size, 4))
    if description.get("from_logits") is False:
        outputs = 0.1 + 0.2 * generator.random((size, 4))
    targets = []
    for data, classes in (
        (generator.integers(0, 4, size), 4),
        (generator.random((size, 4)), None),
    ):
        try:
            targets.append(loss.encode_targets(data, classes, (4,)))
        except UsageError:
            continue
    return loss, outputs, targets


@every_loss
def test_gradient_and_type(description: dict[str, Any]) -> None:
    for size in (6, 3):
        loss, outputs, kinds = example(description, size)
        assert kinds
        for targets in kinds:
            result = check_loss(loss, outputs, targets)
            assert result.ok, result
            value, gradient = loss.value_and_grad(outputs.astype(np.float32), targets)
            assert type(value) is float
            assert gradient.dtype == np.float32
            assert gradient.shape == outputs.shape


@pytest.mark.parametrize("keys", [{}, {"label_smoothing": 0.2}, {"class_weights": [1, 2, 0, 3]}])
@pytest.mark.parametrize("from_logits", [True, False])
def test_cross_entropy_of_distributions(keys: dict[str, Any], from_logits: bool) -> None:
    generator = np.random.default_rng(0)
    logits, targets = generator.standard_normal((5, 4)), generator.dirichlet(np.ones(4), 5)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    loss = Loss.read({"type": "cross_entropy", "from_logits": from_logits} | keys)
    outputs = logits if from_logits else p
    smoothing, weights = keys.get("label_smoothing", 0.0), keys.get("class_weights", [1] * 4)
    total = weight = 0.0
    for n in range(5):
        own = sum(targets[n, k] * weights[k] for k in range(4))
        aimed = [(1 - smoothing) * targets[n, k] + smoothing / 4 for k in range(4)]
        total -= own * sum(aimed[k] * math.log(p[n, k]) for k in range(4))
        weight += own
    assert loss.value_and_grad(outputs, targets)[0] == pytest.approx(total / weight, rel=1e-9)
    result = check_loss(loss, outputs, targets)
    assert result.ok, result


@every_loss
def test_a_share_is_divided_by_the_whole_batch(description: dict[str, Any]) -> None:
    loss, outputs, kinds = example(description, 6)
    value, gradient = loss.value_and_grad(outputs, kinds[0])
    alone = gradient.copy()
    loss.team = Equals(3)
    mean, gradient = loss.value_and_grad(outputs, kinds[0])
    assert mean == pytest.approx(value / 3)
    np.testing.assert_allclose(gradient, alone / 3, rtol=1e-12)


@every_loss
def test_outputs_and_targets_are_not_written(description: dict[str, Any]) -> None:
    loss, outputs, kinds = example(description, 6)
    outputs.flags.writeable = False
    for targets in kinds:
        targets.flags.writeable = False
        loss.value_and_grad(outputs, targets)
    loss.predictions(outputs)


@pytest.mark.parametrize("word", WORDS)
def test_steps_allocate_nothing_large(word: str) -> None:
    loss, outputs, kinds = example({"type": word}, 50_000)
    outputs = np.repeat(outputs, 10, axis=1).astype(np.float32)
    targets = kinds[0] if kinds[0].ndim == 1 else np.repeat(kinds[0], 10, axis=1)
    loss.value_and_grad(outputs, targets)
    loss.predictions(outputs)
    tracemalloc.start()
    loss.value_and_grad(outputs, targets)
    loss.predictions(outputs)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.5 * outputs.nbytes  # a few numbers a sample, no copy of the outputs


@every_loss
def test_description_round_trip(description: dict[str, Any]) -> None:
    full = describe(Loss.read(description))
    assert describe(Loss.read(full)) == full


@pytest.mark.parametrize("word", WORDS)
def test_enormous_outputs_stay_finite(word: str) -> None:
    loss = Loss.read(word)
    outputs = np.array([[-1e4, 1e4], [1e4, -1e4], [1e4, 1e4]], dtype=np.float32)
    targets = np.array([0, 1, 1]) if word in ("cross_entropy", "hinge") else np.eye(3, 2)
    value, gradient = loss.value_and_grad(outputs, targets.astype(targets.dtype))
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@every_loss
def test_weights_of_samples_make_a_weighted_mean(description: dict[str, Any]) -> None:
    loss, outputs, kinds = example(description, 6)
    weights = np.array([0.0, 2.0, 1.0, 0.5, 3.0, 1.0], np.float32)
    for targets in kinds:
        own = loss.class_weights_of(targets)
        both = weights * (1.0 if own is None else own)
        alone = [
            loss.value_and_grad(outputs[[n]], targets[[n]])[0] if both[n] else 0.0 for n in range(6)
        ]
        value, gradient = loss.mean_and_grad(outputs, targets, weights)
        assert value == pytest.approx(np.dot(both, alone) / both.sum(), rel=1e-6)
        assert not gradient[0].any()
        assert loss.total_weight(targets, weights) == pytest.approx(both.sum())
        result = check_loss(loss, outputs, targets, weights=weights)
        assert result.ok, result
        nothing, still = loss.mean_and_grad(outputs, targets, np.zeros(6, np.float32))
        assert nothing == 0.0
        assert not still.any()


@every_loss
def test_weights_of_one_change_nothing(description: dict[str, Any]) -> None:
    loss, outputs, kinds = example(description, 6)
    for targets in kinds:
        value, gradient = loss.value_and_grad(outputs, targets)
        gradient = gradient.copy()
        again, same = loss.mean_and_grad(outputs, targets, np.ones(6, np.float32))
        assert again == pytest.approx(value, rel=1e-12)
        np.testing.assert_allclose(same, gradient, rtol=1e-12)


@every_loss
def test_weights_are_summed_over_the_team(description: dict[str, Any]) -> None:
    loss, outputs, kinds = example(description, 6)
    weights = np.array([0.5, 2.0, 1.0, 0.5, 3.0, 1.0], np.float32)
    for targets in kinds:
        value, gradient = loss.mean_and_grad(outputs, targets, weights)
        gradient = gradient.copy()
        loss.team = Equals(2)
        half, quarter = loss.mean_and_grad(outputs, targets, weights)
        loss.team = Team()
        assert half == pytest.approx(value / 2)
        np.testing.assert_allclose(quarter, gradient / 2, rtol=1e-12)
