from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.nn.layers.dropout import Dropout


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_and_the_scale(rate: float) -> None:
    layer = Dropout(rate)
    y = layer.forward(np.ones((500, 400), dtype=np.float32), True)
    # Four standard deviations of a fraction of 200,000 draws.
    assert np.mean(y == 0.0) == pytest.approx(rate, abs=4 * (rate * (1 - rate) / 200_000) ** 0.5)
    assert np.allclose(y[y != 0.0], 1 / (1 - rate), rtol=1e-4)


def test_inference_changes_nothing() -> None:
    x = np.random.default_rng(0).standard_normal((5, 4))
    assert np.array_equal(Dropout(0.5).forward(x, False), x)


def test_the_gradient_takes_the_same_way() -> None:
    layer = Dropout(0.5)
    y = layer.forward(np.ones((50, 40), dtype=np.float32), True).copy()
    assert np.array_equal(layer.backward(np.ones((50, 40), dtype=np.float32)), y)


def test_every_call_draws_anew_and_the_generator_decides() -> None:
    x = np.ones((50, 40), dtype=np.float32)
    first, second = Dropout(0.5), Dropout(0.5)
    one = first.forward(x, True).copy()
    assert np.array_equal(second.forward(x, True), one)
    assert not np.array_equal(first.forward(x, True), one)
