"""JAX on the processor: the whole step compiled beforehand, its buffers donated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp
from works import LEARNING_RATE, Description, Work

jax.config.update("jax_platforms", "cpu")

Shape = tuple[int, ...]
Arrays = list[jax.Array]
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


class State(NamedTuple):
    """All that a step changes: weights, Adam's moments, running averages, steps done."""

    weights: Arrays
    means: Arrays
    squares: Arrays
    running: Arrays
    steps: jax.Array


def shapes(layers: Sequence[Description], shape: Shape) -> tuple[list[Shape], Shape]:
    """The parameters' shapes in the order of nnfs, and the outputs' shape."""
    found: list[Shape] = []
    for layer in layers:
        match layer:
            case {"type": "dense", "units": units}:
                found += [(shape[0], units), (units,)]
                shape = (units,)
            case {"type": "conv2d", "filters": filters, "strides": stride, "use_bias": bias}:
                found += [(3, 3, shape[2], filters), (filters,)][: 1 + bias]
                shape = (-(-shape[0] // stride), -(-shape[1] // stride), filters)
            case {"type": "batch_norm"}:
                found += [shape[-1:], shape[-1:]]
            case {"type": "max_pool2d"}:
                shape = (shape[0] // 2, shape[1] // 2, shape[2])
            case {"type": "global_avg_pool2d"}:
                shape = shape[2:]
            case {"type": "flatten"}:
                shape = (int(np.prod(shape)),)
            case {"type": "residual", "layers": inner}:
                within, after = shapes(inner, shape)
                found += within + ([(1, 1, shape[2], after[2])] if after != shape else [])
                shape = after
    return found, shape


def convolve(x: jax.Array, weight: jax.Array, stride: int) -> jax.Array:
    padding = [(weight.shape[0] // 2,) * 2] * 2
    return lax.conv_general_dilated(
        x, weight, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def normalize(x: jax.Array, gain: jax.Array, bias: jax.Array, seen: Arrays) -> jax.Array:
    """Batch normalization in training; ``seen`` gets what the running averages move towards."""
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    count = x.size / x.shape[-1]
    seen += [mean, variance * (count / (count - 1))]
    return (x - mean) * (gain * lax.rsqrt(variance + 1e-5)) + bias


def forward(
    layers: Sequence[Description], x: jax.Array, weights: Iterator[jax.Array], seen: Arrays
) -> jax.Array:
    for layer in layers:
        match layer:
            case {"type": "dense"}:
                x = x @ next(weights) + next(weights)
                x = jax.nn.relu(x) if "activation" in layer else x
            case {"type": "conv2d", "strides": stride, "use_bias": bias}:
                x = convolve(x, next(weights), stride)
                x = x + next(weights) if bias else x
            case {"type": "relu"}:
                x = jax.nn.relu(x)
            case {"type": "batch_norm"}:
                x = normalize(x, next(weights), next(weights), seen)
            case {"type": "max_pool2d"}:
                rows, columns = x.shape[1] // 2, x.shape[2] // 2
                x = x.reshape(len(x), rows, 2, columns, 2, -1).max((2, 4))
            case {"type": "global_avg_pool2d"}:
                x = x.mean((1, 2))
            case {"type": "flatten"}:
                x = x.reshape(len(x), -1)
            case {"type": "residual", "layers": inner}:
                inside = forward(inner, x, weights, seen)
                stride = x.shape[1] // inside.shape[1]
                x = inside + (x if x.shape == inside.shape else convolve(x, next(weights), stride))
    return x


def mean_loss(
    layers: Sequence[Description], weights: Arrays, x: jax.Array, y: jax.Array
) -> tuple[jax.Array, Arrays]:
    """Cross-entropy, and what batch normalization saw."""
    seen: Arrays = []
    logits = forward(layers, x, iter(weights), seen)
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1)
    return -chosen.mean(), seen


def initial_weights(work: Work) -> Arrays:
    generator = np.random.default_rng(0)
    weights = []
    for shape in shapes(work.layers, work.input_shape)[0]:
        deviation = np.sqrt(2 / np.prod(shape[:-1])) if len(shape) > 1 else 0.1
        weights.append(jnp.asarray(deviation * generator.standard_normal(shape), jnp.float32))
    return weights


def learn(layers: Sequence[Description], lr: float, state: State, x: Any, y: Any) -> Any:
    """A step of Adam: the new state, and the loss."""
    with_aux = jax.value_and_grad(partial(mean_loss, layers), has_aux=True)
    (loss, seen), grads = with_aux(state.weights, x, y)
    t = state.steps + 1
    means = [BETA_1 * m + (1 - BETA_1) * g for m, g in zip(state.means, grads, strict=True)]
    squares = [BETA_2 * v + (1 - BETA_2) * g * g for v, g in zip(state.squares, grads, strict=True)]
    size, root = lr / (1 - BETA_1**t), jnp.sqrt(1 - BETA_2**t)
    weights = [
        w - size * m / (jnp.sqrt(v) / root + EPSILON)
        for w, m, v in zip(state.weights, means, squares, strict=True)
    ]
    running = [0.9 * r + 0.1 * s for r, s in zip(state.running, seen, strict=True)]
    return State(weights, means, squares, running, t), loss


def start(work: Work) -> State:
    weights = initial_weights(work)
    x, y = (jnp.asarray(array) for array in work.ready_batch())
    _, seen = jax.eval_shape(partial(mean_loss, work.layers), weights, x, y)
    means, squares, running = (
        [jnp.zeros(w.shape) for w in like] for like in (weights, weights, seen)
    )
    return State(weights, means, squares, running, jnp.zeros(()))


def build(work: Work) -> Callable[[], object]:
    x, y = (jnp.asarray(array) for array in work.ready_batch())
    if work.does == "predict":
        weights = initial_weights(work)
        predict = jax.jit(
            lambda weights, x: jax.nn.softmax(forward(work.layers, x, iter(weights), []))
        )
        return lambda: np.asarray(predict(weights, x))
    state = start(work)
    compiled = jax.jit(partial(learn, work.layers, LEARNING_RATE), donate_argnums=0)

    def step() -> float:
        nonlocal state
        state, loss = compiled(state, x, y)
        return float(loss)

    return step
