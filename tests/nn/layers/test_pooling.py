from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.layers.avg_pool2d import AvgPool2D
from nnfs_cli.nn.layers.global_pooling import GlobalAvgPool2D, GlobalMaxPool2D
from nnfs_cli.nn.layers.max_pool2d import MaxPool2D
from nnfs_cli.nn.layers.pooling import Pooling
from nnfs_cli.nn.layers.upsample2d import Upsample2D
from nnfs_cli.nn.layers.zero_pad2d import ZeroPad2D

KINDS: list[tuple[type[Pooling], dict[str, Any]]] = [
    (MaxPool2D, {}), (AvgPool2D, {}), (AvgPool2D, {"count_include_pad": False}),
]  # fmt: skip
GRID = [
    {"pool_size": size, "strides": strides, "padding": padding}
    for size, strides, padding in product(
        (1, 2, 3, [2, 3]), (None, 1, 2, [3, 1]), ("valid", "same", 1)
    )
    if not (size == 1 and padding == 1)
]


@pytest.mark.parametrize("keys", GRID, ids=str)
@pytest.mark.parametrize(("kind", "more"), KINDS)
def test_torch_agrees(kind: type[Pooling], more: dict[str, Any], keys: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch", reason="compares with PyTorch where it is installed")
    functional = torch.nn.functional
    layer = kind(**keys, **more)
    layer.prepare(np.float64)
    layer.build((9, 8, 3))
    generator = np.random.default_rng(0)
    x = generator.standard_normal((2, 9, 8, 3))
    y = layer.forward(x, True)
    dy = generator.standard_normal(y.shape)
    border = (layer.columns.before, layer.columns.after, layer.rows.before, layer.rows.after)
    tensor = torch.tensor(x, requires_grad=True)
    image = tensor.permute(0, 3, 1, 2)
    padded = functional.pad(image, border, value=kind.fill)
    sizes = (keys["pool_size"], keys["strides"])
    if kind is MaxPool2D:
        expected = functional.max_pool2d(padded, *sizes)
    else:
        expected = functional.avg_pool2d(padded, *sizes)
        if more:
            real = functional.pad(torch.ones_like(image), border)
            expected = expected / functional.avg_pool2d(real, *sizes)
    expected = expected.permute(0, 2, 3, 1)
    expected.backward(torch.tensor(dy))
    np.testing.assert_allclose(y, expected.detach().numpy(), rtol=1e-9)
    np.testing.assert_allclose(layer.backward(dy), tensor.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("keys", GRID, ids=str)
@pytest.mark.parametrize(("kind", "more"), KINDS)
def test_loops_give_the_same(
    kind: type[Pooling], more: dict[str, Any], keys: dict[str, Any]
) -> None:
    layer = kind(**keys, **more)
    layer.prepare(np.float64)
    layer.build((5, 6, 2))
    generator = np.random.default_rng(0)
    x = generator.standard_normal((2, 5, 6, 2))
    y = layer.forward(x, True).copy()
    dy = generator.standard_normal(y.shape)
    rows, columns = layer.rows, layer.columns
    expected, dx = np.zeros_like(y), np.zeros_like(x)
    for n, i, j, c in np.ndindex(y.shape):
        top, left = i * rows.stride - rows.before, j * columns.stride - columns.before
        window = [
            (n, a, b, c)
            for a in range(max(top, 0), min(top + rows.kernel, 5))
            for b in range(max(left, 0), min(left + columns.kernel, 6))
        ]
        values = [x[place] for place in window]
        if kind is MaxPool2D:
            expected[n, i, j, c] = max(values)
            dx[window[int(np.argmax(values))]] += dy[n, i, j, c]
            continue
        count = len(window) if more else rows.kernel * columns.kernel
        expected[n, i, j, c] = sum(values) / count
        for place in window:
            dx[place] += dy[n, i, j, c] / count
    np.testing.assert_allclose(y, expected, rtol=1e-9)
    np.testing.assert_allclose(layer.backward(dy), dx, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("strides", [1, 2, 3])
def test_among_equals_one_gets_the_gradient(strides: int) -> None:
    layer = MaxPool2D(2, strides=strides)
    layer.build((5, 5, 2))
    y = layer.forward(np.ones((3, 5, 5, 2), np.float32), True)
    dx = layer.backward(np.ones_like(y)).copy()
    assert dx.sum() == y.size
    assert dx[0, 0, 0, 0] == 1.0


def test_negative_numbers_win_against_padding() -> None:
    layer = MaxPool2D(3, strides=2, padding="same")
    layer.build((5, 5, 1))
    assert layer.forward(np.full((1, 5, 5, 1), -7.0, np.float32), True).max() == -7.0


def test_whole_images() -> None:
    x = np.random.default_rng(0).standard_normal((4, 5, 6, 3))
    for layer, function in ((GlobalAvgPool2D(), np.mean), (GlobalMaxPool2D(), np.max)):
        layer.prepare(np.float64)
        assert layer.build((5, 6, 3)) == (3,)
        np.testing.assert_allclose(layer.forward(x, True), function(x, axis=(1, 2)))


def test_frames_and_copies() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 2))
    pad, copy = ZeroPad2D([1, 2]), Upsample2D([2, 3])
    assert pad.build(x.shape[1:]) == (5, 8, 2)
    assert copy.build(x.shape[1:]) == (6, 12, 2)
    frame = ((0, 0), (1, 1), (2, 2), (0, 0))
    np.testing.assert_allclose(pad.forward(x, True), np.pad(x, frame), rtol=1e-6)
    np.testing.assert_allclose(
        copy.forward(x, True), x.repeat(2, axis=1).repeat(3, axis=2), rtol=1e-6
    )


@pytest.mark.parametrize("layer", [MaxPool2D(), AvgPool2D(), Upsample2D(), ZeroPad2D()])
def test_vectors_are_refused_with_a_hint(layer: Any) -> None:
    with pytest.raises(ShapeError, match=r"received 784; put a `reshape` layer before it"):
        layer.build((784,))
