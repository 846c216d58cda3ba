from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from nnfs_cli.components.registry import registry
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.gradcheck import check_layer
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.conv2d import Conv2D
from nnfs_cli.nn.layers.conv_transpose2d import ConvTranspose2D
from nnfs_cli.nn.parameter import FlatParameters

GRID = [
    {"kernel_size": kernel, "strides": strides, "padding": padding, "dilation": dilation,
     "groups": groups}
    for kernel, strides, padding, dilation, groups in product(
        (1, 3, [3, 2]), (1, 2, [3, 1]), ("valid", "same", 1), (1, 2), (1, 2, 4)
    )
    if not (kernel == 1 and padding == 1)
]  # fmt: skip


def built(layer: Layer, shape: Shape) -> Layer:
    layer.prepare(np.float64)
    layer.build(shape)
    FlatParameters(layer.parameters, np.float64)
    for parameter in layer.parameters.values():
        parameter.value[...] = np.random.default_rng(1).standard_normal(parameter.shape)
    return layer


def naive(layer: Conv2D, x: Array) -> Array:
    """The formula, pixel by pixel, on an image padded by hand."""
    rows, columns = layer.axes
    x = np.pad(x, ((0, 0), (rows.before, rows.after), (columns.before, columns.after), (0, 0)))
    y = np.empty((len(x), rows.outputs, columns.outputs, layer.filters))
    channels, filters = x.shape[3] // layer.groups, layer.filters // layer.groups
    for n, r, c, f in np.ndindex(*y.shape):
        group = f // filters
        total = layer.bias.value[f]
        for i, j, k in np.ndindex(*layer.weight.shape[:3]):
            row, column = (
                rows.stride * r + rows.dilation * i,
                columns.stride * c + columns.dilation * j,
            )
            total += x[n, row, column, group * channels + k] * layer.weight.value[i, j, k, f]
        y[n, r, c, f] = total
    return y


