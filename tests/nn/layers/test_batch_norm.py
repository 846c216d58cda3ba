from __future__ import annotations

import threading

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.nn.layers.batch_norm import BatchNorm
from nnfs_cli.nn.parameter import FlatParameters


class Threads:
    """A team of threads that adds the values in the workers' order."""

    def __init__(self, size: int) -> None:
        self.meeting = threading.Barrier(size, timeout=10)
        self.values: list[Array | float] = [0.0] * size
        self.place = threading.local()

    def all_reduce(self, value: Array | float) -> Array | float:
        self.values[self.place.number] = value
        self.meeting.wait()
        total = self.values[0]
        for other in self.values[1:]:
            total = total + other
        self.meeting.wait()
        return total

    def global_count(self, count: float) -> float:
        return float(self.all_reduce(count))


def built() -> BatchNorm:
    layer = BatchNorm()
    layer.prepare(np.float64)
    layer.build((3,))
    FlatParameters(layer.parameters, np.float64)
    layer.gamma.value[...] = [1.0, 2.0, -1.0]
    layer.beta.value[...] = [0.5, 0.0, 1.0]
    return layer


def test_shards_use_the_statistics_of_the_whole_batch() -> None:
    generator = np.random.default_rng(0)
    x, dy = generator.standard_normal((7, 3)) + 5.0, generator.standard_normal((7, 3))
    whole = built()
    y, dx = whole.forward(x, True), whole.backward(dy.copy())
    workers, shards, team = [built(), built()], [slice(0, 4), slice(4, 7)], Threads(2)
    results: list[tuple[Array, Array]] = [(y, dx)] * 2

    def work(number: int) -> None:
        team.place.number = number
        workers[number].team = team  # type: ignore[assignment]  # one T in this test, not two
        y = workers[number].forward(x[shards[number]], True)
        results[number] = y, workers[number].backward(dy[shards[number]].copy())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_allclose(np.concatenate([r[0] for r in results]), y, rtol=1e-12)
    np.testing.assert_allclose(np.concatenate([r[1] for r in results]), dx, rtol=1e-9, atol=1e-12)
    gamma = workers[0].gamma.grad + workers[1].gamma.grad
    np.testing.assert_allclose(gamma, whole.gamma.grad, rtol=1e-9)
    for worker in workers:
        np.testing.assert_allclose(worker.running_mean.value, whole.running_mean.value)
        np.testing.assert_allclose(worker.running_variance.value, whole.running_variance.value)


def test_running_averages_tend_to_the_data() -> None:
    layer, generator = built(), np.random.default_rng(0)
    for _ in range(200):
        layer.forward(3.0 + 2.0 * generator.standard_normal((256, 3)), True)
    assert layer.running_mean.value == pytest.approx(3.0, abs=0.15)
    assert layer.running_variance.value == pytest.approx(4.0, rel=0.1)


def test_a_single_sample_gives_beta_and_leaves_the_averages() -> None:
    layer = built()
    y = layer.forward(np.array([[10.0, 20.0, 30.0]]), True)
    assert np.array_equal(y[0], layer.beta.value)
    assert np.array_equal(layer.running_mean.value, np.zeros(3))
    assert np.array_equal(layer.running_variance.value, np.ones(3))
    assert np.isfinite(layer.backward(np.ones((1, 3)))).all()
