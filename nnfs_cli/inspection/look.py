"""What a trained network does with one sample: its answer, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.tables.several_labels import chosen
from nnfs_cli.inspection.attribution import gradient_times_input, occlusion
from nnfs_cli.inspection.neighbours import nearest
from nnfs_cli.nn.metric import Task, class_probabilities, decided, ranked_classes
from nnfs_cli.training.network import Network

NEAREST = 8
TOP = 3
NO_LABEL = "no label"


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A training sample that is near, by its index, with its raw input and its target as text."""

    sample: int
    distance: float
    target: str
    input: Array


@dataclass(frozen=True, eq=False)
class Look:
    """A raw sample and all that the network made of it.

    ``answers`` are labels with probabilities, or scores if they are not ``certain``, the likeliest
    first; of the task ``values`` they are these, each with its name, which may be empty; of the
    task ``labels`` the ``has`` labels that the sample is given come first. ``gradient`` and
    ``occluded`` have the sample's shape; ``activations`` are by path, without the batch
    axis; ``weights`` are those of the first layer that has some.
    """

    name: str
    truth: str
    """Empty where it is not known."""
    input: Array
    task: Task
    certain: bool
    answers: list[tuple[str, float]]
    has: int
    explained: str
    """Which of several values or labels ``gradient`` and ``occluded`` speak of; else empty."""
    gradient: Array
    occluded: Array
    activations: dict[str, Array]
    weights: tuple[str, Array] | None
    neighbours: list[Neighbour]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # the numbers show it
def look_at(
    network: Network,
    sample: Array,
    name: str,
    truth: str,
    training: Samples | None,
    progress: Callable[[int, int], None] | None = None,
) -> Look:
    """Look at a raw sample of the network's input shape.

    Without ``training`` there are no neighbours, and what is taken away of a vector becomes 0.
    """
    scaled = _scaled(network, sample)
    predictions = network.predict(sample[np.newaxis])[0]
    order, has = _answered(network, predictions)
    answer = order[0]
    direction = np.zeros(network.model.output_shape)
    direction[answer if len(direction) > 1 else 0] = 1.0
    if len(direction) == 1 and network.classes and predictions[0] < 0.5:
        direction = -direction  # what speaks for the first of two classes
    fill = np.zeros_like(scaled)
    if training is not None and scaled.ndim == 1:
        fill = _scaled(network, training.inputs.mean(axis=0, dtype=np.float64))
    falls = occlusion(network, scaled, fill, min(answer, len(direction) - 1))
    return Look(
        name,
        truth,
        sample,
        network.task,
        network.gives_probabilities,
        answers_of(network, predictions, order),
        has,
        "" if network.classes or len(direction) == 1 else _name(network, answer),
        gradient_times_input(network.model, scaled, direction),
        falls * (direction[0] if len(direction) == 1 else 1.0),
        {path: y[0] for path, y in network.model.activations(scaled[np.newaxis]).items()},
        first_weights(network),
        [] if training is None else _neighbours(network, sample, training, progress),
    )


def _neighbours(
    network: Network,
    sample: Array,
    training: Samples,
    progress: Callable[[int, int], None] | None,
) -> list[Neighbour]:
    found = nearest(network, sample, training.inputs, NEAREST, progress)
    return [
        Neighbour(
            place,
            distance,
            target_text(network, training.targets[place]),
            training.inputs[place],
        )
        for place, distance in found
    ]


def _scaled(network: Network, sample: Array) -> Array:
    x = np.empty((1, *network.model.input_shape), dtype=np.float32)
    scaled: Array = network.preprocessing.apply(sample[np.newaxis], out=x)[0]
    return scaled


def _answered(network: Network, predictions: Array) -> tuple[list[int], int]:
    """Places of the outputs, those of the answer first, and how many labels the sample is given."""
    if network.classes:
        order: list[int] = ranked_classes(predictions[np.newaxis])[0].tolist()
        return order, 0
    if network.task != "labels":
        return [*range(len(predictions))], 0
    given = decided(predictions, network.preprocessing.thresholds)
    places = sorted(range(len(predictions)), key=lambda i: (not given[i], -predictions[i]))
    return places, int(np.count_nonzero(given))


def answers_of(network: Network, predictions: Array, order: list[int]) -> list[tuple[str, float]]:
    """The likeliest classes and their probabilities or scores; all labels; values as they are."""
    if network.classes is None:
        names = network.preprocessing.names or [""] * len(predictions)
        return [(names[place], float(predictions[place])) for place in order]
    probabilities = class_probabilities(predictions[np.newaxis])[0]
    return [(network.labels[place], float(probabilities[place])) for place in order[:TOP]]


def _name(network: Network, place: int) -> str:
    names = network.preprocessing.names
    return names[place] if names else f"value {place}"


def target_text(network: Network, target: Array) -> str:
    """A target by the name of its class, or its values."""
    if network.labels:
        return network.labels[int(target)]
    if network.task == "labels":
        return chosen(network.preprocessing.names, target > 0.5) or NO_LABEL
    return " ".join(f"{value:.6g}" for value in np.atleast_1d(target))


def first_weights(network: Network) -> tuple[str, Array] | None:
    """Path and numbers of the first weights, one unit or filter along the last axis."""
    for path, parameter in network.model.named_parameters().items():
        if path.endswith(".weight"):
            return path, parameter.value
    return None
