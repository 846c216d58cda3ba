"""Metrics and the weighted loss beside scikit-learn's numbers (see make_sklearn.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.metric import Metric

with np.load(Path(__file__).with_name("sklearn.npz")) as file:
    GOLDEN = dict(file)
GIVEN = {
    "classes": ("probabilities", "classes"),
    "binary": ("scores", "binary"),
    "labels": ("rows", "has"),
    "values": ("guesses", "values"),
}


@pytest.mark.parametrize("key", [key for key in GOLDEN if key.count("/") > 1])
def test_it_is_scikit_learns_number(key: str) -> None:
    name, kind, word, *average = key.split("/")
    predictions, targets = (GOLDEN[array] for array in GIVEN[kind])
    weights = GOLDEN["weights"] if name == "weighted" else None
    if word == "log_loss":
        losses = CrossEntropy(from_logits=False)
        assert losses.mean_and_grad(predictions, targets, weights)[0] == pytest.approx(GOLDEN[key])
        return
    described: Any = {"type": word} | ({"average": average[0]} if average else {})
    metric = Metric.read({"type": "top_k", "k": 2} if word == "top_2" else described)
    if kind == "labels":
        metric.decide_at([0.5] * 3)
    assert measured(metric, predictions, targets, weights) == pytest.approx(GOLDEN[key], rel=1e-9)


def measured(metric: Metric, predictions: Array, targets: Array, weights: Array | None) -> float:
    """In two batches."""
    predictions = predictions.reshape(len(predictions), -1)
    metric.reset(max(predictions.shape[1], 2))
    for rows in (slice(0, 33), slice(33, 80)):
        own = None if weights is None else weights[rows]
        metric.add(predictions[rows], targets[rows], own)
    return metric.result()