@pytest.mark.parametrize("keys", GRID[::7], ids=str)
def test_the_formula(keys: dict[str, Any]) -> None:
    layer = built(Conv2D(4, **keys), (9, 6, 4))
    assert isinstance(layer, Conv2D)
    x = np.random.default_rng(0).standard_normal((2, 9, 6, 4))
    np.testing.assert_allclose(layer.forward(x, True), naive(layer, x), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("keys", GRID, ids=str)
def test_torch_agrees(keys: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch", reason="compares with PyTorch where it is installed")
    functional = torch.nn.functional
    layer = built(Conv2D(8, **keys), (9, 8, 4))
    assert isinstance(layer, Conv2D)
    generator, (rows, columns) = np.random.default_rng(0), layer.axes
    x = generator.standard_normal((3, 9, 8, 4))
    y = layer.forward(x, True)
    dy = generator.standard_normal(y.shape)
    tensors = [
        torch.tensor(array, requires_grad=True)
        for array in (x, layer.weight.value.copy(), layer.bias.value.copy())
    ]
    padded = functional.pad(
        tensors[0].permute(0, 3, 1, 2), (columns.before, columns.after, rows.before, rows.after)
    )
    expected = functional.conv2d(
        padded, tensors[1].permute(3, 2, 0, 1), tensors[2], keys["strides"], 0,
        keys["dilation"], keys["groups"],
    ).permute(0, 2, 3, 1)  # fmt: skip
    expected.backward(torch.tensor(dy))
    np.testing.assert_allclose(y, expected.detach().numpy(), rtol=1e-9, atol=1e-9)
    gradients = (layer.backward(dy), layer.weight.grad, layer.bias.grad)
    for gradient, tensor in zip(gradients, tensors, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_gives_one_output_for_each_stride(stride: int) -> None:
    for size in range(1, 12):
        shape = Conv2D(2, 5, strides=stride, padding="same").build((size, size, 1))
        assert shape == (-(-size // stride), -(-size // stride), 2)


@pytest.mark.parametrize(
    ("keys", "shape", "message"),
    [
        ({}, (784,), r"conv2d expects images of height x width x channels, received 784; put a"),
        ({}, (2, 9, 1), "window of 3 x 3 is larger than the padded image of 2 x 9"),
        ({"dilation": 3}, (6, 9, 1), "window of 7 x 7 is larger"),
        ({"groups": 2}, (9, 9, 3), "cannot split 3 channels and 4 filters into 2 groups"),
        ({"groups": 3}, (9, 9, 3), "cannot split 3 channels and 4 filters into 3 groups"),
        ({"padding": 3}, (9, 9, 1), "pads 3 where its window is 3 x 3; pad less"),
    ],
)
def test_impossible_shapes(keys: dict[str, Any], shape: Shape, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        Conv2D(4, 3, **keys).build(shape)


@pytest.mark.parametrize("word", sorted({c.word for c in registry()["layer"].values()}))
def test_building_allocates_no_images(word: str) -> None:
    required = {"conv2d": {"filters": 64, "kernel_size": 3}, "group_norm": {"groups": 4}}
    try:
        layer = Layer.read({"type": word} | required.get(word, {}))
        layer.build((4096, 4096, 64))
    except (ValueError, ShapeError):
        return
    assert sum(buffer.nbytes for buffer in layer.scratch.blocks()) == 0


def test_memory_is_that_of_a_few_samples() -> None:
    layer = Conv2D(8, 3, padding="same")
    layer.build((28, 28, 8))
    FlatParameters(layer.parameters, np.float32)
    x = np.zeros((256, 28, 28, 8), np.float32)
    layer.backward(layer.forward(x, True).copy())
    own = sum(buffer.nbytes for buffer in layer.scratch.blocks()) - 2 * x.nbytes  # y and dx
    assert own < 2 * 1024 * 1024


def test_the_activation_is_the_next_layer() -> None:
    layer = Layer.read({"type": "conv2d", "filters": 2, "kernel_size": 3, "activation": "relu"})
    assert [part.word for part in layer.chain()] == ["conv2d", "relu"]


@pytest.mark.parametrize("keys", [{}, {"strides": [2, 1], "padding": 1}, {"dilation": 2}], ids=str)
@pytest.mark.parametrize("use_bias", [True, False])
def test_a_transposed_one_adds_every_pixel_to_a_window(
    keys: dict[str, Any], use_bias: bool
) -> None:
    layer = built(ConvTranspose2D(3, 2, use_bias=use_bias, **keys), (4, 3, 2))
    assert isinstance(layer, ConvTranspose2D)
    x = np.random.default_rng(0).standard_normal((2, 4, 3, 2))
    (down, right), dilation = keys.get("strides", (1, 1)), keys.get("dilation", 1)
    weight, cut = layer.weight.value, keys.get("padding", 0)
    whole = np.zeros((2, down * 3 + dilation + 1, right * 2 + dilation + 1, 3))
    for n, r, c, k, i, j, f in np.ndindex(2, 4, 3, *(2, 2, 2, 3)):
        place = (n, down * r + dilation * i, right * c + dilation * j, f)
        whole[place] += x[n, r, c, k] * weight[i, j, k, f]
    expected = whole[:, cut : whole.shape[1] - cut, cut : whole.shape[2] - cut]
    assert list(layer.parameters) == ["weight", "bias"][: 1 + use_bias]
    if use_bias:
        expected = expected + layer.bias.value
    np.testing.assert_allclose(layer.forward(x, True), expected, rtol=1e-9, atol=1e-12)
    assert [result for result in check_layer(layer, (4, 3, 2)) if not result.ok] == []


def test_a_transposed_one_that_cuts_everything_off() -> None:
    assert ConvTranspose2D(1, 3, padding=1).build((1, 2, 1)) == (1, 2, 1)
    with pytest.raises(ShapeError, match="cuts 2 off every side, which leaves nothing; pad less"):
        ConvTranspose2D(1, 3, padding=2).build((2, 3, 1))
