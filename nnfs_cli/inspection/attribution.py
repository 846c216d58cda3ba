"""Which inputs mattered for an answer: by the gradient, and by taking them away."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.nn.inference import infer
from nnfs_cli.nn.layer_by_layer import LayerByLayer
from nnfs_cli.nn.model import Model
from nnfs_cli.training.network import Network

SIDES = 7
"""How many patches fit side by side in an image when they are taken away one by one."""


@dataclass(frozen=True)
class Feature:
    """What belongs together in an input: a table's column, say, whose category is several."""

    name: str
    places: slice


def features_of(preprocessing: Preprocessing) -> list[Feature]:
    """The features of a vector's numbers, in their order."""
    found, start = [], 0
    for number, column in enumerate(preprocessing.columns):
        if column["kind"] in ("number", "category"):
            size = len(column["categories"]) if column["kind"] == "category" else 1
            name = column["name"] if column["name"] is not None else f"column {number}"
            found.append(Feature(name, slice(start, start + size)))
            start += size
    count = int(np.prod(preprocessing.input_shape))
    if start == count:
        return found
    return [Feature(f"input {number}", slice(number, number + 1)) for number in range(count)]


def gradient_times_input(model: Model, x: Array, direction: Array) -> Array:
    """x · ds/dx for a scaled sample x, where s = ``direction`` · outputs before a final softmax.

    To first order it is what each number adds to the score s, against an input of 0 (which is the
    mean where inputs are standardized). Shrikumar et al., "Not Just a Black Box", 2016,
    arXiv:1605.01713.
    """
    watched = LayerByLayer(model, model.flat.all_values)
    watched.forward(x[np.newaxis], training=False)
    dy = direction[np.newaxis]
    dx = watched.backward(dy, of_logits=None if model.head is None else dy)
    attributed: Array = dx[0] * x
    return attributed


def occlusion(network: Network, x: Array, fill: Array, answer: int) -> Array:
    """How far the answer falls when a part of the scaled sample x is taken away.

    Of an image every patch becomes the colour of its rim, and a pixel's number is the mean over
    the patches that cover it; of a vector each feature becomes ``fill``, the mean of the training.
    Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2013,
    arXiv:1311.2901.
    """
    places = list(_places(network.preprocessing, x.shape))
    background = _rim(x) if x.ndim == 3 else fill
    hidden = np.repeat(x[np.newaxis], len(places) + 1, axis=0)
    for row, place in zip(hidden, places, strict=False):
        row[place] = np.broadcast_to(background, x.shape)[place]
    loss = copy.copy(network.loss)
    outputs = infer(network.model, hidden, lambda batch, _: batch)
    answers = network.preprocessing.unscale(loss.predictions(outputs))[:, answer]
    falls, covered = np.zeros(x.shape), np.zeros(x.shape)
    for place, value in zip(places, answers[:-1], strict=True):
        falls[place] += float(answers[-1]) - float(value)
        covered[place] += 1.0
    return falls / np.maximum(covered, 1.0)


def _places(preprocessing: Preprocessing, shape: Shape) -> Iterator[tuple[slice, ...]]:
    if len(shape) != 3:
        yield from ((feature.places,) for feature in features_of(preprocessing))
        return
    side = max(1, min(shape[:2]) // SIDES)
    step = max(1, side // 2)
    for row in range(0, shape[0] - side + 1, step):
        for column in range(0, shape[1] - side + 1, step):
            yield slice(row, row + side), slice(column, column + side)


def _rim(x: Array) -> Array:
    """The median colour of an image's outermost pixels."""
    rim = [x[0], x[-1], x[:, 0], x[:, -1]]
    median: Array = np.median(np.concatenate(rim), axis=0)
    return median
