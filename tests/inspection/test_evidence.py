"""What a diagnosis measures at the first weights, and how long it tries, by other means."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnfs_cli.inspection.evidence import one_batch_of, start_of
from nnfs_cli.inspection.trials import losses_of

from .test_findings import BIAS, WEIGHT, built, config

__all__ = ["config"]


@pytest.mark.parametrize(
    ("samples", "size", "batches"), [(1000, 100, 3), (1000, 2, 16), (512, 64, 4), (40, 16, 3)]
)
def test_the_start_by_hand(samples: int, size: int, batches: int) -> None:
    """Batches of at most 256 samples together and of sixteen at most, of one layer, in float64."""
    of = built(
        f"data.samples={samples}", f"train.batch_size={size}", "layers=[{type: dense, units: 2}]"
    )
    found = start_of(of.training, of.network.model)
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence(0, spawn_key=(1, 0))))
    order = draws.permutation(samples)
    weight = of.network.model.flat.values.astype(float)[:4].reshape(2, 2)
    seen = order[: batches * size]
    x, classes = of.data.train.inputs.astype(float), of.data.train.targets
    x = ((x - x.mean(axis=0)) / x.std(axis=0))[seen]
    e = np.exp(x @ weight)
    p = e / e.sum(axis=1, keepdims=True)
    assert found.loss == pytest.approx(
        -np.log(p[np.arange(len(x)), classes[seen]]).mean(), rel=1e-4
    )
    errors = (p - np.eye(2)[classes[seen]])[:size] / min(size, samples)
    both = [x[:size].T @ errors, errors.sum(axis=0)]
    norms = [math.sqrt((g**2).sum()) for g in both]
    assert found.gradient_norm == pytest.approx(math.hypot(*norms), rel=1e-4)
    rows = {row.name: row for row in found.rows}
    assert [rows[name].gradient_norm for name in (WEIGHT, BIAS)] == pytest.approx(norms, rel=1e-3)
    assert rows[WEIGHT].norm == pytest.approx(np.linalg.norm(weight), rel=1e-4)
    assert rows["dense_1"].mean is not None


def test_one_batch_is_the_one_that_comes_first() -> None:
    of = built().training
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence(0, spawn_key=(1, 0))))
    first = draws.permutation(100)
    for most, count in ((32, 16), (10, 10)):
        one = one_batch_of(of, most)
        assert one.samples.inputs.tolist() == (
            of.batches.samples.inputs[np.sort(first[:count])].tolist()
        )
        assert len(one) == 1
    for steps, seconds, count in ((5, 9.0, 5), (999, 0.0, 1), (999, 99.0, 49)):
        of = built().training
        assert len(losses_of(of, steps, seconds)) == count
