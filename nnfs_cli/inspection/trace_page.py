"""A traced step as one HTML page that needs no network: layers, weights and gradients."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.formatting import some
from nnfs_cli.inspection.pages import finite, floats, page_text, samples, shades
from nnfs_cli.inspection.tensor_text import digits
from nnfs_cli.inspection.trace import LayerTrace, LossTrace, ParameterTrace, StepTrace
from nnfs_cli.inspection.trace_text import SYMBOLS
from nnfs_cli.nn.layers.conv2d import Conv2D
from nnfs_cli.nn.layers.window import pair

SAMPLE_BYTES = 700_000
"""Of a page's samples together, as long as it is more than one."""
MAX_SAMPLES = 6
MAX_WHOLE = 60_000
"""Weights of a layer that a page holds exactly; of more it has images, and the largest terms."""
IMAGES = 64
"""Units whose weights are images there."""
LARGEST = 8
"""Terms of a unit's weighted sum that are listed there."""
ROWS = 16
"""Numbers of a parameter whose update is listed."""


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # the numbers show it
def trace_page(traced: StepTrace, title: str, classes: list[str]) -> str:
    """The page. Raises DataError where a network is too large for one."""
    data = _page_data(traced, f"A training step of {title}", classes)
    return page_text(data["title"], "trace.html", ("tensors.js", "sums.js", "trace.js"), data)


def _page_data(traced: StepTrace, title: str, classes: list[str]) -> dict[str, Any]:
    shown = _samples_that_fit(traced)
    layers, loss = traced.layers, traced.loss
    return {
        "title": title,
        "about": (
            f"Step {traced.step} (epoch {traced.epoch}, batch {traced.batch} of {traced.batches}) "
            f"on {len(traced.samples)} samples: loss {digits(loss.value)}, learning rate "
            f"{digits(traced.lr)}, length of the gradient {digits(traced.norm)}. Computed in "
            "float64; a training computes in float32, equal to about six digits."
        ),
        "classes": classes,
        "samples": [_sample_name(traced, number) for number in range(shown)],
        "x": samples(layers[0].x, shown),
        "layers": [_layer(layers, index, shown) for index in range(len(layers))],
        "loss": {
            "type": loss.word,
            "formula": loss.formula,
            "value": finite(loss.value),
            "notes": [f"the mean over the batch of {len(traced.samples)}", *_weighted(loss)],
            "targets": samples(loss.targets, shown),
            "predictions": samples(loss.predictions, shown),
            "gradient": samples(loss.gradient, shown),
        },
        "optimizer": {
            "type": traced.optimizer,
            "formula": traced.formula,
            "notes": [
                text for text in (f"learning rate {digits(traced.lr)}", traced.clipped) if text
            ],
        },
        "updates": [_update(parameter) for parameter in traced.parameters],
    }


def _weighted(loss: LossTrace) -> list[str]:
    if loss.weights is None:
        return []
    return [f"weighted by {some([digits(weight) for weight in loss.weights.tolist()])}"]


def _sample_name(traced: StepTrace, number: int) -> str:
    label = f": {some([traced.labels[number]])}" if traced.labels else ""
    return f"sample {traced.samples[number]}{label}"


def _samples_that_fit(traced: StepTrace) -> int:
    """How many samples of the batch the page has room for."""
    numbers = sum(math.prod(layer.y.shape[1:]) for layer in traced.layers) * 2
    fitting = SAMPLE_BYTES * 3 // 4 // (4 * max(numbers, 1))
    return max(1, min(fitting, MAX_SAMPLES, len(traced.samples)))


