"""What every registered layer must do; a new one is tested by being there."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nnfs_cli.components.described import describe
from nnfs_cli.components.registry import registry
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.errors import ShapeError
from nnfs_cli.nn.gradcheck import check_layer
from nnfs_cli.nn.layer import NO_GRADIENT, Layer
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.parameter import FlatParameters

INPUT_SHAPES: list[Shape] = [(6,), (6, 6, 2)]
INNER = [{"type": "dense", "units": 6, "activation": "elu"}, "batch_norm"]
ARGUMENTS: dict[str, dict[str, Any]] = {
    "sequential": {"layers": INNER},
    "residual": {"layers": INNER},
    "reshape": {"shape": [3, -1]},
}
BY_TYPE: dict[Any, Any] = {int: 2, float: 0.25}


def example(word: str) -> Layer:
    """The layer with its defaults; required keys are filled by their type."""
    member = registry()["layer"][word]
    fields = member.__pydantic_fields__  # type: ignore[attr-defined]
    keys = {n: BY_TYPE.get(f.annotation, 2) for n, f in fields.items() if f.is_required()}
    return Layer.read({"type": word} | keys | ARGUMENTS.get(word, {}))


def accepted() -> Iterator[tuple[str, Shape]]:
    """Every layer with every input shape it takes."""
    for word in sorted({member.word for member in registry()["layer"].values()}):
        for shape in INPUT_SHAPES:
            try:
                Sequential([example(word)]).build(shape)
            except ShapeError:
                continue
            yield word, shape


CASES = list(accepted())
every_layer = pytest.mark.parametrize(
    ("word", "shape"), CASES, ids=[f"{word}-{'x'.join(map(str, shape))}" for word, shape in CASES]
)


def built(word: str, shape: Shape, **keys: Any) -> tuple[Sequential, Shape]:
    """A network of that one layer, with random parameters and buffers, in float32."""
    layer = example(word)
    network = Sequential([Layer.read(describe(layer) | keys)])
    network.prepare(np.float32)
    output_shape = network.build(shape)
    generator = np.random.default_rng(3)
    parameters = {
        f"{path}.{name}": parameter
        for path, inner in network.walk()
        for name, parameter in inner.parameters.items()
    }
    FlatParameters(parameters, np.float32)
    for parameter in parameters.values():
        parameter.value[...] = 0.5 + generator.random(parameter.shape)
    for _, inner in network.walk():
        for buffer in inner.buffers.values():
            buffer.value[...] = 0.5 + generator.random(buffer.value.shape)
    return network, output_shape


def batch(size: int, shape: Shape) -> Array:
    return np.random.default_rng(size).standard_normal((size, *shape), dtype=np.float32)


def test_all_layers_are_covered() -> None:
    assert {word for word, _ in CASES} == {cls.word for cls in registry()["layer"].values()}


@every_layer
def test_gradients(word: str, shape: Shape) -> None:
    results = check_layer(example(word), shape)
    assert [result for result in results if not result.ok] == []


@every_layer
@pytest.mark.parametrize("training", [True, False])
def test_shapes_and_dtypes(word: str, shape: Shape, training: bool) -> None:
    network, output_shape = built(word, shape)
    for size in (4, 2, 4):
        y = network.forward(batch(size, shape), training)
        assert y.shape == (size, *output_shape)
        assert y.dtype == np.float32
        dx = network.backward(batch(size, output_shape))
        assert dx.shape == (size, *shape)
        assert dx.dtype == np.float32
    for _, inner in network.walk():
        for buffer in inner.buffers.values():
            assert buffer.value.dtype == np.float32


@every_layer
def test_a_batch_gives_what_its_samples_give(word: str, shape: Shape) -> None:
    network, _ = built(word, shape)
    x = batch(5, shape)
    together = network.forward(x, False).copy()
    for number in range(5):
        alone = network.forward(x[number : number + 1], False)
        np.testing.assert_allclose(alone[0], together[number], rtol=1e-4, atol=1e-5)


@every_layer
@pytest.mark.parametrize("training", [True, False])
def test_the_input_is_never_written(word: str, shape: Shape, training: bool) -> None:
    network, output_shape = built(word, shape)
    x = batch(4, shape)
    x.flags.writeable = False
    network.forward(x, training)
    network.backward(batch(4, output_shape))


@every_layer
def test_strided_arrays_are_as_good(word: str, shape: Shape) -> None:
    network, output_shape = built(word, shape)
    x, dy = batch(8, shape), batch(8, output_shape)
    expected = network.forward(x[::2].copy(), False).copy()
    expected_dx = network.backward(dy[::2].copy()).copy()
    y = network.forward(x[::2], False)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(network.backward(dy[::2]), expected_dx, rtol=1e-5, atol=1e-6)


@every_layer
def test_without_input_gradient_the_others_are_the_same(word: str, shape: Shape) -> None:
    grads = []
    for skips in (False, True):
        network, output_shape = built(word, shape)
        if skips:
            network.skip_input_gradient()
        network.forward(batch(4, shape), True)
        dx = network.backward(batch(4, output_shape))
        assert (dx is NO_GRADIENT) == skips
        grads.append([p.grad for _, inner in network.walk() for p in inner.parameters.values()])
    for full, skipping in zip(*grads, strict=True):  # perhaps added up in another order
        np.testing.assert_allclose(full, skipping, rtol=1e-5, atol=1e-5)


@every_layer
def test_frozen_layers_keep_everything(word: str, shape: Shape) -> None:
    network, output_shape = built(word, shape, trainable=False)
    buffers = [buffer for _, inner in network.walk() for buffer in inner.buffers.values()]
    before = [buffer.value.copy() for buffer in buffers]
    network.forward(batch(4, shape), True)
    network.backward(batch(4, output_shape))
    for buffer, value in zip(buffers, before, strict=True):
        np.testing.assert_array_equal(buffer.value, value)
    for _, inner in network.walk():
        assert not any(parameter.trainable for parameter in inner.parameters.values())


@every_layer
def test_steps_allocate_nothing_large(word: str, shape: Shape) -> None:
    network, output_shape = built(word, shape)
    x, dy = batch(20_000, shape), batch(20_000, output_shape)
    kept = dy.copy()
    for _ in range(2):
        network.forward(x, True)
        network.backward(dy)
        np.copyto(dy, kept)
    tracemalloc.start()
    network.forward(x, True)
    network.backward(dy)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A few numbers a sample or a feature are allowed; a copy of the smallest batch is not.
    assert peak < 0.9 * min(x.nbytes, dy.nbytes), peak


@every_layer
def test_description_round_trip(word: str, shape: Shape) -> None:
    description = describe(example(word))
    assert describe(Layer.read(description)) == description


FLOPS: list[tuple[Any, Shape, int]] = [
    # A multiplication and an addition for each weight, at each place that it is used.
    ({"type": "dense", "units": 3}, (6,), 2 * 18),
    ({"type": "conv2d", "filters": 3, "kernel_size": [2, 3]}, (5, 4, 2), 2 * (4 * 2) * 36),
    (
        {"type": "conv2d", "filters": 4, "kernel_size": 3, "groups": 2, "padding": "same"},
        (5, 4, 2),
        2 * (5 * 4) * 36,
    ),
    (
        {"type": "conv_transpose2d", "filters": 3, "kernel_size": 2, "strides": 2},
        (5, 4, 2),
        2 * (5 * 4) * 24,
    ),
    # One for each number of a window.
    ({"type": "max_pool2d", "pool_size": [3, 2]}, (6, 4, 5), (2 * 2 * 5) * 6),
    ({"type": "avg_pool2d", "pool_size": 2, "strides": 1}, (3, 3, 1), (2 * 2) * 4),
    # So many for each number of the input.
    *((word, (6, 4, 2), 48) for word in ("relu", "softmax", "global_avg_pool2d")),
    ("prelu", (6, 4, 2), 3 * 48),
    ("batch_norm", (6, 4, 2), 4 * 48),
    ("layer_norm", (6, 4, 2), 6 * 48),
    ({"type": "group_norm", "groups": 2}, (6, 4, 2), 6 * 48),
    *((word, (6, 4, 2), 0) for word in ("linear", "flatten", "upsample2d", "zero_pad2d")),
    ({"type": "reshape", "shape": [-1]}, (6, 4, 2), 0),
    # The sum of the layers, and of the two ways of a shortcut and their addition.
    ({"type": "sequential", "layers": [{"type": "dense", "units": 6}, "relu"]}, (6,), 72 + 6),
    ({"type": "residual", "layers": [{"type": "dense", "units": 6}]}, (6,), 72 + 6),
    ({"type": "residual", "layers": [{"type": "dense", "units": 3}]}, (6,), 36 + 36 + 3),
]


@pytest.mark.parametrize(("description", "shape", "flops"), FLOPS, ids=str)
def test_operations_by_the_usual_count(description: Any, shape: Shape, flops: int) -> None:
    network = Sequential([Layer.read(description)])
    network.build(shape)
    assert network.flops(shape) == flops
