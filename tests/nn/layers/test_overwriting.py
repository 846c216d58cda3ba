"""Layers that overwrite their input and share memory give, bit for bit, what others give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.scratch import Workspace
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.sequential import Sequential, plan_overwriting
from nnfs_cli.nn.parameter import FlatParameters

WIDTH = 6
SIMPLE: list[Any] = [
    *sorted({member.word for member in Activation.members().values()}),
    "batch_norm",
    "layer_norm",
    "flatten",
    {"type": "dropout", "rate": 0.3},
    {"type": "reshape", "shape": [WIDTH]},
    {"type": "dense", "units": WIDTH},
]


def random_stack(generator: np.random.Generator, depth: int = 0) -> list[Any]:
    """Descriptions of layers that keep a vector's length, nested at random."""
    stack: list[Any] = []
    for _ in range(generator.integers(1, 6)):
        kind = generator.integers(0, 10)
        if kind < 2 and depth < 3:
            inner = random_stack(generator, depth + 1)
            stack.append({"type": ("sequential", "residual")[kind], "layers": inner})
        elif kind == 2:
            activation = SIMPLE[generator.integers(0, len(SIMPLE) - 6)]
            stack += [{"type": "reshape", "shape": [2, 3]}, activation, "flatten"]
        elif kind == 3:
            activation = SIMPLE[generator.integers(0, len(SIMPLE) - 6)]
            stack.append({"type": "dense", "units": WIDTH, "activation": activation})
        else:
            stack.append(SIMPLE[generator.integers(0, len(SIMPLE))])
    return stack


CHANNELS = 4
IMAGE = (6, 6, CHANNELS)
ON_IMAGES: list[Any] = [
    "relu", "tanh", "silu", "batch_norm", "layer_norm", {"type": "group_norm", "groups": 2},
    {"type": "dropout2d", "rate": 0.3}, {"type": "dropout", "rate": 0.3},
    {"type": "conv2d", "filters": CHANNELS, "kernel_size": 3, "padding": "same"},
    {"type": "conv2d", "filters": CHANNELS, "kernel_size": 1, "activation": "tanh"},
    {"type": "max_pool2d", "pool_size": 3, "strides": 1, "padding": 1},
    {"type": "avg_pool2d", "pool_size": 3, "strides": 1, "padding": "same"},
    {"type": "sequential", "layers": ["upsample2d", "tanh", "max_pool2d"]},
    {"type": "sequential", "layers": ["zero_pad2d", "relu", {"type": "conv2d",
     "filters": CHANNELS, "kernel_size": 3}]},
    {"type": "residual", "shortcut": "projection", "layers": ["relu", "tanh"]},
]  # fmt: skip


def random_image_stack(generator: np.random.Generator, depth: int = 0) -> list[Any]:
    """Descriptions of layers that keep an image's shape; global pooling at the end perhaps."""
    stack: list[Any] = []
    for _ in range(generator.integers(1, 5)):
        if generator.random() < 0.2 and depth < 2:
            inner = random_image_stack(generator, depth + 1)
            stack.append({"type": "residual", "layers": inner})
        else:
            stack.append(ON_IMAGES[generator.integers(0, len(ON_IMAGES))])
    if depth == 0 and generator.random() < 0.5:
        pooling = ("global_avg_pool2d", "global_max_pool2d")[generator.integers(0, 2)]
        stack += [pooling, "tanh"]
    return stack


def build(stack: list[Any], plan: str, shape: Shape = (WIDTH,)) -> Sequential:
    network = Sequential([Layer.read(layer) for layer in stack])
    network.prepare(np.float32)
    network.build(shape)
    layers = dict(network.walk())
    parameters = {
        f"{path}.{name}": p
        for path, layer in layers.items()
        for name, p in layer.parameters.items()
    }
    FlatParameters(parameters, np.float32)
    generator = np.random.default_rng(5)
    for parameter in parameters.values():
        parameter.value[...] = generator.standard_normal(parameter.shape)
    for layer in layers.values():
        if plan == "naive":
            layer.inplace = False
        if plan == "reckless":
            layer.inplace = layer.elementwise
    if plan != "naive":
        network.share_workspace()
    return network


def run(network: Sequential, training: bool, shape: Shape = (WIDTH,)) -> list[Array]:
    """Outputs, gradients and the input after a step, and after a second one."""
    results = []
    for size in (4, 3):
        x = np.random.default_rng(size).standard_normal((size, *shape), dtype=np.float32)
        results.append(network.forward(x, training).copy())
        results.append(network.backward(results[-1] + 1.0).copy())
        results.append(x)
        results += [p.grad.copy() for _, layer in network.walk() for p in layer.parameters.values()]
    return results