def _layer(layers: list[LayerTrace], index: int, shown: int) -> dict[str, Any]:
    layer = layers[index]
    source = _source(layers, index)
    passed_on = source >= 0 and np.array_equal(layers[source].dy, layer.dx)
    content: dict[str, Any] = {
        "path": layer.path,
        "type": layer.word,
        "forward": layer.forward,
        "backward": layer.backward,
        "notes": {
            "forward": [note for note in layer.notes if "dL/dx" not in note],
            "backward": [note for note in layer.notes if "dL/dx" in note],
        },
        "from": source,
        "y": samples(layer.y, shown),
        "dy": samples(layer.dy, shown),
        "dx": None if passed_on else samples(layer.dx, shown),
        "parameters": [_parameter(parameter, layers[0].x) for parameter in layer.parameters],
    }
    weight = next((p.value for p in layer.parameters if p.path.endswith(".weight")), None)
    if isinstance(layer.layer, Conv2D):
        content["geometry"] = _geometry(layer.layer) if _is_whole(weight) else None
    elif layer.word == "dense" and weight is not None and not _is_whole(weight):
        content["largest"] = _largest_terms(layer.x[:shown], weight)
    return content


def _source(layers: list[LayerTrace], index: int) -> int:
    """The layer whose output this one takes; -1 for the network's input."""
    x = layers[index].x[:1]
    for before in range(index - 1, -1, -1):
        if np.array_equal(layers[before].y[:1], x):
            return before
    return -1


def _is_whole(weight: Array | None) -> bool:
    return weight is not None and weight.size <= MAX_WHOLE


def _geometry(layer: Conv2D) -> dict[str, Any]:
    """What places a window: see `nn/layers/window.py`."""
    return {
        "strides": pair(layer.strides),
        "before": [axis.before for axis in layer.axes],
        "dilation": pair(layer.dilation),
        "groups": layer.groups,
    }


def _largest_terms(x: Array, weight: Array) -> dict[str, Any]:
    """For each sample and unit, the places i and weights of the largest |x_i W_ij|."""
    places = np.empty((len(x), weight.shape[1], LARGEST))
    weights = np.empty_like(places)
    units = np.arange(weight.shape[1])[:, np.newaxis]
    for number, row in enumerate(x):
        sizes = np.abs(row[:, np.newaxis] * weight).T
        some = np.argpartition(-sizes, LARGEST, axis=1)[:, :LARGEST]
        order = np.argsort(-np.take_along_axis(sizes, some, axis=1), axis=1)
        places[number] = np.take_along_axis(some, order, axis=1)
        weights[number] = weight[places[number].astype(int), units]
    return {"places": floats(places), "weights": floats(weights), "count": LARGEST}


def _parameter(parameter: ParameterTrace, inputs: Array) -> dict[str, Any]:
    name = parameter.path.rpartition(".")[2]
    gradient = parameter.gradient
    return {
        "path": parameter.path,
        "name": name,
        "symbol": SYMBOLS.get(name, name),
        "shape": parameter.value.shape,
        "value": _weights(parameter.value, inputs),
        "gradient": None if gradient is None else _weights(gradient, inputs),
    }


def _weights(values: Array, inputs: Array) -> dict[str, Any]:
    """A parameter whole, or an image for each of the first units of one that is large."""
    if values.size <= MAX_WHOLE:
        return {"shape": values.shape, "data": floats(values)}
    columns = values.reshape(-1, values.shape[-1])[:, :IMAGES].T
    sides = inputs.shape[1:3] if inputs.ndim == 4 and inputs.shape[3] == 1 else ()
    if not sides or sides[0] * sides[1] != columns.shape[1]:
        sides = (1, columns.shape[1])
    return {"shape": (len(columns), *sides), "images": True, "data": shades(columns)}


def _update(parameter: ParameterTrace) -> dict[str, Any]:
    assert parameter.new is not None
    assert parameter.gradient is not None
    columns = {"old w": parameter.value, "gradient g": parameter.gradient}
    for name, (before, after) in parameter.memory.items():
        columns |= {f"{name} before": before} if before.any() else {}
        columns |= {f"{name} after": after}
    columns |= {"step": parameter.change, "new w": parameter.new}
    places = list(np.ndindex(parameter.value.shape))[:ROWS]
    return {
        "path": parameter.path,
        "columns": list(columns),
        "rows": [
            [
                f"[{', '.join(map(str, at))}]",
                *(finite(float(array[at])) for array in columns.values()),
            ]
            for at in places
        ],
        "notes": [
            f"{name} was 0 before" for name, (old, _) in parameter.memory.items() if not old.any()
        ],
        "others": max(parameter.value.size - ROWS, 0),
    }
