"""Is backward the derivative of forward? Central differences give the answer.

For a random upstream gradient u, the function s(x) = Σ u · layer(x) has the gradient that
``backward(u)`` returns. It is compared, number by number, with (s(x + h) - s(x - h)) / 2h in
float64. (With u = 1 everywhere a wrong softmax would pass: its true gradient is then zero.)
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.compute.random_streams import (
    Purpose,
    generator_state,
    restore_generator,
    stream,
)
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.parameter import FlatParameters, Parameter

TOLERANCE = 1e-5
STEPS = (1e-5, 1e-6)
"""h; the second one is tried where the first fails, which may have stepped over a kink."""
SAMPLES = 40
"""At most as many numbers of each array are checked, chosen at random."""


@dataclass(frozen=True)
class Result:
    """The largest error in one array, relative to its gradient's size."""

    name: str
    max_error: float

    @property
    def ok(self) -> bool:
        """Whether the gradient is right."""
        return self.max_error <= TOLERANCE


def check_layer(
    layer: Layer, input_shape: Shape, batch_sizes: Sequence[int] = (3, 2), seed: int = 0
) -> list[Result]:
    """Check dL/dinput and dL/dparameter, for each mode and batch size, through one instance.

    What belongs to a model is left alone, and a copy checked.
    """
    generator = stream(seed, Purpose.GRADIENT_CHECK)
    if isinstance(layer, Model):
        layer = Sequential(copy.deepcopy(layer.layers))
    elif layer.owner and layer.owner():
        layer = copy.deepcopy(layer)
    network = layer if isinstance(layer, Sequential) else Sequential([layer])
    parameters = materialize(network, input_shape, generator)
    results = []
    for training in (True, False):
        for size in batch_sizes:
            x = generator.standard_normal((size, *input_shape))
            label = f"{'training' if training else 'inference'}, batch of {size}"
            found = check_batch(network, parameters, x, training, generator)
            results += [Result(f"{name} ({label})", error) for name, error in found]
    return results


def check_batch(
    network: Sequential,
    parameters: dict[str, Parameter],
    x: Array,
    training: bool,
    generator: np.random.Generator,
) -> list[tuple[str, float]]:
    """The largest error in the input's and in each parameter's gradient."""
    forward = repeatable(network, training)
    u = generator.standard_normal(forward(x).shape)
    gradients = {"input": network.backward(u.copy()).copy()}
    gradients |= {name: p.grad.copy() for name, p in parameters.items()}
    places = {"input": x} | {name: p.value for name, p in parameters.items()}

    def slope_of() -> float:
        return float(np.vdot(u, forward(x)))

    return [
        (name, largest_error(slope_of, places[name], gradients[name], generator))
        for name in gradients
    ]


def check_loss(
    loss: Loss, outputs: Array, targets: Array, seed: int = 0, weights: Array | None = None
) -> Result:
    """Check dL/doutputs, of samples with ``weights`` if they have some."""
    outputs = outputs.astype(np.float64)
    _, gradient = loss.mean_and_grad(outputs, targets, weights)
    error = largest_error(
        lambda: loss.mean_and_grad(outputs, targets, weights)[0],
        outputs,
        gradient.copy(),
        stream(seed, Purpose.GRADIENT_CHECK),
    )
    return Result("outputs", error)


def largest_error(
    function: Callable[[], float], place: Array, gradient: Array, generator: np.random.Generator
) -> float:
    """The largest |gradient - difference|, relative to the numbers themselves.

    Numbers far below the array's largest count as a thousandth of it, since the differences are
    not exact enough for more.
    """
    count = min(place.size, SAMPLES)
    chosen = generator.permutation(place.size)[:count]
    exact = gradient.reshape(-1)[chosen]
    floor = 1e-3 * float(np.abs(gradient).max(initial=0.0)) + 1e-4
    worst = 0.0
    for index, value in zip(chosen.tolist(), exact.tolist(), strict=True):
        errors = []
        for h in STEPS:
            numeric = difference(function, place, index, h)
            errors.append(abs(value - numeric) / max(abs(value), abs(numeric), floor))
            if errors[-1] <= TOLERANCE:
                break
        # NaN must count as wrong, and min() would pass over it.
        worst = max(worst, float(np.min(errors)) if np.isfinite(errors).all() else np.inf)
    return worst


def difference(function: Callable[[], float], place: Array, index: int, h: float) -> float:
    """(f(x + h) - f(x - h)) / 2h in one coordinate, which is put back."""
    kept = place.flat[index]
    place.flat[index] = kept + h
    above = function()
    place.flat[index] = kept - h
    below = function()
    place.flat[index] = kept
    return (above - below) / (2.0 * h)


def materialize(
    network: Sequential, input_shape: Shape, generator: np.random.Generator
) -> dict[str, Parameter]:
    """Build in float64 and fill every parameter, away from zeros and ones; all of them by path."""
    network.prepare(np.float64)
    network.build(input_shape)
    parameters = {
        f"{path}.{name}": parameter
        for path, layer in network.walk()
        for name, parameter in layer.parameters.items()
    }
    FlatParameters(parameters, np.float64)
    for parameter in parameters.values():
        parameter.value[...] = parameter.initial(generator)
        parameter.value += 0.1 * generator.standard_normal(parameter.shape)
    return parameters


def repeatable(network: Sequential, training: bool) -> Callable[[Array], Array]:
    """The network as a function of x alone: every call draws the same random numbers."""
    generators = [layer.generator for _, layer in network.walk() if layer.random]
    kept = [generator_state(generator) for generator in generators]

    def forward(x: Array) -> Array:
        for generator, state in zip(generators, kept, strict=True):
            restore_generator(generator, state)
        return network.forward(x, training)

    return forward