def same(first: list[Array], second: list[Array]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def stacks(count: int) -> list[list[Any]]:
    return [random_stack(np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize("training", [True, False])
def test_planned_equals_naive(training: bool) -> None:
    for stack in stacks(250):
        planned, naive = build(stack, "planned"), build(stack, "naive")
        assert same(run(planned, training), run(naive, training)), stack


@pytest.mark.parametrize("training", [True, False])
def test_planned_equals_naive_on_images(training: bool) -> None:
    for seed in range(120):
        stack = random_image_stack(np.random.default_rng(seed))
        planned, naive = (build(stack, plan, IMAGE) for plan in ("planned", "naive"))
        assert same(run(planned, training, IMAGE), run(naive, training, IMAGE)), stack


def by_hand(network: Sequential, x: Array) -> Array:
    """The layers as they were written, one after another."""
    for layer in network.layers:
        x = layer.forward(x, False)
    return x


def test_layers_called_by_hand_are_the_network() -> None:
    """Activations given as shorthand included, in nested layers and on images too."""
    kinds: list[tuple[Any, Shape]] = [(random_stack, (WIDTH,)), (random_image_stack, IMAGE)]
    for seed in range(150):
        stack_of, shape = kinds[seed % 2]
        network = build(stack_of(np.random.default_rng(seed)), "planned", shape)
        x = np.random.default_rng(seed).standard_normal((4, *shape), dtype=np.float32)
        expected = network.forward(x.copy(), False).copy()
        assert np.array_equal(by_hand(network, x.copy()), expected), network.layers


def test_a_layer_called_by_hand_goes_back_through_its_activation() -> None:
    words: list[Any] = [
        {"type": "dense", "units": 3, "activation": "tanh"},
        {"type": "dense", "units": 2},
    ]
    network, other = build(words, "planned"), build(words, "planned")
    x = np.random.default_rng(1).standard_normal((4, WIDTH), dtype=np.float32)
    dy = np.random.default_rng(2).standard_normal((4, 2), dtype=np.float32)
    network.forward(x, True)
    expected = network.backward(dy.copy())
    found = x
    for layer in other.layers:
        found = layer.forward(found, True)
    dx = dy.copy()
    for layer in reversed(other.layers):
        dx = layer.backward(dx)
    assert np.array_equal(dx, expected)
    for (_, one), (_, two) in zip(network.walk(), other.walk(), strict=True):
        for name, parameter in one.parameters.items():
            assert np.array_equal(parameter.grad, two.parameters[name].grad)


def test_without_input_gradient_the_others_are_the_same() -> None:
    for stack in stacks(100):
        full, skipping = build(stack, "planned"), build(stack, "planned")
        skipping.skip_input_gradient()
        for network in (full, skipping):
            run(network, True)
        for (path, one), (_, other) in zip(full.walk(), skipping.walk(), strict=True):
            for name, parameter in one.parameters.items():
                same_grad = np.array_equal(parameter.grad, other.parameters[name].grad)
                assert same_grad, (path, name, stack)


def test_something_is_overwritten_and_recklessness_is_noticed() -> None:
    planned = [build(stack, "planned") for stack in stacks(20)]
    assert any(layer.inplace for network in planned for _, layer in network.walk())
    broken = [
        stack
        for stack in stacks(20)
        if not same(run(build(stack, "reckless"), True), run(build(stack, "naive"), True))
    ]
    assert broken


def test_one_block_for_all_gradients_is_noticed() -> None:
    broken = []
    for seed in range(20):
        stack = random_image_stack(np.random.default_rng(seed))
        planned, naive = (build(stack, plan, IMAGE) for plan in ("planned", "naive"))
        planned.workspace = Workspace(turns=1)
        for _, layer in planned.walk():
            layer.workspace = planned.workspace
        broken.append(not same(run(planned, True, IMAGE), run(naive, True, IMAGE)))
    assert any(broken)


def test_layers_of_a_model_share_memory() -> None:
    layers = [*ON_IMAGES[:4], *ON_IMAGES[-6:], {"type": "residual", "layers": ON_IMAGES[8:10]}]

    def size(plan: str) -> int:
        network = build(layers * 3, plan, IMAGE)
        run(network, True, IMAGE)
        scratches = {
            id(each): sum(block.nbytes for block in each.blocks())
            for _, layer in network.walk()
            for each in (layer.scratch, *layer.workspace.scratches)
        }
        return sum(scratches.values())

    assert size("planned") < 0.8 * size("naive")


class PeekingView(Layer):
    """A view whose backward reads the input again; no layer of ours does both."""

    keeps_output = False
    returns_view = True


def test_a_view_of_what_is_read_again_is_not_overwritten() -> None:
    dense, relu = Layer.read({"type": "dense", "units": WIDTH}), Layer.read("relu")
    plan_overwriting([dense, relu])
    assert relu.inplace
    plan_overwriting([dense, PeekingView(), relu])
    assert not relu.inplace
