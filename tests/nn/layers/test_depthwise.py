"""Depthwise convolution, forward and backward, against loops over every number."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nnfs_cli import Conv2D, Sequential
from nnfs_cli.nn.gradcheck import materialize
from nnfs_cli.nn.layer import NO_GRADIENT
from nnfs_cli.nn.layers.depthwise import Depthwise

SETTINGS = [
    {},
    {"padding": "same"},
    {"strides": 2},
    {"strides": [1, 2], "padding": "same"},
    {"dilation": 2, "padding": "same"},
    {"kernel_size": [2, 3]},
    {"use_bias": False},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("channels", [2, 5])
def test_loops_give_the_same(settings: dict[str, object], channels: int) -> None:
    keys = {"kernel_size": 3} | settings
    layer = Conv2D(channels, groups=channels, **keys)  # type: ignore[arg-type]
    generator = np.random.default_rng(0)
    network = Sequential([layer])
    materialize(network, (7, 8, channels), generator)
    assert isinstance(layer.depthwise, Depthwise)
    x = generator.standard_normal((3, 7, 8, channels))
    y = network.forward(x, training=True).copy()
    dy = generator.standard_normal(y.shape)
    rows, columns = layer.axes
    weight = layer.weight.value
    bias = layer.parameters.get("bias")
    expected = np.zeros_like(y) + (bias.value if bias else 0.0)
    dx, dw = np.zeros_like(x), np.zeros_like(weight)
    high, wide = weight.shape[:2]
    places = itertools.product(*map(range, (*y.shape, high, wide)))
    for n, i, j, c, a, b in places:
        at = i * rows.stride + a * rows.dilation - rows.before
        beside = j * columns.stride + b * columns.dilation - columns.before
        if 0 <= at < 7 and 0 <= beside < 8:
            expected[n, i, j, c] += weight[a, b, 0, c] * x[n, at, beside, c]
            dx[n, at, beside, c] += weight[a, b, 0, c] * dy[n, i, j, c]
            dw[a, b, 0, c] += x[n, at, beside, c] * dy[n, i, j, c]
    np.testing.assert_allclose(y, expected, atol=1e-10)
    np.testing.assert_allclose(network.backward(dy.copy()), dx, atol=1e-10)
    np.testing.assert_allclose(layer.weight.grad, dw, atol=1e-10)
    if bias:
        np.testing.assert_allclose(bias.grad, dy.sum(axis=(0, 1, 2)), atol=1e-10)
    network.skip_input_gradient()
    network.forward(x, training=True)
    assert network.backward(dy.copy()) is NO_GRADIENT
    np.testing.assert_allclose(layer.weight.grad, dw, atol=1e-10)
